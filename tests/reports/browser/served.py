"""Pages at an address, with the policy of a server that is strict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, policy: str, *arguments: object, directory: str) -> None:
        self.policy = policy
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def served(folder: Path, policy: str) -> Iterator[str]:
    """The address of a folder while it is served with a Content-Security-Policy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, policy, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
