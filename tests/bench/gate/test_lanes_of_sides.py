"""Real sides that do several jobs at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from bench.execute.executor import Ended
from bench.execute.jobs import Measure
from bench.execute.local.process import Process
from bench.execute.outcome import Outcome
from bench.execute.underway import Underway
from bench.gate.at_once import OnSides
from bench.gate.sides import SideServer
from bench.gate.steps import Servers
from tests.bench.gate.test_sides import LIMIT, cell, side


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SideServer]:
    """One server for all tests."""
    with SideServer(side(tmp_path_factory.mktemp("side")), ()) as started:
        started.await_ready()
        yield started


def at_once(server: SideServer, number: int = 3) -> list[Outcome]:
    """What becomes of a count, so many times on each side at once."""
    lanes = OnSides(Servers(server, server, server), number)
    underway = Underway(lanes)
    for host in ("base", "head"):
        for _ in range(number):
            underway.begin(Measure(cell("parameters"), 1.0), host, LIMIT)
    ended = [event.outcome for event in iter(underway.next, None) if isinstance(event, Ended)]
    lanes.close()
    return ended


@pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
def test_jobs_at_once_are_done_beside_each_other_by_a_side(server: SideServer) -> None:
    assert [(650.0,)] * 6 == [outcome.values for outcome in at_once(server)]


def test_a_server_goes_on_where_its_lanes_are_closed(server: SideServer) -> None:
    at_once(server, 1)
    assert "ok" == server.begin(Measure(cell("parameters"), 1.0)).finish(LIMIT).status


def test_a_side_of_an_older_revision_that_has_no_lanes_does_jobs_at_once_all_the_same(
    server: SideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Process, "has_lanes", property(lambda _: False))
    assert [(650.0,)] * 2 == [outcome.values for outcome in at_once(server, 1)]
