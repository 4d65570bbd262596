"""The reports of a store at an address of this host: rendered when they are first asked for, nothing else served.

A page is kept until the store changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from urllib.parse import quote, unquote

from bench.errors import EvobenchError, UsageError
from bench.store.database import Store
from bench.text.stdout import data_out

HOST = "127.0.0.1"
_OWN = re.compile(rf"(?:{re.escape(HOST)}|localhost)(?::[0-9]{{1,5}})?")
"""How a reader names this host; the port may be another, where it is forwarded."""
_REPORTS = "/run/"
_MOST_PAGES = 16
"""Kept at a time: a few megabytes each."""
Say = Callable[[str], object]


class Pages:
    """The pages of a store, each rendered once as long as the store stays the same."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._of: tuple[object, ...] = ()
        self._texts: dict[str, str] = {}
        self._lock = Lock()

    def at(self, path: str) -> str | None:
        """The page at an address, None where there is none.

        Raises:
            EvobenchError: the store cannot be read.
        """
        with self._lock:  # readers who ask for the same at once wait for the one that is being made
            state = self._state()
            if state != self._of:
                self._of, self._texts = state, {}
            if path not in self._texts:
                with Store.open(self._store) as store:
                    text = _rendered(store, path)
                if text is None:  # of whatever readers may think of, nothing is kept
                    return None
                while len(self._texts) >= _MOST_PAGES:
                    self._texts.pop(next(iter(self._texts)))
                self._texts[path] = text
            return self._texts[path]

    def _state(self) -> tuple[object, ...]:
        """State that differs after every change: of the file, and of the journal that changes are in at first."""
        files = (self._store, self._store.with_name(f"{self._store.name}-wal"))
        return tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists())


class _Handler(BaseHTTPRequestHandler):
    """Answers `/` with the store's history and `/run/ID` with the report of that run."""

    server_version = "evobench"
    sys_version = ""
    timeout = 60.0
    """Seconds that a reader may take to ask."""

    def __init__(self, pages: Pages, *arguments: object) -> None:
        self.pages = pages
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a page."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer as `do_GET` would, without the page."""
        self._answer(with_body=False)

    def handle(self) -> None:
        """Answer; a reader who goes away meanwhile is none of the terminal's business."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the terminal is the user's."""

    def _answer(self, with_body: bool) -> None:
        status, kind, text = self._page()
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"text/{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _page(self) -> tuple[HTTPStatus, str, str]:
        """Status, kind of text and text."""
        if not self._is_meant():
            return HTTPStatus.FORBIDDEN, "plain", "this server answers to its own address alone\n"
        path = unquote(self.path.partition("?")[0])
        try:
            text = self.pages.at(path)
        except EvobenchError as error:
            return HTTPStatus.INTERNAL_SERVER_ERROR, "plain", f"{error}\n"
        except Exception as error:  # noqa: BLE001 the reader must hear of it, whatever it is
            what = f"this page cannot be made: {type(error).__name__}: {error}"
            return HTTPStatus.INTERNAL_SERVER_ERROR, "plain", f"{what}\n"
        if text is None:
            return HTTPStatus.NOT_FOUND, "plain", "nothing here: / lists the runs\n"
        return HTTPStatus.OK, "html", text

    def _is_meant(self) -> bool:
        """Whether the reader named this host: a foreign page must not read us under a name that it made up.

        A second name, or a whole address in the request, would say something else to whoever reads it first.
        """
        hosts = self.headers.get_all("Host", [])
        return len(hosts) == 1 and _OWN.fullmatch(hosts[0]) is not None and self.path.startswith("/")


def serve(store: Path, port: int, say: Say | None = None) -> None:
    """Serve until an interrupt, which passes through; `say` gets the address when it is open.

    Args:
        store: the file; it is looked at anew for each page, so that later runs appear.
        port: 0 for any that is free.
        say: prints the address; None: as data.

    Raises:
        UsageError: the port is taken or forbidden.
    """
    server = listen(store, port)
    try:
        (say or data_out().write)(f"http://{HOST}:{server.server_address[1]}/\n")
        data_out().flush()
        server.serve_forever()
    finally:
        server.server_close()


def listen(store: Path, port: int) -> ThreadingHTTPServer:
    """A server on the loopback address alone, not serving yet.

    Raises:
        UsageError: the port is taken or forbidden.
    """
    try:
        server = ThreadingHTTPServer((HOST, port), partial(_Handler, Pages(store)))
    except OSError as error:
        raise UsageError(f"cannot serve at port {port}: {error.strerror}; --port names another") from error
    server.daemon_threads = True
    return server


def _rendered(store: Store, path: str) -> str | None:
    """The page of an address, None where there is none: a run is named by its whole id."""
    from reports.page.document import render
    from reports.page.several import render_history

    known = [run.id for run in store.runs()]
    if path == "/":
        return render_history(store, {name: f"{_REPORTS}{quote(name, safe='')}" for name in known})
    name = path.removeprefix(_REPORTS)
    return render(store, name) if path.startswith(_REPORTS) and name in known else None
