"""What is said of the figures that a choice is made by: nothing twice, and no interval that tells nothing."""

from typing import Any

import pytest

from reports.candidates import costs


def row(**changes: Any) -> dict[str, Any]:
    """A latency of three processes."""
    usual = {
        "value": 0.1,
        "unit": "s",
        "low": 0.09,
        "high": 0.12,
        "interval": "95 %, process medians",
        "noisy": None,
    }
    where = {"resolution": 32, "batch": 1, "threads": 2, "precision": "fp32", "memory_format": "contiguous"}
    return {**usual, **where, "execution": "eager", "autotune": False, "device": "cpu", "noisy": None, **changes}


def test_reasons_that_differ_in_a_number_are_told_once_with_its_range() -> None:
    waited = "its threads waited {} % of the time for a core"
    reasons = "; ".join(waited.format(number) for number in (79, 60, 72))
    assert waited.format("60 to 79") == costs.once(reasons)


@pytest.mark.parametrize("reasons", ["it swapped", "it swapped; its threads waited 60 % of the time for a core"])
def test_reasons_that_are_told_once_stay_as_they_are(reasons: str) -> None:
    assert reasons == costs.once(reasons)


def test_braces_in_a_reason_do_no_harm() -> None:
    assert "a (b) 1 to 2" == costs.once("a {b} 1; a {b} 2")


def test_an_interval_stands_beside_a_time() -> None:
    assert ("100 ms [90.0 ms, 120 ms]", True) == (costs._text(row()), "process medians" in costs._note(row()))


def test_an_interval_of_many_orders_of_magnitude_is_left_out_and_its_note_says_so() -> None:
    vague = row(low=370e-6, high=285.0)
    note = "measured, 32 px, batch 1, 2 threads, no interval: its processes differ too much"
    assert ("100 ms", note) == (costs._text(vague), costs._note(vague))


def test_a_time_of_one_process_has_neither_interval_nor_excuse() -> None:
    alone = row(low=None, high=None, interval="")
    assert ("100 ms", "measured, 32 px, batch 1, 2 threads") == (costs._text(alone), costs._note(alone))
