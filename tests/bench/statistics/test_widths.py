"""How far apart the values of a round lie."""

from __future__ import annotations

import math

import pytest

from bench.statistics.widths import QUIET, widening, width


def test_a_width_leaves_out_a_tenth_of_the_values_at_either_end() -> None:
    assert pytest.approx(8.0) == width([*range(11)])


def test_a_single_value_has_no_width() -> None:
    assert 0.0 == width([0.3])


def test_the_widening_of_head_is_over_the_mean_of_base_and_twin_and_the_twins_over_base() -> None:
    assert pytest.approx((math.log(3.0), math.log(4.0))) == widening(0.1, 0.6, 0.4)


def test_what_is_quiet_on_all_sides_is_not_widened() -> None:
    assert (0.0, 0.0) == widening(0.0, QUIET, QUIET / 2)
