"""Figures as people read them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports import formats


@pytest.mark.parametrize(
    ("shown", "value", "unit"),
    [
        ("25.6 M", 25_557_032, "1"),
        ("4.09 G", 4_089_184_256, "1"),
        ("12.3 ms", 0.0123, "s"),
        ("274 µs", 2.74e-4, "s"),
        ("1.50 s", 1.5, "s"),
        ("571 MB", 571e6, "B"),
        ("1.42 k/s", 1420, "1/s"),
        ("75.6/s", 75.6, "1/s"),
        ("24.5 %", 24.52, "%"),
        ("1024 px", 1024, "px"),
        ("+1.5", 1.5, "points"),
        ("+0.0", -0.04, "points"),
        ("+0.000", -0.0001, "nats"),
        ("10", 10, "1"),
        ("0", 0, "1"),
    ],
)
def test_a_figure_has_three_digits_and_an_si_prefix(shown: str, value: float, unit: str) -> None:
    assert shown == formats.quantity(value, unit)


def test_a_unit_that_is_a_word_stands_apart_from_the_prefix() -> None:
    assert ("2.55 M instructions", "255 instructions") == tuple(
        formats.quantity(count, "instructions") for count in (2_550_000, 255)
    )


def test_a_figure_that_rounds_up_takes_the_next_prefix() -> None:
    assert "1.00 M" == formats.quantity(999_600, "1")


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_no_figure_is_a_dash(nothing: float | None) -> None:
    assert "–" == formats.quantity(nothing, "s")


def test_a_count_has_no_milli() -> None:
    assert "0.250" == formats.quantity(0.25, "1")


@pytest.mark.parametrize(("shown", "seconds"), [("48 s", 48), ("3 min 05 s", 185), ("2 h 14 min", 8040)])
def test_wall_time_reads_as_people_say_it(shown: str, seconds: float) -> None:
    assert shown == formats.duration(seconds)


def test_a_run_that_has_not_finished_has_no_wall_time() -> None:
    assert formats.elapsed("2026-01-02T03:04:05+00:00", "") is None


@pytest.mark.parametrize(("value", "shown"), [(math.inf, "∞"), (-math.inf, "-∞")])
def test_what_has_no_bound_is_shown_as_such(value: float, shown: str) -> None:
    assert shown == formats.quantity(value, "s")


@pytest.mark.parametrize("value", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT, "", "nan", 0, 1.5, False])
def test_what_is_missing_is_what_pandas_says(value: Any) -> None:
    assert pd.isna(value) == formats.is_missing(value)
