"""The driver with several jobs under way. No process is started."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.declare.declarations import Planned
from bench.errors import StoreError
from bench.execute.executor import Handle
from bench.execute.jobs import Job, Measure
from bench.execute.outcome import Outcome
from bench.machine.host import host_key
from bench.run.driver import Pace, drive
from bench.run.plan import PlanStep
from tests.bench.driving import declarations, desk, step
from tests.bench.run.staging import Stage, host
from tests.bench.run.test_driver_disturbed import DISTURBED

TWO = Pace(lanes=2)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """The declarations of `driving`, during each test."""
    with declarations():
        yield


def counts(number: int) -> list[PlanStep]:
    return [step("driver_count", 32 + i) for i in range(number)]


def on_gpu(name: str, resolution: int) -> PlanStep:
    cell = Cell("driver_net", name, Cost(mode="infer", resolution=resolution, device="cuda"))
    return PlanStep(Planned(cell, 1.0), ("trial",))


def driven(tmp_path: Path, stage: Stage, steps: list[PlanStep], pace: Pace = TWO) -> list[tuple[str, str]]:
    """Measure and resolution, and host, in the order in which they began."""
    drive(desk(tmp_path, stage, steps), steps, pace)
    return stage.begun


def test_as_many_cells_run_at_once_as_there_are_lanes(tmp_path: Path) -> None:
    stage = Stage()
    driven(tmp_path, stage, counts(4))
    assert [1, 2, 2, 2] == [len(beside) for beside in stage.beside]


def test_whatever_order_they_end_in_each_cell_has_its_own_record(tmp_path: Path) -> None:
    def answer(job: Job) -> Outcome:
        assert isinstance(job, Measure)
        return Outcome("ok", values=(float(job.cell.scenario.resolution),))

    steps = counts(4)
    place = desk(tmp_path, Stage(answer=answer, choose=max), steps)
    drive(place, steps, TWO)
    assert [32.0, 33.0, 34.0, 35.0] == [row.median for row in place.store.records("r1")]


def test_a_timing_begins_when_its_host_is_empty_and_nothing_begins_beside_it(tmp_path: Path) -> None:
    stage = Stage()
    driven(tmp_path, stage, [step("driver_time"), step("driver_time", 64), *counts(3)], Pace(lanes=4))
    timings = [beside for beside in stage.beside if any("driver_time" in str(job) for job in beside)]
    assert [1, 1] == [len(beside) for beside in timings]


def test_the_record_of_a_timing_says_that_it_was_alone(tmp_path: Path) -> None:
    steps = [step("driver_time"), *counts(1)]
    place = desk(tmp_path, Stage(), steps)
    drive(place, steps, TWO)
    assert [True, None] == [row.details.get("alone") for row in place.store.records("r1")]


def test_a_timing_on_a_shared_host_says_what_ran_beside_it(tmp_path: Path) -> None:
    steps = [on_gpu("driver_time", 32), on_gpu("driver_score", 64)]
    place = desk(tmp_path, Stage(), steps)
    drive(place, steps, Pace(lanes=2, gpus=("cuda:0", "cuda:1"), shares=True))
    timing = place.store.records("r1")[0].details
    assert (False, ["cuda:1"]) == (timing["alone"], timing["beside"])
    assert ["others of this run computed on cuda:1 of its host meanwhile"] == timing["noisy"]


def test_cells_are_dealt_out_over_gpus_and_each_sees_its_own_alone(tmp_path: Path) -> None:
    stage, steps = Stage(), [on_gpu("driver_score", 32), on_gpu("driver_score", 64)]
    place = desk(tmp_path, stage, steps)
    drive(place, steps, Pace(lanes=2, gpus=("cuda:0", "cuda:1")))
    seen = [job.gpu for job in stage.beside[-1] if isinstance(job, Measure)]
    assert (["cuda:1", ""], ["cuda:1", None]) == (seen, [r.details.get("gpu") for r in place.store.records("r1")])


def test_all_timings_are_on_the_first_of_the_gpus(tmp_path: Path) -> None:
    stage, steps = Stage(), [on_gpu("driver_time", 32), on_gpu("driver_time", 64)]
    driven(tmp_path, stage, steps, Pace(lanes=2, gpus=("cuda:2", "cuda:0")))
    assert ["cuda:2", "cuda:2"] == [job.gpu for (job,) in stage.beside if isinstance(job, Measure)]


def test_what_two_cells_share_is_made_once_before_both(tmp_path: Path) -> None:
    stage = Stage()
    shared = "driver_matrix name=shared"
    begun = driven(tmp_path, stage, [step("driver_shared", 32), step("driver_shared", 64)], Pace(lanes=4))
    assert [shared, "driver_shared 32", "driver_shared 64"] == [what for what, _ in begun]


def test_cells_without_what_they_need_end_unbegun_and_others_go_on(tmp_path: Path) -> None:
    def answer(job: Job) -> Outcome:
        return Outcome("ok", values=(1.0,)) if isinstance(job, Measure) else Outcome("failed", "no such digits")

    steps = [step("driver_shared"), *counts(2)]
    place = desk(tmp_path, Stage(answer=answer), steps)
    state = drive(place, steps, TWO)
    assert ("complete", ["failed", "ok", "ok"]) == (state, [row.status for row in place.store.records("r1")])


def test_a_disturbed_timing_is_measured_again_behind_the_other_timings(tmp_path: Path) -> None:
    outcomes = iter([DISTURBED, Outcome("ok", values=(5.0,))])
    stage = Stage(answer=lambda job: next(outcomes, Outcome("ok", values=(1.0,))))
    begun = driven(tmp_path, stage, [step("driver_time"), step("driver_time", 64)])
    assert ["driver_time 32", "driver_time 64", "driver_time 32"] == [what for what, _ in begun]


def losing(stage: Stage) -> Callable[[Sequence[Handle]], Handle]:
    """Whenever something runs, its host goes."""

    def choose(running: Sequence[Handle]) -> Handle:
        stage.lose(stage.running[running[0]][1])
        return running[0]

    return choose


def test_a_lost_host_costs_a_cell_its_time_and_no_more(tmp_path: Path) -> None:
    stage, shown = Stage(host("a"), host("b")), io.StringIO()

    def choose(running: Sequence[Handle]) -> Handle:
        if len(stage.places) > 1:
            stage.lose("a")
        return running[0]

    stage.choose = choose
    steps = counts(4)
    place = desk(tmp_path, stage, steps, shown=shown)
    state = drive(place, steps, Pace(lanes=1))
    assert ("complete", ["ok"] * 4) == (state, [row.status for row in place.store.records("r1")])
    assert "host a went away: what ran there is done elsewhere\n" in shown.getvalue()


def test_with_no_host_left_the_run_is_interrupted_with_one_line(tmp_path: Path) -> None:
    stage, shown, steps = Stage(host("a")), io.StringIO(), counts(1)
    stage.choose = losing(stage)
    place = desk(tmp_path, stage, steps, shown=shown)
    assert ("interrupted", ()) == (drive(place, steps, TWO), place.store.records("r1"))
    assert "no host is left that can run what is open: go on with --resume\n" in shown.getvalue()


def test_a_cell_that_takes_host_after_host_down_has_failed(tmp_path: Path) -> None:
    stage = Stage(*(host(name) for name in "abcd"))
    stage.choose = losing(stage)
    steps = counts(1)
    place = desk(tmp_path, stage, steps)
    drive(place, steps, TWO)
    (row,) = place.store.records("r1")
    assert ("failed", "its host is gone, each of the 3 times that it ran") == (row.status, row.reason)


def test_a_record_names_the_host_that_measured_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, hosts = counts(2), (host("a", cpu="fast", versions={}), host("b"))
    place = desk(tmp_path, Stage(*hosts), steps)
    written: list[str] = []
    add = place.store.add_record

    def noted(run: str, record: Record) -> None:
        written.append(record.host)
        add(run, record)

    monkeypatch.setattr(place.store, "add_record", noted)
    drive(place, steps, Pace(lanes=1))
    assert [host_key({"cpu": "fast", "versions": {}}), "here"] == written


def interrupted(running: Sequence[Handle]) -> Handle:
    if running[0] > 1:
        raise KeyboardInterrupt
    return running[0]


def test_ctrl_c_ends_all_that_runs_and_keeps_what_was_measured(tmp_path: Path) -> None:
    stage, steps = Stage(choose=interrupted), counts(4)
    place = desk(tmp_path, stage, steps)
    with pytest.raises(KeyboardInterrupt):
        drive(place, steps, TWO)
    assert ([2, 3], {}, 1) == (stage.cancelled, stage.running, len(place.store.records("r1")))


def test_a_budget_that_is_over_ends_all_that_runs_and_leaves_it_to_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, steps = Stage(), counts(4)
    monkeypatch.setattr("bench.run.driver._Bench._time_left", lambda _: 0.0 if len(stage.begun) > 2 else 9.0)
    place, pace = desk(tmp_path, stage, steps), Pace(budget=9.0, lanes=2)
    assert ("budget", [3], 2) == (drive(place, steps, pace), stage.cancelled, len(place.store.records("r1")))


def test_a_full_disk_ends_all_that_runs(tmp_path: Path) -> None:
    stage, steps = Stage(answer=lambda _: Outcome("failed", "ENOSPC", disk_full=True)), counts(3)
    with pytest.raises(StoreError, match="no space left"):
        drive(desk(tmp_path, stage, steps), steps, TWO)
    assert ([2], {}) == (stage.cancelled, stage.running)


def test_a_budget_is_shared_out_over_the_wall_time_that_lanes_leave(tmp_path: Path) -> None:
    stage = Stage()
    steps = [replace(s, planned=replace(s.planned, sampling=10.0)) for s in counts(4)]
    driven(tmp_path, stage, steps, Pace(budget=20.0, lanes=4))
    assert pytest.approx([10.0] * 4, rel=0.01) == [
        beside[-1].allowance for beside in stage.beside if isinstance(beside[-1], Measure)
    ]


def test_a_lane_is_free_again_when_its_job_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = counts(5)
    place = desk(tmp_path, Stage(), steps)
    lanes: list[int] = []
    monkeypatch.setattr(place.progress, "begun", lambda lane, what: lanes.append(lane))
    monkeypatch.setattr(place.progress, "ended", lambda lane: None)
    drive(place, steps, TWO)
    assert {0, 1} == set(lanes)
