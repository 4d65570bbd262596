"""Jobs at once: each ends once, with a reason, whatever ends it; and nothing is left running."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bench.cell import Cell, Cost
from bench.errors import EvobenchError
from bench.execute.executor import Ended, ToldProgress
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import ENDED, Outcome
from bench.execute.underway import Underway, finish
from tests.processes import PATIENCE, await_end, runs

CATALOG = str(Path(__file__).parents[2] / "catalogs" / "tiny.py")
MESSY = str(Path(__file__).parents[2] / "catalogs" / "messy.py")
WORD = "its last words: a word of one that stays"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    local = LocalExecutor([CATALOG, MESSY], lanes=3)
    yield local
    local.close()


def job(architecture: str = "tiny", measure: str = "process_id") -> Measure:
    return Measure(Cell(architecture, measure, Cost(mode="infer", resolution=16, threads=1)), 0.01)


@dataclass(frozen=True)
class Staying:
    """A job that goes on until somebody ends it."""

    handle: int
    process: int
    lane: int


def staying(executor: LocalExecutor, number: int = 3) -> list[Staying]:
    """So many of them, at once: each has begun."""
    handles = {executor.begin(job(measure="stay"), "local") for _ in range(number)}
    found = [told(executor) for _ in handles]
    assert handles == {event.handle for event in found}
    return [Staying(event.handle, event.frame["process"], event.frame["lane"]) for event in found]


def told(executor: LocalExecutor) -> ToldProgress:
    """The next event, which is a word of progress."""
    event = executor.next_event(PATIENCE)
    assert isinstance(event, ToldProgress), event
    return event


def ended(executor: LocalExecutor, number: int) -> dict[int, Outcome]:
    """The next events, which are ends, by their handles."""
    events = [executor.next_event(PATIENCE) for _ in range(number)]
    found = {event.handle: event.outcome for event in events if isinstance(event, Ended)}
    assert number == len(found), events
    return found


def end(executor: LocalExecutor, jobs: list[Staying]) -> dict[int, Outcome]:
    """End them all; what became of each."""
    for each in jobs:
        executor.cancel(each.handle)
    return ended(executor, len(jobs))


def server_of(each: Staying) -> int:
    return int(psutil.Process(each.lane).ppid())


def test_jobs_at_once_are_in_lanes_of_one_server_each(executor: LocalExecutor) -> None:
    jobs = staying(executor)
    servers = {server_of(each) for each in jobs}
    end(executor, jobs)
    assert (3, 3, 1) == (len({each.process for each in jobs}), len({each.lane for each in jobs}), len(servers))


def test_a_lane_does_job_after_job(executor: LocalExecutor) -> None:
    first = staying(executor)
    end(executor, first)
    second = staying(executor)
    end(executor, second)
    assert {each.lane for each in first} == {each.lane for each in second}


def test_more_jobs_than_lanes_are_refused(executor: LocalExecutor) -> None:
    jobs = staying(executor)
    with pytest.raises(EvobenchError, match="all lanes of 'local' are at work: 3"):
        executor.begin(job(), "local")
    end(executor, jobs)


def test_a_job_that_is_cancelled_ends_once_and_the_others_go_on(executor: LocalExecutor) -> None:
    first, *others = staying(executor)
    assert {first.handle: ENDED} == end(executor, [first])
    await_end(first.process)
    assert [True, True] == [runs(each.process) for each in others]
    end(executor, others)


def test_to_cancel_what_has_ended_is_nothing(executor: LocalExecutor) -> None:
    (each,) = staying(executor, 1)
    end(executor, [each])
    executor.cancel(each.handle)
    assert None is executor.next_event(0.0)


def test_a_lane_that_is_killed_costs_its_job_alone(executor: LocalExecutor) -> None:
    first, *others = staying(executor)
    os.kill(first.lane, signal.SIGKILL)
    (outcome,) = ended(executor, 1).values()
    await_end(first.process)
    end(executor, others)
    assert Outcome("failed", f"ended with its server, which crashed or was killed; {WORD}") == outcome


def test_a_lane_that_is_killed_while_it_has_nothing_to_do_is_replaced(executor: LocalExecutor) -> None:
    jobs = staying(executor)
    end(executor, jobs)
    for each in jobs:
        os.kill(each.lane, signal.SIGKILL)
    await_end(*(each.lane for each in jobs))
    assert None is executor.next_event(0.2)  # in which the driver hears of it
    assert "ok" == finish(executor, job(), PATIENCE).status


def test_a_lane_that_was_stopped_ends_its_job_all_the_same(executor: LocalExecutor) -> None:
    (each,) = staying(executor, 1)
    os.kill(each.lane, signal.SIGSTOP)
    assert {each.handle: ENDED} == end(executor, [each])


def test_a_job_that_was_stopped_is_ended_by_its_limit(executor: LocalExecutor) -> None:
    underway = Underway(executor)
    handle = underway.begin(job(measure="stay"), "local", 1.0)
    event = underway.next()
    assert isinstance(event, ToldProgress)
    os.kill(event.frame["process"], signal.SIGSTOP)
    assert Ended(handle, Outcome("timeout", "ended after its limit of 1 s")) == underway.next()
    await_end(event.frame["process"])


def test_a_crash_is_told_in_its_own_words_not_in_those_of_a_job_beside(executor: LocalExecutor) -> None:
    jobs = staying(executor, 2)
    crashed = finish(executor, job("crashing", "latency"), PATIENCE)
    end(executor, jobs)
    assert Outcome("failed", "crashed with SIGSEGV") == crashed


def test_what_a_job_left_behind_does_not_hide_that_its_lane_has_ended(
    executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.execute.local.process.CLOSING", 0.05)
    handle = executor.begin(job("outliving", "linger"), "local")
    said = told(executor).frame
    os.kill(said["lane"], signal.SIGKILL)
    assert "failed" == ended(executor, 1)[handle].status


def lingering(executor: LocalExecutor) -> dict[str, int]:
    """A job that has started a process out of its group's reach: the two, and its lane."""
    executor.begin(job("outliving", "linger"), "local")
    said = told(executor).frame
    return {"left": said["left"], "lane": said["lane"], "server": psutil.Process(said["lane"]).ppid()}


def test_what_has_left_the_group_of_a_job_ends_with_a_lane_that_is_killed_when_the_next_begins(
    executor: LocalExecutor,
) -> None:
    said = lingering(executor)
    os.kill(said["lane"], signal.SIGKILL)
    ended(executor, 1)
    jobs = staying(executor)  # in new lanes
    await_end(said["left"])
    assert 3 == len(end(executor, jobs))


def test_what_has_left_the_group_of_a_job_ends_with_a_server_that_is_killed(executor: LocalExecutor) -> None:
    said = lingering(executor)
    os.kill(said["server"], signal.SIGKILL)
    await_end(said["left"], said["lane"])
    assert 1 == len(ended(executor, 1))


def test_what_has_left_the_group_of_a_job_ends_with_a_server_that_is_asked_to_end(executor: LocalExecutor) -> None:
    said = lingering(executor)
    os.kill(said["server"], signal.SIGTERM)
    await_end(said["left"], said["lane"], said["server"])
    assert 1 == len(ended(executor, 1))


def test_a_server_that_is_killed_ends_each_job_once_and_is_replaced(executor: LocalExecutor) -> None:
    jobs = staying(executor)
    os.kill(server_of(jobs[0]), signal.SIGKILL)
    found = [(outcome.status, outcome.lost) for outcome in ended(executor, 3).values()]
    await_end(*(each.process for each in jobs), *(each.lane for each in jobs))
    assert ([("failed", True)] * 3, "ok") == (found, finish(executor, job(), PATIENCE).status)


def test_to_close_leaves_nothing_behind() -> None:
    gc.collect()  # what earlier tests left open
    before = psutil.Process().num_fds()
    executor = LocalExecutor([CATALOG], lanes=3)
    jobs = staying(executor)
    there = [*(each.process for each in jobs), *(each.lane for each in jobs), server_of(jobs[0])]
    executor.close()
    assert [] == [pid for pid in there if psutil.pid_exists(pid)]
    assert before >= psutil.Process().num_fds()


def test_where_nothing_is_forked_jobs_at_once_have_an_interpreter_each() -> None:
    executor = LocalExecutor([CATALOG], fork=False, lanes=2)
    jobs = staying(executor, 2)
    end(executor, jobs)
    await_end(*(each.process for each in jobs))
    executor.close()
    assert [os.getpid()] * 2 == [each.lane for each in jobs]


def test_where_nothing_is_forked_a_catalogue_that_does_not_load_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import no_such_module_anywhere\n")
    executor = LocalExecutor([str(tmp_path / "broken.py")], fork=False)
    outcome = finish(executor, job(), PATIENCE)
    executor.close()
    assert ("failed", True) == (outcome.status, "no_such_module_anywhere" in outcome.reason)
