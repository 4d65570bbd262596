"""The search for changes of level: how often it is wrong, what it finds, and what it leaves alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb, log1p

import numpy as np
import pytest

from bench.statistics.change_points import (
    LevelChange,
    changes,
    exact_changes,
    level_for,
    shortest,
    smallest_p,
    strongest,
)
from bench.statistics.intervals import wilson

NOISE = 0.01


def _series(seed: int, n: int, *steps: tuple[int, float], noise: float = NOISE) -> list[float]:
    """Lognormal noise about levels; each step is a place and the share by which all from there on is slower."""
    drawn = np.random.default_rng(seed).normal(0.0, noise, n)
    for at, share in steps:
        drawn[at:] += log1p(share)
    return [float(value) for value in np.exp(drawn)]


def _places(found: Sequence[LevelChange]) -> list[int]:
    return [change.at for change in found]


@pytest.mark.parametrize("n", [10, 16, 30])
def test_a_series_in_which_nothing_changes_has_a_change_once_in_a_hundred_at_most(n: int) -> None:
    alarms = sum(bool(changes(_series(seed, n))) for seed in range(400))
    found = wilson(alarms, 400, 0.99)
    assert found is not None
    assert found.low <= 0.01


def test_heavy_tails_are_no_changes() -> None:
    draw = np.random.default_rng(5)
    alarms = sum(bool(changes(np.exp(0.02 * draw.standard_t(2, 24)).tolist())) for _ in range(200))
    assert 4 >= alarms


def test_a_search_in_many_series_is_wrong_no_more_often_than_in_one() -> None:
    level = level_for([20] * 40)
    wrong = sum(any(changes(_series(40 * i + j, 20), level) for j in range(40)) for i in range(10))
    assert 1 >= wrong


def test_a_step_of_5_percent_is_found_in_noise_of_1_percent_where_it_is() -> None:
    found = [changes(_series(seed, 20, (12, 0.05))) for seed in range(40)]
    assert Counter({(12,): 40}) == Counter(tuple(_places(item)) for item in found)


def test_the_interval_of_a_step_holds_it_about_as_often_as_it_says() -> None:
    found = [changes(_series(seed, 24, (12, 0.05)))[0].interval for seed in range(100)]
    inside = sum(interval is not None and 1.05 in interval for interval in found)
    assert inside >= 88


def test_a_step_of_5_percent_is_found_among_fifty_series() -> None:
    level = level_for([20] * 50)
    assert [10] == _places(changes(_series(1, 20, (10, 0.05)), level))


def test_two_steps_are_two_changes() -> None:
    found = changes(_series(2, 36, (12, 0.05), (24, 0.05)))
    assert [(0, 12, 24), (12, 24, 36)] == [(change.start, change.at, change.stop) for change in found]


def test_up_and_down_again_is_two_changes() -> None:
    found = changes(_series(3, 30, (10, 0.08), (20, -0.08)))
    assert [10, 20] == _places(found)
    assert found[0].size is not None
    assert found[1].size is not None
    assert found[1].size < 1 < found[0].size


def test_a_slow_drift_is_one_drift_and_names_no_single_place() -> None:
    values = [value * (1 + 0.004 * i) for i, value in enumerate(_series(4, 40))]
    (found,) = changes(values)
    assert ("drift", 0, 40) == (found.kind, found.start, found.stop)
    assert pytest.approx(1.156, rel=0.02) == found.size


def test_a_single_outlier_is_no_change() -> None:
    values = _series(6, 30)
    values[17] *= 3
    assert () == changes(values)


def test_outliers_do_not_move_a_step() -> None:
    values = _series(7, 30, (15, 0.05))
    values[4] *= 2
    values[22] *= 2
    assert [15] == _places(changes(values))


def test_equal_values_leave_the_test_exact() -> None:
    values = [1.0] * 8 + [1.1] * 8
    (found,) = changes(values)
    assert (8, 8, 8) == (found.at, found.earliest, found.latest)
    assert pytest.approx(1 / 0.8 * 2 / comb(16, 8)) == found.p


def test_rounded_values_without_a_change_have_none() -> None:
    assert () == changes([round(value, 2) for value in _series(8, 30)])


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 4.0], [2.0] * 30])
def test_what_cannot_change_does_not(values: list[float]) -> None:
    assert () == changes(values)


def test_less_than_1_percent_is_no_change_however_sure() -> None:
    assert () == changes(_series(9, 40, (20, 0.008), noise=0.0005))


def test_shares_change_by_differences_and_by_any_amount() -> None:
    values = [0.902, 0.901, 0.903, 0.9025, 0.9, 0.9015, 0.899, 0.898, 0.8985, 0.897, 0.8975, 0.8972]
    (found,) = changes(values, ratio=False)
    assert 6 == found.at
    assert pytest.approx(-0.0037, abs=5e-4) == found.size


def test_levels_at_zero_have_a_difference_for_a_size() -> None:
    (found,) = changes([0.0] * 8 + [1.0] * 8)
    assert 1.0 == found.size


def test_the_same_series_has_the_same_changes() -> None:
    values = _series(10, 30, (15, 0.015))
    assert changes(values) == changes(values)


def test_where_the_place_is_unsure_its_range_says_so() -> None:
    (found,) = changes(_series(11, 60, (30, 0.015)))
    assert found.earliest <= 30 <= found.latest
    assert found.latest > found.earliest


def test_a_clean_step_in_the_middle_has_the_smallest_p_value() -> None:
    p, places = strongest([float(i >= 6) + i / 100 for i in range(12)])
    assert (6,) == places
    assert pytest.approx(smallest_p(12)) == p


def test_ten_runs_are_the_fewest_for_one_series() -> None:
    assert 10 == shortest(level_for([10]))


def test_more_series_need_more_runs() -> None:
    assert [10, 14, 18] == [shortest(0.01 / number) for number in (1, 10, 100)]


def test_series_that_are_too_short_to_be_decided_cost_the_others_nothing() -> None:
    assert 0.01 == level_for([30, 5, 5, 5])


def test_every_change_of_an_exact_figure_is_one() -> None:
    found = exact_changes([5.0, 5.0, 6.0, 5.0])
    assert [(0, 2, 3), (2, 3, 4)] == [(change.start, change.at, change.stop) for change in found]


def test_an_exact_figure_that_stays_has_no_change() -> None:
    assert () == exact_changes([5.0, 5.0])
