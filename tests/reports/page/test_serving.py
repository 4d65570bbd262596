"""The reports of a store at an address of this host."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.errors import UsageError
from reports.page.serving import HOST, Pages, listen, serve

Ask = Callable[..., tuple[HTTPResponse, str]]


@pytest.fixture(scope="module")
def port(synthetic: Path) -> Iterator[int]:
    """A server of the plausible run's store."""
    server = listen(synthetic, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(port: int) -> Ask:
    def _ask(path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(HOST, port)
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text

    return _ask


def test_the_first_page_links_the_report_of_each_run(ask: Ask) -> None:
    response, text = ask("/")
    assert (200, "text/html; charset=utf-8") == (response.status, response.getheader("Content-Type"))
    assert '<a href="/run/20260102-030405-synthetic">' in text


def test_a_run_has_its_report(ask: Ask) -> None:
    _, text = ask("/run/20260102-030405-synthetic")
    assert '<section id="evolution"' in text


@pytest.mark.parametrize(
    "path",
    ["/run/", "/run/2026", "/run/latest", "/runs.sqlite", "/run/../runs.sqlite", "/..%2f..%2fetc/passwd"],
)
def test_nothing_else_is_served(ask: Ask, path: str) -> None:
    response, text = ask(path)
    assert (404, "nothing here: / lists the runs\n") == (response.status, text)


def test_the_head_of_a_page_comes_without_the_page(ask: Ask) -> None:
    response, text = ask("/", "HEAD")
    assert (200, "") == (response.status, text)
    assert 0 < int(response.getheader("Content-Length") or 0)


def test_nothing_is_written_through_it(ask: Ask) -> None:
    response, _ = ask("/", "POST")
    assert 501 == response.status


def test_a_page_of_another_name_cannot_read_it(ask: Ask) -> None:
    response, _ = ask("/", Host="evil.example:80")
    assert 403 == response.status


@pytest.mark.parametrize("host", [HOST, "localhost", f"{HOST}:80"])
def test_a_browser_leaves_port_80_out_and_is_answered(ask: Ask, host: str) -> None:
    response, _ = ask("/nothing", Host=host)
    assert 404 == response.status


@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example",
        "GET / HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1",
        "GET / HTTP/1.1",
        "GET / HTTP/1.0",
        "GET / HTTP/1.1\r\nHost:",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:80@evil.example",
        "GET / HTTP/1.1\r\nHost: evil.example@127.0.0.1",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:\N{SUPERSCRIPT TWO}",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1, evil.example",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example",
        "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1",
        "GET * HTTP/1.1\r\nHost: 127.0.0.1",
    ],
)
def test_a_request_that_does_not_name_this_host_once_and_alone_is_refused(port: int, request_text: str) -> None:
    with socket.create_connection((HOST, port)) as line:
        line.sendall(f"{request_text}\r\n\r\n".encode())
        answer = line.makefile("rb").readline().decode()
    assert "HTTP/1.0 403 Forbidden\r\n" == answer


def test_a_page_that_cannot_be_made_is_told_in_one_line(synthetic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise KeyError("call")

    monkeypatch.setattr("reports.page.document.render", broken)
    status, text = _answer_of(listen(synthetic, 0), "/run/20260102-030405-synthetic")
    assert (500, "this page cannot be made: KeyError: 'call'\n") == (status, text)


def test_a_page_is_rendered_once_as_long_as_the_store_stays_the_same(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = ask("/run/20260102-030405-synthetic")
    monkeypatch.setattr("reports.page.document.render", lambda *_: "rendered again")
    assert first == ask("/run/20260102-030405-synthetic")[1]


def test_a_later_run_appears_on_a_page_that_was_served_before(
    tmp_path: Path, build_run: Callable[[Path, Any], Any], plan: Any
) -> None:
    store = tmp_path / "runs.sqlite"
    build_run(store, plan)
    pages = Pages(store)
    before = pages.at("/")
    build_run(store, replace(plan, id="20270102-030405-later"))
    assert (False, True) == ("-later" in str(before), "-later" in str(pages.at("/")))


def test_it_listens_on_the_loopback_address_alone(synthetic: Path) -> None:
    server = listen(synthetic, 0)
    address = server.server_address[0]
    server.server_close()
    assert "127.0.0.1" == address


def test_a_port_that_is_taken_is_wrong_use(synthetic: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(UsageError, match="--port names another"):
            listen(synthetic, other.getsockname()[1])


def test_an_interrupt_ends_it_and_passes_through(synthetic: Path) -> None:
    said: list[str] = []

    def say(address: str) -> None:
        said.append(address)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        serve(synthetic, 0, say)
    assert said[0].startswith("http://127.0.0.1:")


def test_a_store_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    status, text = _answer_of(listen(tmp_path / "none.sqlite", 0), "/")
    assert (500, 1) == (status, text.count("\n"))
    assert "no store at" in text


def _answer_of(server: ThreadingHTTPServer, path: str) -> tuple[int, str]:
    """What it answers to a single request, its last."""
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    connection = HTTPConnection(HOST, int(server.server_address[1]))
    connection.request("GET", path)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    thread.join()
    server.server_close()
    return response.status, text
