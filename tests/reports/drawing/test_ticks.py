"""The ticks of axes."""

from __future__ import annotations

import math

import pytest

from reports.drawing.ticks import linear_axis, log_axis, log_ticks, step_axis, steps_of, tick, ticks

_TEXTS = (
    (0.02, "s", "20 ms"),
    (0.1, "s", "100 ms"),
    (1.0, "s", "1 s"),
    (3e-4, "s", "300 µs"),
    (5e6, "1", "5 M"),
    (5e8, "B", "500 MB"),
    (0.25, "1", "0.25"),
    (1000.0, "1/s", "1,000/s"),
    (0.5, "1/s", "0.5/s"),
    (62.5, "%", "62.5 %"),
    (5.0, "points", "+5"),
    (-2.5, "points", "-2.5"),
    (2e11, "FLOP/s", "200 GFLOP/s"),
    (0.0, "s", "0"),
    (0.0, "%", "0 %"),
)


@pytest.mark.parametrize(("value", "unit", "text"), _TEXTS)
def test_a_tick_is_written_with_its_unit(value: float, unit: str, text: str) -> None:
    assert text == tick(value, unit)


def test_an_axis_of_times_is_labelled_in_full() -> None:
    assert ["10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms"] == log_axis([0.011, 0.45], "s")["ticktext"]


def test_evenly_spaced_ticks_have_one_prefix() -> None:
    assert ["0", "0.5 GB", "1 GB", "1.5 GB", "2 GB"] == linear_axis([2.3e9], "B", from_zero=True)["ticktext"]


def test_a_linear_axis_over_one_value_has_that_tick() -> None:
    assert ["90 %"] == linear_axis([90.0], "%")["ticktext"]


@pytest.mark.parametrize("span", [1.2, 2, 5, 30, 1e3, 1e6, 1e12])
def test_a_logarithmic_axis_has_a_few_ticks_whatever_it_spans(span: float) -> None:
    shown = [value for value in log_ticks([0.7, 0.7 * span]) if 0.7 <= value <= 0.7 * span]
    assert 2 <= len(shown) <= 9


def test_an_axis_over_nothing_is_an_axis() -> None:
    assert "log" == log_axis([0.0])["type"]


def test_an_infinite_value_does_not_break_an_axis() -> None:
    assert log_axis([1.0, 5.0]) == log_axis([1.0, 5.0, math.inf])


def test_years_without_a_network_take_no_room() -> None:
    axis = step_axis(steps_of([2012, 1998, 2014, 2012]))
    assert ([0, 1, 2], ["1998", "2012", "2014"]) == (axis["tickvals"], axis["ticktext"])


def test_ratios_near_one_have_fine_ticks() -> None:
    assert {0.9, 1.0, 1.1} <= set(ticks([0.85, 1.2]))


def test_ticks_of_far_ratios_do_not_crowd_around_one() -> None:
    found = ticks([0.02, 40.0])
    assert 1.0 in found
    assert not {0.9, 1.1} & set(found)
    assert len(found) < 12
