"""The rank sum's exact distribution, with and without equal values, and the shift between two groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from bench.statistics.rank_sum import EXACT, null_of, p_differ, ranks_of, shift, shift_interval


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert (2, 5, 5, 8) == ranks_of([1.0, 2.0, 2.0, 3.0])


def test_ranks_without_equal_values_are_whole() -> None:
    assert (3, 1, 2) == ranks_of([9.0, 1.0, 5.0])


def test_the_p_value_is_that_of_the_exact_test_of_mann_and_whitney() -> None:
    before, after = [1.0, 4.0, 2.0, 7.0], [3.0, 9.0, 8.0, 6.0, 5.0]
    expected = mannwhitneyu(before, after, method="exact").pvalue
    assert pytest.approx(expected) == p_differ(before, after)


def test_with_equal_values_every_choice_of_a_group_is_counted() -> None:
    values = [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0]
    ranks = ranks_of(values)
    sums = [sum(chosen) for chosen in combinations(ranks, 3)]
    at = sum(ranks[:3])
    low, high = np.mean(np.array(sums) <= at), np.mean(np.array(sums) >= at)
    assert pytest.approx(2 * min(low, high)) == p_differ(values[:3], values[3:])


def test_groups_of_one_value_alone_do_not_differ() -> None:
    assert 1.0 == p_differ([2.0, 2.0], [2.0, 2.0, 2.0])


def test_beyond_the_exact_range_the_normal_distribution_errs_on_the_safe_side() -> None:
    n = EXACT + 1
    before, after = list(range(n - 8)), list(range(n - 8, n))
    exact = mannwhitneyu(before, after, method="exact").pvalue
    assert exact < p_differ(before, after) < 1e-3


def test_a_p_value_is_attained_as_often_as_it_says_or_less() -> None:
    null = null_of((1, 2, 3, 4, 5, 6))
    assert pytest.approx([0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0]) == null.attained(0.12)


def test_the_shift_is_the_median_of_all_differences() -> None:
    assert 3.0 == shift([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])


def test_the_interval_of_the_shift_has_what_the_test_does_not_refuse() -> None:
    before, after = [1.0, 2.0, 3.5, 4.1], [6.0, 7.7, 8.0, 9.9, 12.0]
    found = shift_interval(before, after)
    assert found is not None
    inside, outside = found.low + 1e-6, found.low - 1e-6
    assert p_differ(before, [value - inside for value in after]) > 0.05
    assert p_differ(before, [value - outside for value in after]) <= 0.05


def test_too_few_values_give_no_interval() -> None:
    assert shift_interval([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]) is None


def test_values_without_spread_give_no_interval() -> None:
    assert shift_interval([1.0] * 5, [2.0] * 5) is None
