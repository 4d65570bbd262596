"""Which timings are measured a second time, and which attempt is kept."""

from typing import Any

import pytest

from bench.cell import Cell, Cost, Record, Samples
from bench.declare.declarations import Measure
from bench.declare.nature import Nature
from bench.execute.outcome import Outcome
from bench.run.driving.disturbed import DISCARDED, is_disturbed, noisy, reasons_of, settle

CELL = Cell("net", "time", Cost(mode="infer", resolution=32))
STOLEN = "9 % of the cores' time was stolen"
WAITED = "its threads waited 9 % of the time for a core"


def outcome(values: tuple[float, ...] = (1.0,), waited: float | None = 0.0, reason: str = "") -> Outcome:
    found = {"waiting_share": waited, "reasons": [reason] if reason else []}
    return Outcome("ok", values=values, details={"ended": "early", "conditions": {"disturbance": found}})


def measure(**changes: Any) -> Measure:
    plain: dict[str, Any] = {
        "name": "time",
        "unit": "s",
        "nature": Nature.TIME,
        "better": "lower",
        "about": "",
        "kind": "cost",
        "repeats": "never",
        "place": "",
    }
    return Measure(function=lambda *_: Samples(()), artifacts=lambda _: (), **(plain | changes))


FIRST = outcome((3.0, 1.0, 2.0), 0.09, WAITED)


def settled(first: Outcome, second: Outcome) -> Record:
    """Of the records of two attempts, as the driver writes them."""
    return settle(written(first), written(second))


def written(attempt: Outcome) -> Record:
    kept = noisy(attempt) if reasons_of(attempt) else attempt
    return Record(
        cell=CELL,
        replicate=0,
        status=kept.status,
        unit="s",
        values=kept.values,
        reason=kept.reason,
        details=kept.details,
    )


@pytest.mark.parametrize("nature", [Nature.TIME, Nature.RATE])
def test_a_disturbed_timing_is_measured_again(nature: Nature) -> None:
    assert is_disturbed(measure(nature=nature), FIRST)


def test_a_disturbed_training_for_a_time_is_trained_again() -> None:
    assert is_disturbed(measure(nature=Nature.SHARE, unit="1", kind="learning"), FIRST)


def test_an_accuracy_that_repeats_is_not() -> None:
    assert not is_disturbed(measure(nature=Nature.SHARE, unit="1", kind="learning", repeats="host"), FIRST)


def test_an_undisturbed_timing_is_not() -> None:
    assert not is_disturbed(measure(), outcome())


@pytest.mark.parametrize(
    "other", [{"nature": Nature.SIZE}, {"repeats": "host"}, {"provenance": "derived"}], ids=str
)
def test_what_is_no_timing_is_not(other: dict[str, Any]) -> None:
    assert not is_disturbed(measure(**other), FIRST)


def test_a_failure_is_not() -> None:
    assert not is_disturbed(measure(), Outcome("failed", "why", details=FIRST.details))


def test_an_outcome_that_tells_nothing_of_disturbances_is_not() -> None:
    assert not is_disturbed(measure(), Outcome("ok", values=(1.0,)))


def test_an_undisturbed_second_attempt_is_the_record() -> None:
    assert (5.0,) == settled(FIRST, outcome((5.0,))).values


def test_an_undisturbed_second_attempt_is_not_noisy() -> None:
    assert "noisy" not in settled(FIRST, outcome((5.0,))).details


def test_the_details_of_the_kept_attempt_stay() -> None:
    assert "early" == settled(FIRST, outcome((5.0,))).details["ended"]


def test_what_became_of_each_attempt_is_told_in_order() -> None:
    first = {"status": "ok", "reasons": [WAITED], "median": 2.0, "n": 3, "kept": False}
    second = {"status": "ok", "reasons": [], "median": 5.0, "n": 1, "kept": True}
    assert [first, second] == settled(FIRST, outcome((5.0,))).details["attempts"]


def test_the_samples_that_are_not_the_record_are_kept_with_the_reasons() -> None:
    expected = {"values": [3.0, 1.0, 2.0], "reasons": [WAITED]}
    assert expected == settled(FIRST, outcome((5.0,))).details["discarded"]


def test_of_the_discarded_samples_a_limited_number_is_kept() -> None:
    many = outcome((1.0,) * (DISCARDED + 1), 0.09, WAITED)
    assert DISCARDED == len(settled(many, outcome()).details["discarded"]["values"])


@pytest.mark.parametrize(("waited", "kept"), [(0.05, (9.0,)), (0.2, FIRST.values), (None, FIRST.values)])
def test_of_two_disturbed_attempts_that_which_waited_less_is_kept_whatever_its_figures(
    waited: float | None, kept: tuple[float, ...]
) -> None:
    assert kept == settled(FIRST, outcome((9.0,), waited, STOLEN)).values


@pytest.mark.parametrize(("waited", "reason"), [(0.05, STOLEN), (0.2, WAITED)])
def test_of_two_disturbed_attempts_the_kept_is_noisy_for_its_own_reasons(waited: float, reason: str) -> None:
    assert [reason] == settled(FIRST, outcome((9.0,), waited, STOLEN)).details["noisy"]


def beside(values: tuple[float, ...], share: float) -> Outcome:
    """An attempt beside a process on its GPU."""
    found = {"waiting_share": 0.0, "reasons": ["at work"], "neighbours": {"processes": [{"working": share}]}}
    return Outcome("ok", values=values, details={"conditions": {"disturbance": found}})


@pytest.mark.parametrize(("share", "kept"), [(0.2, (9.0,)), (0.8, (3.0,))])
def test_of_two_attempts_beside_a_process_on_the_gpu_that_which_had_more_of_it_is_kept(
    share: float, kept: tuple[float, ...]
) -> None:
    assert kept == settled(beside((3.0,), 0.5), beside((9.0,), share)).values


def test_a_second_attempt_that_failed_leaves_the_first() -> None:
    found = settled(FIRST, Outcome("timeout", "ended after its limit"))
    assert ("ok", FIRST.values, [WAITED]) == (found.status, found.values, found.details["noisy"])


def test_why_a_second_attempt_failed_is_told() -> None:
    found = settled(FIRST, Outcome("timeout", "ended after its limit"))
    assert ["ended after its limit"] == found.details["attempts"][1]["reasons"]


def test_a_disturbed_cell_that_is_measured_once_is_noisy() -> None:
    assert [WAITED] == noisy(FIRST).details["noisy"]
