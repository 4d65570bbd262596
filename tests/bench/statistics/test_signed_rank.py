"""The signed-rank test against scipy's, enumeration and its own promises."""

from __future__ import annotations

import random
from itertools import product

import pytest
from scipy import stats as scipy_stats

from bench.statistics import signed_rank


def test_the_p_value_matches_an_independent_implementation() -> None:
    values = [0.031, -0.004, 0.027, 0.012, -0.019, 0.044, 0.007, 0.035]
    expected = scipy_stats.wilcoxon([v - 0.01 for v in values], alternative="greater", method="exact").pvalue
    assert expected == pytest.approx(signed_rank.p_above(values, 0.01))


def test_eight_values_above_the_centre_have_the_least_p_value_of_eight() -> None:
    assert 1 / 256 == signed_rank.p_above([0.02] * 8, 0.01) == signed_rank.smallest_p(8)


def test_equal_distances_share_their_rank_and_stay_exact() -> None:
    values = [1.0, 1.0, -1.0, 2.0, 2.0]
    ranks = [2.0, 2.0, 2.0, 4.5, 4.5]
    reached = sum(rank for rank, value in zip(ranks, values, strict=True) if value > 0)
    sums = [sum(r for r, up in zip(ranks, ups, strict=True) if up) for ups in product((False, True), repeat=5)]
    assert sum(s >= reached for s in sums) / 32 == pytest.approx(signed_rank.p_above(values, 0.0))


def test_a_value_at_the_centre_speaks_against() -> None:
    assert signed_rank.p_above([1.0, 2.0, 3.0], 0.0) < signed_rank.p_above([0.0, 2.0, 3.0], 0.0)


def test_below_is_above_mirrored() -> None:
    assert signed_rank.p_above([0.3, 0.1, -0.2], 0.05) == signed_rank.p_below([-0.3, -0.1, 0.2], -0.05)


def test_the_estimate_is_the_median_of_the_means_of_pairs() -> None:
    assert 3.75 == signed_rank.estimate([1.0, 2.0, 10.0])


def test_one_wild_pair_moves_the_estimate_little() -> None:
    calm = [0.010, 0.011, 0.009, 0.012, 0.008, 0.010, 0.011]
    assert abs(signed_rank.estimate([*calm, 3.0]) - signed_rank.estimate(calm)) < 0.01


def test_five_values_have_no_interval_at_95_percent() -> None:
    assert signed_rank.interval([0.1, 0.2, 0.3, 0.4, 0.5]) is None


def test_the_interval_of_six_values_reaches_from_the_least_to_the_largest() -> None:
    found = signed_rank.interval([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert found is not None
    assert (0.1, 0.6) == (found.low, found.high)


def test_the_interval_holds_the_centres_that_the_test_does_not_refuse() -> None:
    values = [random.Random(3).gauss(0.02, 0.01) for _ in range(12)]
    found = signed_rank.interval(values)
    assert found is not None
    inside, outside = found.low + 1e-9, found.low - 1e-9
    assert signed_rank.p_above(values, inside) > 0.025 >= signed_rank.p_above(values, outside)


def test_the_interval_covers_as_often_as_it_says() -> None:
    chance = random.Random(0)
    covered = 0
    for _ in range(400):
        found = signed_rank.interval([chance.gauss(0.0, 1.0) for _ in range(9)])
        covered += found is not None and 0.0 in found
    assert 0.93 < covered / 400
