"""How many pairs would decide: against the intervals themselves, and the limits of what pairs can do."""

from __future__ import annotations

import math
import random
from statistics import fmean, stdev

import pytest
from scipy import stats as scipy_stats

from bench.statistics.looks import Looks, pairs_to_decide

LOOKS = Looks((5, 10, 20, 40))


def test_an_effect_of_half_a_spread_needs_23_pairs_for_one_test_at_one_look() -> None:
    # t(22, 97.5 %) / sqrt(23) * (1 + 0.7 / sqrt(23)) = 2.074 / 4.796 * 1.146 = 0.496, and of 22 pairs 0.510
    assert 23 == pairs_to_decide(0.5, 1.0, 0.0, tests=1)


@pytest.mark.parametrize("mean", [-0.5, 0.5])
def test_what_hurts_needs_as_many_as_what_helps(mean: float) -> None:
    assert 23 == pairs_to_decide(mean, 1.0, 0.0, tests=1)


def test_a_difference_of_zero_is_decided_where_the_interval_lies_inside_the_margin() -> None:
    assert 23 == pairs_to_decide(0.0, 1.0, 0.5, tests=1)


def test_fixed_looks_are_the_only_numbers_that_can_decide() -> None:
    # four looks of one test have 1.25 % each: 0.616 * 1.157 of 20 pairs, 0.414 * 1.111 of 40
    assert 40 == pairs_to_decide(0.5, 1.0, 0.0, tests=1, looks=LOOKS)


def test_a_look_that_is_over_does_not_count() -> None:
    assert (5, 10) == tuple(pairs_to_decide(9.0, 1.0, 0.0, tests=1, looks=LOOKS, above=n) for n in (4, 5))


def test_what_the_last_look_would_not_decide_is_decided_at_none() -> None:
    assert pairs_to_decide(0.1, 1.0, 0.0, tests=1, looks=LOOKS) is None


def test_more_tests_need_more_pairs() -> None:
    loose, strict = (pairs_to_decide(0.5, 1.0, 0.0, tests=tests) for tests in (1, 10))
    assert loose is not None and strict is not None
    assert loose < strict


def test_no_number_of_pairs_decides_a_difference_of_zero_without_a_margin() -> None:
    assert pairs_to_decide(0.0, 1.0, 0.0, tests=1) is None


def test_a_difference_at_the_margin_is_decided_by_its_distance_from_zero() -> None:
    assert pairs_to_decide(0.01, 0.01, 0.01, tests=1) == pairs_to_decide(0.01, 0.01, 0.0, tests=1)


def test_overlapping_folds_need_more_pairs() -> None:
    apart, overlapping = (pairs_to_decide(1.0, 1.0, 0.0, tests=1, test_to_train=ratio) for ratio in (0.0, 0.05))
    assert apart is not None and overlapping is not None
    assert apart < overlapping


def test_folds_that_overlap_too_much_never_decide() -> None:
    # however many pairs, the mean is known no better than to spread * sqrt(test over train)
    floor = scipy_stats.norm.ppf(0.975) * math.sqrt(0.25)
    assert pairs_to_decide(0.99 * floor, 1.0, 0.0, tests=1, test_to_train=0.25) is None
    assert pairs_to_decide(1.1 * floor, 1.0, 0.0, tests=1, test_to_train=0.25) is not None


def test_at_the_true_mean_and_spread_so_many_pairs_decide_about_half_of_the_time() -> None:
    n = pairs_to_decide(0.9, 1.0, 0.0, tests=1)
    assert n is not None
    generator = random.Random(2)
    decided = 0
    for _ in range(2000):
        changes = [generator.gauss(0.9, 1.0) for _ in range(n)]
        decided += Looks.once(n).interval(fmean(changes), stdev(changes), n, 1).low > 0
    assert 0.4 < decided / 2000 < 0.65


def test_the_levels_of_all_looks_at_all_comparisons_add_up_to_that_of_the_table() -> None:
    assert 0.05 == pytest.approx(sum(LOOKS.share(look, 12) for look in LOOKS.at for _ in range(12)))


def test_the_interval_is_students_at_its_share_with_an_allowance_for_skew() -> None:
    half = (1 + 0.7 / math.sqrt(10)) * scipy_stats.t.ppf(1 - 0.05 / 12 / 4 / 2, 9) * 0.3 / math.sqrt(10)
    found = LOOKS.interval(0.1, 0.3, 10, 12)
    assert (0.1 - half, 0.1 + half) == pytest.approx((found.low, found.high))


def test_a_single_look_has_the_whole_level_of_its_comparison() -> None:
    assert 0.05 / 3 == pytest.approx(Looks.once(7).share(7, 3))


@pytest.mark.parametrize(("expected", "pairs"), [((), 4), ((5,), 9), ((5, 10), 10)])
def test_a_look_is_reached_with_its_number_of_pairs(expected: tuple[int, ...], pairs: int) -> None:
    assert expected == LOOKS.reached(pairs)


@pytest.mark.parametrize("pairs", [0, 5, 7, 40])
def test_every_look_is_either_reached_or_still_to_come(pairs: int) -> None:
    assert LOOKS.at == (*LOOKS.reached(pairs), *LOOKS.beyond(pairs))
