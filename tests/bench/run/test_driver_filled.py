"""The driver of a run that is filled with evidence. No process is started."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bench.cell import Cell, Learning, Record
from bench.declare.artifact import Artifact
from bench.declare.catalog import load_catalogs, measure
from bench.declare.declarations import Planned
from bench.execute.executor import Executor
from bench.execute.jobs import Job, Make, Measure
from bench.execute.outcome import Outcome
from bench.run.driver import Desk, Pace, drive
from bench.run.forecast import Forecast
from bench.run.plan import PlanStep
from bench.run.runs import stored_steps
from tests.bench.driving import SHARED, Recorder, declarations, desk, named, step
from tests.bench.run.test_driver_disturbed import DISTURBED

BOX = Pace(fills=600.0)
WHERE = Learning(
    weights="random",
    target="uci-digits",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=10,
    batch=16,
    lr=1e-2,
)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """All that is installed, the declarations of `driving` and two accuracies, one of which needs an artifact."""
    load_catalogs()
    with declarations():
        measure(unit="1", nature="ratio", better="higher", repeats="anywhere")(named("driver_top1"))
        measure(unit="1", nature="ratio", better="higher", repeats="anywhere", artifacts=lambda _: (SHARED,))(
            named("driver_shared_top1")
        )
        yield


class Known(Forecast):
    """Everything takes a second, but for what is said."""

    def __init__(self, seconds: Callable[[Planned], float] = lambda _: 1.0, making: float = 0.0) -> None:
        super().__init__()
        self._of, self._takes = seconds, making
        self.learned: list[Record] = []

    def seconds(self, planned: Planned) -> float:
        return self._of(planned)

    def making(self, artifact: Artifact, cell: Cell) -> float:
        return self._takes

    def learn(self, record: Record) -> None:
        self.learned.append(record)


@dataclass
class Wants:
    """One comparison that is answered by so many trainings, which it asks for one by one."""

    enough: int
    of: str = "driver_top1"
    named: int = 1
    waits: bool = False
    asked: int = 0
    seeds: set[int] = field(default_factory=set)
    asked_by_then: list[int] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return int(len(self.seeds) >= self.enough)

    def learned(self, record: Record) -> None:
        self.asked_by_then.append(self.asked)
        if isinstance(record.cell.scenario, Learning) and record.status == "ok":
            self.seeds.add(record.cell.scenario.seed)

    @property
    def told(self) -> str:
        return f"{self.answered} of {self.named} answered"

    def more(self, seconds: Callable[[Planned], float], within: float) -> tuple[PlanStep, ...]:
        self.asked += 1
        return (training(self.asked, self.of),) if self.asked < self.enough else ()


def training(seed: int = 0, name: str = "driver_top1") -> PlanStep:
    cell = Cell("driver_net", name, replace(WHERE, seed=seed))
    return PlanStep(Planned(cell, open=True), ("trial",))


def timing(resolution: int = 32, **changes: object) -> PlanStep:
    planned = step("driver_time", resolution)
    return replace(planned, planned=replace(planned.planned, **changes))  # type: ignore[arg-type]


def told(job: Job) -> str:
    """Of a training its seed, of anything else what it is."""
    if isinstance(job, Make):
        return "making"
    assert isinstance(job, Measure)
    where = job.cell.scenario
    return f"seed {where.seed}" if isinstance(where, Learning) else f"{job.cell.measure} {where.resolution}"


def place(
    tmp_path: Path, executor: Executor, steps: list[PlanStep], wanted: Wants | None, run: str = "r1", **new: object
) -> Desk:
    found = desk(tmp_path, executor, steps, run)
    return replace(found, **{"wanted": wanted, "forecast": Known(), **new})  # type: ignore[arg-type]


def driven(tmp_path: Path, steps: list[PlanStep], wanted: Wants | None, pace: Pace = BOX) -> list[str]:
    executor = Recorder()
    drive(place(tmp_path, executor, steps, wanted), steps, pace)
    return [told(job) for job in executor.jobs]


def test_trainings_are_asked_for_until_the_comparison_is_answered(tmp_path: Path) -> None:
    assert [f"seed {i}" for i in range(4)] == driven(tmp_path, [training()], Wants(4))


def test_what_is_asked_for_is_planned_in_the_store(tmp_path: Path) -> None:
    found = place(tmp_path, Recorder(), [training()], Wants(3))
    drive(found, [training()], BOX)
    assert [(training(seed).planned.cell, True) for seed in range(3)] == [
        (row.cell, row.open) for row in found.store.cells("r1")
    ]


def test_all_that_is_answered_leaves_the_fill_out_and_the_run_complete(tmp_path: Path) -> None:
    steps = [training(), timing(32, replicates=2, due="first"), timing(64, due="last"), step("driver_count")]
    found = place(tmp_path, executor := Recorder(), steps, Wants(1))
    assert "complete" == drive(found, steps, BOX)
    assert ["driver_count 32", "driver_time 32", "seed 0"] == [told(job) for job in executor.jobs]


def test_a_run_ends_where_nothing_more_is_asked_for_an_open_comparison(
    tmp_path: Path,
) -> None:
    wanted = Wants(2)
    wanted.asked = 9
    assert ["seed 0"] == driven(tmp_path, [training(), timing(64)], wanted)


def test_a_filled_run_without_comparisons_measures_all_that_is_planned(tmp_path: Path) -> None:
    assert ["seed 0", "driver_time 64"] == driven(tmp_path, [training(), timing(64)], Wants(0, named=0))


def test_a_run_that_is_not_filled_asks_for_nothing_and_leaves_nothing_out(tmp_path: Path) -> None:
    steps = [training(), timing(64)]
    assert ["seed 0", "driver_time 64"] == driven(tmp_path, steps, Wants(3), Pace())


def test_every_record_is_told_to_the_forecast_once(tmp_path: Path) -> None:
    forecast = Known()
    found = place(tmp_path, Recorder(), [training()], Wants(3), forecast=forecast)
    drive(found, [training()], BOX)
    assert 3 == len(forecast.learned)


def test_a_second_run_takes_over_what_is_kept_and_ends(tmp_path: Path) -> None:
    steps = [training(), step("driver_count"), timing(32, replicates=3, due="first")]
    drive(place(tmp_path, Recorder(), steps, Wants(4)), steps, BOX)
    again = place(tmp_path, executor := Recorder(), steps, Wants(4), "r2")
    assert "complete" == drive(again, steps, BOX)
    assert ["driver_time 32"] == [told(job) for job in executor.jobs]
    assert 4 + 1 + 1 == len(again.store.records("r2"))


def test_a_run_that_was_cut_off_goes_on_with_what_it_had_planned_and_learned(tmp_path: Path) -> None:
    def killed(job: Job) -> Outcome:
        if told(job) == "seed 2":
            raise KeyboardInterrupt
        return Outcome("ok", values=(1.0,))

    found = place(tmp_path, Recorder(killed), [training()], Wants(5))
    with pytest.raises(KeyboardInterrupt):
        drive(found, [training()], BOX)
    wanted = Wants(5)
    wanted.asked = 3  # as one that knows its plan
    executor = Recorder()
    steps = stored_steps(found.store, found.store.run("r1"))
    drive(replace(found, wanted=wanted, executor=executor), steps, BOX)
    assert ["seed 2", "seed 3", "seed 4"] == [told(job) for job in executor.jobs]


def over_after(jobs: int, executor: Recorder) -> Callable[[object], float]:
    return lambda _: 9.0 if len(executor.jobs) < jobs else 0.0


@pytest.mark.parametrize(("pace", "state"), [(BOX, "complete"), (Pace(budget=9.0, fills=600.0), "budget")])
def test_the_end_of_the_time_completes_a_filled_run_and_that_of_a_budget_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pace: Pace, state: str
) -> None:
    executor = Recorder()
    monkeypatch.setattr("bench.run.driver._Bench._time_left", over_after(2, executor))
    found = place(tmp_path, executor, [training()], Wants(9))
    assert state == drive(found, [training()], pace)


def test_what_the_end_of_the_time_cuts_off_has_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = Recorder(lambda _: Outcome("timeout", "ended"))
    monkeypatch.setattr("bench.run.driver._Bench._time_left", over_after(1, executor))
    found = place(tmp_path, executor, [training()], Wants(9))
    assert ("complete", ()) == (drive(found, [training()], BOX), found.store.records("r1"))


def test_a_run_ends_when_nothing_is_short_enough_for_what_is_left(tmp_path: Path) -> None:
    seconds = Known(lambda planned: 700.0 if isinstance(planned.cell.scenario, Learning) else 1.0)
    found = place(tmp_path, executor := Recorder(), [training(), timing()], Wants(9), forecast=seconds)
    assert "complete" == drive(found, [training(), timing()], BOX)
    assert ["driver_time 32"] == [told(job) for job in executor.jobs]


def test_time_that_is_over_before_the_driver_begins_counts(tmp_path: Path) -> None:
    found = place(tmp_path, executor := Recorder(), [training()], Wants(9))
    assert "complete" == drive(found, [training()], replace(BOX, spent=600.0))
    assert [] == executor.jobs


def test_a_budget_counts_from_the_same_beginning(tmp_path: Path) -> None:
    found = place(tmp_path, executor := Recorder(), [timing()], None)
    assert "budget" == drive(found, [timing()], Pace(budget=60.0, spent=60.0))
    assert [] == executor.jobs


def test_a_timing_samples_for_as_long_as_planned_though_time_is_short(tmp_path: Path) -> None:
    steps = [timing(side, sampling=5.0) for side in (32, 64, 96)]
    executor = Recorder()
    drive(place(tmp_path, executor, steps, None), steps, Pace(fills=8.0))
    assert [5.0, 5.0, 5.0] == [job.allowance for job in executor.jobs if isinstance(job, Measure)]


def test_a_disturbed_timing_is_measured_again_behind_the_rest(tmp_path: Path) -> None:
    outcomes = iter([DISTURBED])
    executor = Recorder(lambda job: next(outcomes, Outcome("ok", values=(1.0,))))
    steps = [timing(32, due="first"), timing(64, due="last")]
    drive(place(tmp_path, executor, steps, None), steps, BOX)
    assert ["driver_time 32", "driver_time 64", "driver_time 32"] == [told(job) for job in executor.jobs]


def test_a_disturbed_timing_is_not_measured_again_where_all_is_answered(tmp_path: Path) -> None:
    executor = Recorder(lambda _: DISTURBED)
    steps = [timing(32, due="first"), training()]
    drive(place(tmp_path, executor, steps, Wants(1)), steps, BOX)
    assert ["driver_time 32", "seed 0"] == [told(job) for job in executor.jobs]


def test_what_is_asked_for_and_needs_what_could_not_be_made_fails_unbegun(tmp_path: Path) -> None:
    def answer(job: Job) -> Outcome:
        return Outcome("failed", "no data") if isinstance(job, Make) else Outcome("ok", values=(1.0,))

    first = training(0, "driver_shared_top1")
    found = place(tmp_path, executor := Recorder(answer), [first], Wants(3, "driver_shared_top1"))
    drive(found, [first], BOX)
    assert (["making"], ["failed"] * 3) == (
        [told(job) for job in executor.jobs],
        [row.status for row in found.store.records("r1")],
    )


def test_an_artifact_of_what_is_asked_for_is_not_made_twice(tmp_path: Path) -> None:
    first = training(0, "driver_shared_top1")
    assert ["making", "seed 0", "seed 1", "seed 2"] == driven(tmp_path, [first], Wants(3, "driver_shared_top1"))


def test_progress_says_how_many_comparisons_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = place(tmp_path, Recorder(), [training()], Wants(2))
    told: list[str] = []
    monkeypatch.setattr(found.progress, "answered", told.append)
    drive(found, [training()], BOX)
    assert ["0 of 1 answered", "0 of 1 answered", "1 of 1 answered"] == told


def test_while_something_is_open_the_time_left_is_that_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = place(tmp_path, Recorder(), [training(), timing()], Wants(2))
    left: list[float] = []
    monkeypatch.setattr(found.progress, "expects", left.append)
    monkeypatch.setattr("bench.run.driver._Bench._time_left", lambda _: 500.0)
    drive(found, [training(), timing()], BOX)
    assert [500.0, 500.0, 0.0] == left


def test_nothing_is_asked_for_before_the_first_training_of_every_arm_has_begun(tmp_path: Path) -> None:
    wanted = Wants(9, of="driver_shared_top1")
    driven(tmp_path, [training(0, "driver_shared_top1")], wanted)
    assert 0 == wanted.asked_by_then[0]
