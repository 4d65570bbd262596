"""Whoever is stopped, hangs or does not answer is waited for with a limit, and nothing of it is left."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.errors import EvobenchError
from bench.execute.executor import Ended
from bench.execute.jobs import Fetch
from bench.execute.local.engine import Server
from bench.execute.local.executor import SERVER as SERVER_FILE
from bench.execute.local.executor import Lanes
from bench.execute.local.process import BY_THE_DOOR, NotStarted, Program
from bench.execute.local.running import Running
from bench.execute.outcome import ENDED, Outcome
from tests.processes import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops processes")
SERVER = """
import json, os, signal, sys
def say(**frame):
    os.write(1, b"\\n" + json.dumps(frame).encode() + b"\\n")
def stop():
    os.kill(os.getpid(), signal.SIGSTOP)
sys.stdin.readline(), sys.stdin.readline()  # its orders
way = sys.argv[1]
if way == "hangs": signal.pause()
if way == "stops": stop()
say(event="ready", lanes=way == "has lanes")
if way in ("is deaf", "has lanes"): signal.pause()
while line := sys.stdin.readline():
    if line.strip():
        say(event="progress", number=json.loads(line)["number"])
        if way == "stops at a job": stop()
        signal.pause()
"""
"""A server that goes one way, without torch."""
HANGING = ("hangs", "stops")
JOB = Fetch("weights", "lenet5")
LARGE = Fetch("weights", "x" * (1 << 20))
"""A job that no pipe holds."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("pipe.ANSWER", "lane.ANSWER", "running.ENDING", "process.ENDING"):
        monkeypatch.setattr(f"bench.execute.local.{place}", 0.2)


@pytest.fixture(autouse=True)
def _leaves_nothing() -> Iterator[None]:
    before = set(psutil.Process().children())
    yield
    assert set() == set(psutil.Process().children()) - before


def server(way: str, *, forks: bool = False, start: float = PATIENCE, catalogs: tuple[str, ...] = ()) -> Server:
    command = (sys.executable, "-S", "-c", SERVER, way)
    return Server(Program(command, (), catalogs, forks=forks, start=start))


@pytest.mark.parametrize("way", HANGING)
def test_a_server_that_does_not_stand_in_time_is_given_up(way: str) -> None:
    with pytest.raises(NotStarted, match=r"it does not answer within 0 s"):
        server(way, start=0.2).await_ready()


def test_what_it_imports_meanwhile_is_named() -> None:
    with pytest.raises(NotStarted, match=r"in which it imports torch and catalogue 'mine\.py'"):
        server("hangs", start=0.2, catalogs=("mine.py",)).await_ready()


@pytest.mark.parametrize("way", HANGING)
def test_a_run_ends_with_one_line_where_its_server_does_not_stand(way: str) -> None:
    lanes = Lanes({"local": server(way, start=0.2)}, 1)
    with pytest.raises(EvobenchError, match="the measuring process did not start: it does not answer within 0 s"):
        # where nothing is forked, the job itself waits for its start
        Lanes({"local": server(way, forks=True, start=0.2)}, 1).begin(JOB, "local")
    lanes.close()


@pytest.mark.parametrize("way", ["is deaf", "stops at a job"])
def test_a_job_whose_server_does_not_answer_ends_at_its_limit(way: str) -> None:
    one = server(way)
    outcome = one.begin(JOB).finish(0.2)
    one.close()
    assert Outcome("timeout", "ended after its limit of 0 s") == outcome


def test_a_job_that_a_server_does_not_take_is_lost_which_is_not_its_own_fault() -> None:
    one = server("is deaf")
    outcome = one.begin(LARGE).finish(PATIENCE)
    one.close()
    assert ("failed", True) == (outcome.status, outcome.lost)


def test_a_server_that_forks_no_lane_is_replaced_once_then_given_up() -> None:
    lanes = Lanes({"local": server("has lanes", forks=True)}, 1)
    with pytest.raises(EvobenchError, match="did not start: it does not answer within 0 s"):
        lanes.begin(JOB, "local")


def test_a_job_that_is_cancelled_ends_though_its_process_was_stopped() -> None:
    lanes = Lanes({"local": server("stops at a job")}, 1)
    handle = lanes.begin(JOB, "local")
    lanes.next_event(PATIENCE)
    lanes.cancel(handle)
    event = lanes.next_event(PATIENCE)
    lanes.close()
    assert Ended(handle, ENDED) == event


def test_a_system_that_grants_no_thread_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(NotStarted, match="can't start new thread"):
        server("hangs").await_ready()


def test_a_server_without_memory_for_its_libraries_is_refused_with_the_reason() -> None:
    command = ("bash", "-c", 'ulimit -d 60000; exec "$@"', "", sys.executable, *BY_THE_DOOR, str(SERVER_FILE))
    with pytest.raises(NotStarted, match="a process can have no 67 MB of memory more"):
        Server(Program(command, tuple(sys.path), preload=("torch",), forks=True)).await_ready()


class Undying:
    """A peer that the kernel does not let end."""

    def __init__(self) -> None:
        self.errors = Path("/dev/null").open("rb")  # noqa: SIM115 - closed with the peer
        self.is_over = False
        self.killed: list[int | None] = []

    def say(self, _: dict[str, Any]) -> bool:
        return True

    def kill(self, pid: int | None) -> None:
        self.killed.append(pid)

    def end(self) -> None:
        self.errors.close()


class Uncounted:
    """Kills that nobody counts."""

    def count(self) -> None:
        return None


def undying() -> tuple[Undying, Running]:
    peer = Undying()
    running = Running(peer, JOB, 1, Uncounted())  # type: ignore[arg-type]
    running.take({"event": "started", "pid": 7, "number": 1})
    return peer, running


def test_what_does_a_job_that_does_not_end_is_killed_with_it() -> None:
    peer, running = undying()
    running.stop()
    running.insist()
    assert ([7, None], None) == (peer.killed, running.outcome)
    peer.end()


def test_a_job_that_nothing_ends_is_waited_for_no_more() -> None:
    peer, running = undying()
    running.stop()
    running.insist()
    running.insist()
    assert (ENDED, True) == (running.outcome, peer.is_over)
    peer.end()


def test_while_nobody_asks_for_its_end_a_job_may_take_for_ever() -> None:
    peer, running = undying()
    assert float("inf") == running.patience
    peer.end()
