"""A line through a series."""

from __future__ import annotations

import pytest

from bench.statistics.trend import line_through, prefers_line


def test_the_slope_is_the_median_of_all_slopes() -> None:
    line = line_through([0.0, 1.0, 2.0, 30.0, 4.0, 5.0])
    assert [0.0, 1.0] == pytest.approx([line.start, line.slope])


def test_the_interval_holds_the_slope() -> None:
    line = line_through([0.0, 1.2, 1.9, 3.1, 3.8, 5.3, 6.0, 6.9])
    assert line.interval is not None
    assert 1.0 in line.interval


def test_few_values_give_no_interval() -> None:
    assert line_through([0.0, 1.0, 2.0]).interval is None


def test_levels_without_spread_are_levels() -> None:
    assert not prefers_line([1.0] * 6 + [2.0] * 6, [6])


def test_a_line_without_spread_is_a_line() -> None:
    assert prefers_line([float(i) for i in range(12)], [6])
