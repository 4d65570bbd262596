"""The driver: what it asks of the executor, and what it writes into the store. No process is started."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bench.artifact import PRODUCERS, Artifact, Shelf, producer
from bench.catalog import ARCHITECTURES, MEASURES, architecture, measure
from bench.cell import Cell, Cost, Samples
from bench.declarations import Planned
from bench.driver import Desk, Pace, drive
from bench.errors import StoreError
from bench.execute.local import Outcome
from bench.plan import Step
from bench.progress import RunProgress
from bench.store import CellRow, Run, Store

SHARED = Artifact("driver_matrix", (("name", "shared"),))


@pytest.fixture(autouse=True)
def declarations() -> Iterator[None]:
    """One architecture, a measure of each kind, one artifact kind; gone after the test."""
    registries = (ARCHITECTURES, MEASURES, PRODUCERS)
    before = [(dict(r._items), dict(r._places)) for r in registries]
    architecture(family="Driver", year=2026, paper="none")(named("driver_net"))
    measure(unit="s", better="lower")(named("driver_time"))
    measure(unit="1", better="neither", repeats="anywhere")(named("driver_count"))
    measure(unit="1", better="higher", repeats="host")(named("driver_score"))
    measure(unit="1", better="higher", artifacts=lambda _: (SHARED,))(named("driver_shared"))
    producer(named("driver_matrix"))
    yield
    for registry, (items, places) in zip(registries, before, strict=True):
        registry._items, registry._places = items, places  # type: ignore[attr-defined]


def named(name: str) -> Any:
    def function(*_: object) -> Samples:
        raise AssertionError("the executor of these tests runs nothing")

    function.__name__ = name
    return function


@dataclass
class Recorder:
    """An executor that notes its jobs and answers each with the same outcome, unless told otherwise."""

    answer: Callable[[dict[str, Any]], Outcome] = lambda _: Outcome("ok", values=(1.0,))
    jobs: list[dict[str, Any]] = field(default_factory=list)

    def submit(self, job: dict[str, Any], limit: float, progress: object) -> Outcome:
        self.jobs.append(job)
        return self.answer(job)

    def close(self) -> None:
        return


def step(name: str = "driver_time", resolution: int = 32, expected: float = 1.0, replicates: int = 1) -> Step:
    cell = Cell("driver_net", name, Cost(mode="infer", resolution=resolution))
    return Step(Planned(cell, expected, replicates), ("trial",))


def desk(tmp_path: Path, executor: Recorder, steps: list[Step], run: str = "r1", host: str = "here") -> Desk:
    store = Store.create(tmp_path / "runs.sqlite")
    begun = Run(run, "2026-01-01", "default", "evobench run", {}, host, {})
    rows = [CellRow(s.planned.cell, s.suites, s.planned.expected, s.planned.replicates) for s in steps]
    store.begin_run(begun, [], rows)
    console = Console(file=io.StringIO())
    return Desk(store, run, host, Shelf(tmp_path / "shelf"), executor, RunProgress(console, len(steps), 1.0))


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


def test_an_artifact_that_two_cells_share_is_made_once(tmp_path: Path) -> None:
    executor = Recorder()
    steps = [step("driver_shared", 32), step("driver_shared", 64)]
    drive(desk(tmp_path, executor, steps), steps, Pace())
    assert ["make", "measure", "measure"] == [job["job"] for job in executor.jobs]


def test_a_cell_whose_artifact_failed_is_failed_and_says_which(tmp_path: Path) -> None:
    steps = [step("driver_shared")]
    place = desk(tmp_path, Recorder(lambda _: Outcome("failed", "no such digits")), steps)
    drive(place, steps, Pace())
    expected = "needs driver_matrix name=shared, which could not be made: no such digits"
    assert [("failed", expected)] == [(r.status, r.reason) for r in place.store.records("r1")]


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
    assert [2.5] == [job["allowance"] for job in executor.jobs]


def test_a_budget_below_the_plan_is_shared_out_in_proportion(tmp_path: Path) -> None:
    executor = Recorder()
    steps = [step(resolution=32, expected=30.0), step(resolution=64, expected=10.0)]
    drive(desk(tmp_path, executor, steps), steps, Pace(budget=20.0))
    assert pytest.approx([15.0, 10.0], rel=0.01) == [job["allowance"] for job in executor.jobs]


def test_a_budget_that_is_over_ends_the_run_before_the_next_cell(tmp_path: Path) -> None:
    executor = Recorder()
    place = desk(tmp_path, executor, [step()])
    assert ("budget", []) == (drive(place, [step()], Pace(budget=0.0)), executor.jobs)


def test_a_cell_that_the_budget_cuts_off_is_left_to_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = iter([0.0, 0.0, 0.0])
    monkeypatch.setattr("bench.driver.Stopwatch", lambda: SimpleNamespace())
    monkeypatch.setattr("bench.driver._Bench._budget_left", lambda _: 10.0 - next(gone, 10.0))
    place = desk(tmp_path, Recorder(lambda _: Outcome("timeout", "ended")), [step()])
    assert ("budget", ()) == (drive(place, [step()], Pace(budget=10.0)), place.store.records("r1"))


def test_a_full_disk_ends_the_run_and_leaves_the_cell_to_be_resumed(tmp_path: Path) -> None:
    steps = [step("driver_shared")]
    place = desk(tmp_path, Recorder(lambda _: Outcome("failed", "ENOSPC", disk_full=True)), steps)
    with pytest.raises(StoreError, match="no space left"):
        drive(place, steps, Pace())
    assert frozenset() == place.store.attempted("r1")
