"""The driver where a cell was disturbed. No process is started."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.execute.jobs import Make, Measure
from bench.execute.outcome import Outcome
from bench.run.driver import Pace, drive
from tests.bench.driving import Recorder, declarations, desk, step

WAITED = "its threads waited 9 % of the time for a core"
DISTURBED = Outcome(
    "ok",
    values=(1.0, 2.0, 3.0),
    details={"conditions": {"disturbance": {"waiting_share": 0.09, "reasons": [WAITED]}}},
)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """The declarations of `driving`, during each test."""
    with declarations():
        yield


def in_turn(*outcomes: Outcome) -> Recorder:
    """An executor that gives one outcome after the other."""
    left = iter(outcomes)
    return Recorder(lambda _: next(left))


def test_a_disturbed_timing_is_measured_again_and_the_quiet_one_is_the_record(tmp_path: Path) -> None:
    place = desk(tmp_path, in_turn(DISTURBED, Outcome("ok", values=(5.0,))), [step()])
    drive(place, [step()], Pace())
    assert [(5.0, [1.0, 2.0, 3.0])] == [
        (row.median, row.details["discarded"]["values"]) for row in place.store.records("r1")
    ]


def test_a_disturbed_figure_that_is_no_timing_is_measured_once(tmp_path: Path) -> None:
    executor = in_turn(DISTURBED)
    drive(desk(tmp_path, executor, [step("driver_count")]), [step("driver_count")], Pace())
    assert 1 == len(executor.jobs)


def test_what_a_disturbed_cell_needs_is_not_made_again(tmp_path: Path) -> None:
    made = Outcome("ok")
    executor = in_turn(made, DISTURBED, DISTURBED)
    steps = [step("driver_shared_time")]
    drive(desk(tmp_path, executor, steps), steps, Pace())
    assert [Make, Measure, Measure] == [type(job) for job in executor.jobs]


def test_a_second_measurement_may_take_as_long_as_the_first(tmp_path: Path) -> None:
    executor = in_turn(DISTURBED, DISTURBED)
    drive(desk(tmp_path, executor, [step(expected=2.5)]), [step(expected=2.5)], Pace())
    assert [2.5, 2.5] == [job.allowance for job in executor.jobs if isinstance(job, Measure)]


def test_a_second_measurement_that_the_budget_cuts_off_leaves_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = in_turn(DISTURBED, Outcome("timeout", "ended"))
    monkeypatch.setattr("bench.run.driver._Bench._time_left", lambda _: 10.0 * (len(executor.jobs) < 2))
    place = desk(tmp_path, executor, [step()])
    drive(place, [step()], Pace(budget=10.0))
    assert [("ok", 2.0, [WAITED])] == [
        (row.status, row.median, row.details["noisy"]) for row in place.store.records("r1")
    ]


def killed(_: object) -> Outcome:
    raise KeyboardInterrupt


def test_a_run_that_is_killed_before_the_second_measurement_has_the_first(tmp_path: Path) -> None:
    outcomes = iter([lambda _: DISTURBED, killed])
    executor = Recorder(lambda job: next(outcomes)(job))
    place = desk(tmp_path, executor, [step()])
    with pytest.raises(KeyboardInterrupt):
        drive(place, [step()], Pace())
    assert [(2.0, [WAITED])] == [(row.median, row.details["noisy"]) for row in place.store.records("r1")]


def test_a_run_that_is_gone_on_with_does_not_measure_a_disturbed_timing_again(tmp_path: Path) -> None:
    outcomes = iter([lambda _: DISTURBED, killed])
    executor = Recorder(lambda job: next(outcomes)(job))
    place = desk(tmp_path, executor, [step()])
    with pytest.raises(KeyboardInterrupt):
        drive(place, [step()], Pace())
    drive(place, [step()], Pace())
    assert 2 == len(executor.jobs)


def test_what_was_measured_again_is_counted_at_the_end_and_has_no_line_of_its_own(tmp_path: Path) -> None:
    shown = io.StringIO()
    place = desk(tmp_path, in_turn(DISTURBED, DISTURBED), [step()], shown=shown)
    with place.progress:
        drive(place, [step()], Pace())
    assert (
        f"1 timing was disturbed and measured again; 1 stayed noisy: {step().planned.cell}\n" == shown.getvalue()
    )
