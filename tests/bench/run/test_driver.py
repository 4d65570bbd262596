"""The driver: what it asks of the executor, and what it writes into the store. No process is started."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import StoreError
from bench.execute.jobs import Make, Measure
from bench.execute.outcome import Outcome
from bench.run.driver import Pace, drive
from tests.bench.driving import Recorder, declarations, desk, step


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """The declarations of `driving`, during each test."""
    with declarations():
        yield


def test_each_cell_gets_one_record(tmp_path: Path) -> None:
    steps = [step(resolution=32), step(resolution=64)]
    place = desk(tmp_path, Recorder(), steps)
    drive(place, steps, Pace())
    assert [s.planned.cell.key for s in steps] == [row.cell_key for row in place.store.records("r1")]


def test_replicates_are_processes_of_their_own(tmp_path: Path) -> None:
    executor = Recorder()
    place = desk(tmp_path, executor, [step(replicates=3)])
    drive(place, [step(replicates=3)], Pace())
    assert (3, [0, 1, 2]) == (len(executor.jobs), [row.replicate for row in place.store.records("r1")])


def test_what_has_a_record_is_not_measured_again(tmp_path: Path) -> None:
    executor = Recorder()
    place = desk(tmp_path, executor, [step()])
    drive(place, [step()], Pace())
    drive(place, [step()], Pace())
    assert 1 == len(executor.jobs)


def test_a_failed_cell_is_a_record_with_its_reason(tmp_path: Path) -> None:
    place = desk(tmp_path, Recorder(lambda _: Outcome("failed", "a shape was wrong")), [step()])
    drive(place, [step()], Pace())
    assert [("failed", "a shape was wrong")] == [(r.status, r.reason) for r in place.store.records("r1")]


def test_a_resolution_under_the_architectures_minimum_is_unsupported_and_starts_nothing(tmp_path: Path) -> None:
    executor = Recorder()
    place = desk(tmp_path, executor, [step(resolution=31)])
    drive(place, [step(resolution=31)], Pace())
    (row,) = place.store.records("r1")
    assert ("unsupported", "driver_net takes pictures of 32 px or more", []) == (
        row.status,
        row.reason,
        executor.jobs,
    )


def test_an_artifact_that_two_cells_share_is_made_once(tmp_path: Path) -> None:
    executor = Recorder()
    steps = [step("driver_shared", 32), step("driver_shared", 64)]
    drive(desk(tmp_path, executor, steps), steps, Pace())
    assert [Make, Measure, Measure] == [type(job) for job in executor.jobs]


def test_a_cell_whose_artifact_failed_is_failed_and_says_which(tmp_path: Path) -> None:
    steps = [step("driver_shared")]
    place = desk(tmp_path, Recorder(lambda _: Outcome("failed", "no such digits")), steps)
    drive(place, steps, Pace())
    expected = "needs driver_matrix name=shared, which could not be made: no such digits"
    assert [("failed", expected)] == [(r.status, r.reason) for r in place.store.records("r1")]


def test_a_cell_whose_artifact_took_too_long_has_timed_out(tmp_path: Path) -> None:
    steps = [step("driver_shared")]
    place = desk(tmp_path, Recorder(lambda _: Outcome("timeout", "ended after its limit of 1 s")), steps)
    drive(place, steps, Pace())
    assert ["timeout"] == [row.status for row in place.store.records("r1")]


def test_an_artifact_that_failed_is_not_tried_again_when_the_run_is_resumed(tmp_path: Path) -> None:
    executor = Recorder(lambda _: Outcome("failed", "no such digits"))
    steps = [step("driver_shared", 32), step("driver_shared", 64)]
    place = desk(tmp_path, executor, steps)
    drive(place, steps[:1], Pace())
    drive(place, steps, Pace())
    assert (1, 2) == (len(executor.jobs), len(place.store.records("r1")))


def test_what_an_unsupported_artifact_leads_to_is_unsupported(tmp_path: Path) -> None:
    steps = [step("driver_shared")]
    place = desk(tmp_path, Recorder(lambda _: Outcome("unsupported", "no weights here")), steps)
    drive(place, steps, Pace())
    assert ["unsupported"] == [row.status for row in place.store.records("r1")]


@pytest.mark.parametrize(
    ("measure_name", "host", "again"),
    [
        ("driver_time", "here", True),
        ("driver_score", "here", False),
        ("driver_score", "elsewhere", True),
        ("driver_count", "elsewhere", False),
    ],
)
def test_a_kept_figure_stands_for_a_new_one_only_where_it_would_repeat(
    tmp_path: Path, measure_name: str, host: str, again: bool
) -> None:
    first, second = Recorder(), Recorder()
    drive(desk(tmp_path, first, [step(measure_name)]), [step(measure_name)], Pace())
    drive(desk(tmp_path, second, [step(measure_name)], "r2", host), [step(measure_name)], Pace())
    assert again == bool(second.jobs)


def test_a_figure_that_says_it_does_not_repeat_stands_for_no_new_one(tmp_path: Path) -> None:
    steps, details = [step("driver_score")], {"not_deterministic": ["put_ does not"]}
    first, second = Recorder(lambda _: Outcome("ok", values=(1.0,), details=details)), Recorder()
    drive(desk(tmp_path, first, steps), steps, Pace())
    drive(desk(tmp_path, second, steps, "r2"), steps, Pace())
    assert (1, 1) == (len(first.jobs), len(second.jobs))


def test_a_figure_that_was_taken_over_names_the_run_that_measured_it(tmp_path: Path) -> None:
    steps = [step("driver_count")]
    drive(desk(tmp_path, Recorder(), steps), steps, Pace())
    place = desk(tmp_path, Recorder(), steps, "r2")
    drive(place, steps, Pace())
    assert ["r1"] == [row.reused_from for row in place.store.records("r2")]


def test_fresh_measures_even_what_is_kept(tmp_path: Path) -> None:
    steps = [step("driver_count")]
    drive(desk(tmp_path, Recorder(), steps), steps, Pace())
    executor = Recorder()
    drive(replace(desk(tmp_path, executor, steps, "r2"), fresh=True), steps, Pace())
    assert 1 == len(executor.jobs)


def test_a_failed_record_is_never_taken_over(tmp_path: Path) -> None:
    steps = [step("driver_count")]
    drive(desk(tmp_path, Recorder(lambda _: Outcome("failed", "why")), steps), steps, Pace())
    executor = Recorder()
    drive(desk(tmp_path, executor, steps, "r2"), steps, Pace())
    assert 1 == len(executor.jobs)


def test_without_a_budget_a_cell_may_take_what_is_declared(tmp_path: Path) -> None:
    executor = Recorder()
    drive(desk(tmp_path, executor, [step(expected=2.5)]), [step(expected=2.5)], Pace())
    assert [2.5] == [job.allowance for job in executor.jobs if isinstance(job, Measure)]


def test_a_budget_below_the_plan_is_shared_out_in_proportion(tmp_path: Path) -> None:
    executor = Recorder()
    steps = [step(resolution=32, expected=30.0), step(resolution=64, expected=10.0)]
    drive(desk(tmp_path, executor, steps), steps, Pace(budget=20.0))
    assert pytest.approx([15.0, 10.0], rel=0.05) == [
        job.allowance for job in executor.jobs if isinstance(job, Measure)
    ]


def test_a_budget_that_is_over_ends_the_run_before_the_next_cell(tmp_path: Path) -> None:
    executor = Recorder()
    place = desk(tmp_path, executor, [step()])
    assert ("budget", []) == (drive(place, [step()], Pace(budget=0.0)), executor.jobs)


def test_a_cell_that_the_budget_cuts_off_is_left_to_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = Recorder(lambda _: Outcome("timeout", "ended"))
    monkeypatch.setattr("bench.run.driver._Bench._time_left", lambda _: 0.0 if executor.jobs else 10.0)
    place = desk(tmp_path, executor, [step()])
    assert ("budget", ()) == (drive(place, [step()], Pace(budget=10.0)), place.store.records("r1"))


def test_every_job_is_told_its_memory_limit(tmp_path: Path) -> None:
    executor = Recorder()
    steps = [step("driver_shared")]
    drive(desk(tmp_path, executor, steps), steps, Pace(memory_limit=10**9))
    assert [10**9, 10**9] == [job.given.memory_limit for job in executor.jobs]


def test_a_cell_whose_artifact_ran_out_of_memory_is_out_of_memory(tmp_path: Path) -> None:
    steps = [step("driver_shared", 32), step("driver_shared", 64)]
    place = desk(tmp_path, Recorder(lambda _: Outcome("oom", "no memory")), steps)
    drive(place, steps, Pace())
    assert ["oom", "oom"] == [row.status for row in place.store.records("r1")]


def test_a_full_disk_ends_the_run_and_leaves_the_cell_to_be_resumed(tmp_path: Path) -> None:
    steps = [step("driver_shared")]
    place = desk(tmp_path, Recorder(lambda _: Outcome("failed", "ENOSPC", disk_full=True)), steps)
    with pytest.raises(StoreError, match="no space left"):
        drive(place, steps, Pace())
    assert frozenset() == place.store.past.attempted("r1")
