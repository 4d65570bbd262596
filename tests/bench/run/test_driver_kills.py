"""What the driver does with a job that is ended from outside: killed, or gone with its server or host."""

from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from bench.cell import Status
from bench.execute.jobs import Job, Make, Measure
from bench.execute.outcome import Outcome
from bench.run.driver import LOSSES, STARVED, Pace, drive
from tests.bench.driving import Recorder, declarations, desk, step
from tests.bench.run.staging import fine

KILLED = Outcome("failed", "killed by SIGKILL", killed=True, lost=True)
SHARED = [step("driver_shared", 32), step("driver_shared", 64)]
STARVING = Outcome("oom", "killed by the kernel for want of memory", killed=True, lost=True)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    with declarations():
        yield


def killing(kind: type[Job], times: int, outcome: Outcome = KILLED) -> Recorder:
    """An executor on which so many jobs of a kind are killed, the first ones."""
    left = chain(repeat(outcome, times), repeat(None))

    def answer(job: Job) -> Outcome:
        return (isinstance(job, kind) and next(left)) or fine(job)

    return Recorder(answer)


def test_a_kill_while_an_artifact_is_made_costs_the_cells_that_need_it_nothing(tmp_path: Path) -> None:
    executor = killing(Make, 1)
    place = desk(tmp_path, executor, SHARED)
    state = drive(place, SHARED, Pace())
    assert ("complete", ["ok", "ok"]) == (state, [row.status for row in place.store.records("r1")])
    assert [Make, Make, Measure, Measure] == [type(job) for job in executor.jobs]


def test_cells_whose_artifact_is_killed_time_and_again_are_left_without_a_record(tmp_path: Path) -> None:
    executor, steps = killing(Make, LOSSES), [*SHARED, step("driver_count")]
    place = desk(tmp_path, executor, steps)
    state = drive(place, steps, Pace())
    assert ("interrupted", ["ok"]) == (state, [row.status for row in place.store.records("r1")])


def test_cells_whose_artifact_was_killed_are_measured_when_the_run_is_resumed(tmp_path: Path) -> None:
    place = desk(tmp_path, killing(Make, LOSSES), SHARED)
    drive(place, SHARED, Pace())
    state = drive(place, SHARED, Pace())
    assert ("complete", ["ok", "ok"]) == (state, [row.status for row in place.store.records("r1")])


@pytest.mark.parametrize(("outcome", "times"), [(KILLED, LOSSES), (STARVING, STARVED)])
def test_a_cell_that_is_killed_whenever_it_runs_has_failed(tmp_path: Path, outcome: Outcome, times: int) -> None:
    executor, steps = killing(Measure, times, outcome), [step()]
    place = desk(tmp_path, executor, steps)
    drive(place, steps, Pace())
    (row,) = place.store.records("r1")
    expected = outcome.status, f"{outcome.reason}, each of the {times} times that it ran"
    assert (times, expected) == (len(executor.jobs), (row.status, row.reason))


def test_one_kill_costs_a_cell_its_time_and_no_more(tmp_path: Path) -> None:
    place = desk(tmp_path, killing(Measure, 1), [step()])
    drive(place, [step()], Pace())
    assert ["ok"] == [row.status for row in place.store.records("r1")]


@pytest.mark.parametrize("status", ["failed", "oom", "timeout", "unsupported"])
def test_what_ends_by_itself_is_begun_once(tmp_path: Path, status: Status) -> None:
    executor = killing(Make, 9, Outcome(status, "its own fault"))
    drive(desk(tmp_path, executor, SHARED), SHARED, Pace())
    assert [Make] == [type(job) for job in executor.jobs]


def test_the_draft_of_what_was_killed_does_not_outlive_the_run(tmp_path: Path) -> None:
    nobody = 1 << 22  # above the largest process id
    place = desk(tmp_path, Recorder(), [step()])
    draft = place.shelf.folder / f".driver_matrix-{'0' * 16}.{nobody}"
    draft.parent.mkdir()
    draft.write_bytes(b"half")
    drive(place, [step()], Pace())
    assert not draft.exists()
