"""Intervals and tests against published examples, scipy's independent forms and their own promises."""

from __future__ import annotations

import math
import random

import pytest
from scipy import stats as scipy_stats

from bench.statistics import intervals as stats


def test_wilsons_interval_matches_an_independent_implementation() -> None:
    expected = scipy_stats.binomtest(15, 20).proportion_ci(method="wilson")
    interval = stats.wilson(15, 20)
    assert interval is not None
    assert (expected.low, expected.high) == pytest.approx((interval.low, interval.high))


def test_wilsons_interval_of_a_perfect_score_still_admits_errors() -> None:
    interval = stats.wilson(20, 20)
    assert interval is not None
    assert 0.8389 == pytest.approx(interval.low, abs=1e-4)
    assert 1.0 == interval.high


def test_no_trials_have_no_interval() -> None:
    assert stats.wilson(0, 0) is None


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="5 successes of 4 trials"):
        stats.wilson(5, 4)


def test_the_interval_of_a_mean_is_students() -> None:
    values = [0.91, 0.93, 0.96]
    expected = scipy_stats.ttest_1samp(values, 0).confidence_interval(0.95)
    interval = stats.mean_interval(values)
    assert interval is not None
    assert (expected.low, expected.high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("values", [[], [0.9], [0.9, 0.9, 0.9], [0.1 + 0.2, 0.3]])
def test_values_without_spread_have_no_interval(values: list[float]) -> None:
    assert stats.mean_interval(values) is None


def test_overlapping_training_sets_widen_the_interval_as_nadeau_and_bengio_say() -> None:
    values = [0.90, 0.92, 0.95, 0.91, 0.94]
    plain, wide = stats.mean_interval(values), stats.mean_interval(values, test_to_train=0.25)
    assert plain is not None and wide is not None
    assert (1 / 5 + 0.25) / (1 / 5) == pytest.approx(((wide.high - wide.low) / (plain.high - plain.low)) ** 2)


def test_six_process_medians_bound_the_median_by_their_extremes() -> None:
    interval = stats.median_interval([3.0, 1.0, 2.0, 6.0, 5.0, 4.0])
    assert stats.Interval(1.0, 6.0, "order statistics") == interval


def test_the_order_statistics_of_twenty_values_are_the_sixth_and_the_fifteenth() -> None:
    interval = stats.median_interval(list(range(1, 21)))
    assert stats.Interval(6, 15, "order statistics") == interval


def test_three_process_medians_give_an_interval_around_their_geometric_mean() -> None:
    interval = stats.median_interval([1.0, 2.0, 4.0])
    assert interval is not None
    assert "t of logarithms" == interval.method
    assert 4.0 == pytest.approx(interval.low * interval.high)


def test_one_process_has_no_interval() -> None:
    assert stats.median_interval([0.25]) is None


def test_the_interval_of_a_ratio_does_not_depend_on_the_unit() -> None:
    base, head = [1.0, 1.1, 0.9], [2.0, 2.3, 1.9]
    seconds = stats.ratio_interval(base, head)
    milliseconds = stats.ratio_interval([1e3 * v for v in base], [1e3 * v for v in head])
    assert seconds is not None and milliseconds is not None
    assert (seconds.low, seconds.high) == pytest.approx((milliseconds.low, milliseconds.high))


def test_a_doubling_lies_within_the_interval_of_its_ratio() -> None:
    interval = stats.ratio_interval([1.0, 1.01, 0.99], [2.0, 2.03, 1.98])
    assert interval is not None
    assert 2.0 in interval
    assert 1.0 not in interval


@pytest.mark.parametrize(("base", "head"), [([1.0], [1.0, 1.1]), ([1.0, 1.1], [1.0]), ([1.0, 1.0], [2.0, 2.0])])
def test_a_ratio_without_spread_or_repetition_has_no_interval(base: list[float], head: list[float]) -> None:
    assert stats.ratio_interval(base, head) is None


def test_the_interval_of_a_ratio_holds_as_often_as_it_says() -> None:
    generator = random.Random(1)
    held = 0
    for _ in range(2000):
        base = [generator.lognormvariate(0.0, 0.05) for _ in range(5)]
        head = [generator.lognormvariate(0.1, 0.05) for _ in range(5)]
        interval = stats.ratio_interval(base, head)
        held += interval is not None and 2.718281828**0.1 in interval
    assert 0.95 == pytest.approx(held / 2000, abs=0.015)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_steady_change_is_sure(sign: int) -> None:
    difference = stats.paired_difference([(0.80, 0.80 + sign * change) for change in (0.10, 0.09, 0.11)])
    assert (True, 3) == (difference.is_sure, difference.n)


def test_a_paired_difference_has_the_p_value_of_the_paired_t_test() -> None:
    before, after = [0.80, 0.85, 0.79, 0.83], [0.82, 0.84, 0.84, 0.86]
    expected = scipy_stats.ttest_rel(after, before).pvalue
    assert expected == pytest.approx(stats.paired_difference(list(zip(before, after, strict=True))).p)


@pytest.mark.parametrize("pairs", [[(0.8, 0.9)], [(0.8, 0.9), (0.7, 0.8)], [(0.8, 0.8), (0.7, 0.7)]])
def test_pairs_that_show_no_spread_decide_nothing(pairs: list[tuple[float, float]]) -> None:
    difference = stats.paired_difference(pairs)
    assert (False, None, None) == (difference.is_sure, difference.interval, difference.p)


def test_no_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        stats.paired_difference([])


def test_holms_adjustment_keeps_the_order_and_never_exceeds_one() -> None:
    assert (0.03, 0.06, 0.06, 0.6) == pytest.approx(stats.holm([0.0075, 0.03, 0.02, 0.6]))


def test_a_gain_that_one_test_is_sure_of_may_be_chance_among_many() -> None:
    gain = stats.paired_difference([(0.80, 0.90), (0.82, 0.91), (0.81, 0.92)])
    noise = stats.paired_difference([(0.80, 0.81), (0.82, 0.80), (0.81, 0.82)])
    alone, among_many = stats.corrected([gain])[0], stats.corrected([gain, *[noise] * 19])[0]
    assert (True, False) == (alone.is_sure, among_many.is_sure)


def test_differences_without_a_p_value_do_not_count_as_tests() -> None:
    gain = stats.paired_difference([(0.80, 0.90), (0.82, 0.91), (0.81, 0.92)])
    single = stats.paired_difference([(0.8, 0.9)])
    assert (gain, single) == stats.corrected([gain, single])


def test_the_exact_test_of_a_fair_coin_matches_an_independent_implementation() -> None:
    assert scipy_stats.binomtest(2, 12).pvalue == pytest.approx(stats.binomial_test(2, 12))


def test_answers_to_the_same_questions_are_compared_by_those_that_differ() -> None:
    before, after = [1.0] * 8 + [0.0] * 4, [1.0] * 2 + [0.0] * 6 + [1.0] * 3 + [0.0]
    found = stats.mcnemar(before, after)
    assert scipy_stats.binomtest(3, 9).pvalue == pytest.approx(found.p)
    assert (-3 / 12, 12) == (found.mean, found.n)


def test_pairs_that_never_disagree_give_no_evidence() -> None:
    assert 1.0 == stats.binomial_test(0, 0)


def test_a_power_law_is_found_with_its_exponent_and_factor() -> None:
    fit = stats.power_law([1, 2, 4, 8], [3 * x**1.5 for x in (1, 2, 4, 8)])
    assert (1.5, 3.0, 4.0) == pytest.approx((fit.exponent, fit.factor, fit.n))


def test_a_fit_gives_the_value_at_any_x() -> None:
    assert 3 * 5**2 == stats.PowerLaw(exponent=2, interval=None, factor=3, n=2).at(5)


def test_the_interval_of_an_exponent_is_that_of_the_slope_of_logarithms() -> None:
    x, y = [1.0, 2.0, 4.0, 8.0, 16.0], [1.1, 1.8, 4.4, 7.5, 17.0]
    line = scipy_stats.linregress([math.log(v) for v in x], [math.log(v) for v in y])
    half = scipy_stats.t.ppf(0.975, 3) * line.stderr
    fit = stats.power_law(x, y)
    assert fit.interval is not None
    assert (line.slope - half, line.slope + half) == pytest.approx((fit.interval.low, fit.interval.high))


@pytest.mark.parametrize("x", [[1.0, 2.0], [1.0, 2.0, 2.0]])
def test_an_exponent_of_two_distinct_x_has_no_interval(x: list[float]) -> None:
    assert stats.power_law(x, [1.0, 3.0, 5.0][: len(x)]).interval is None


def test_points_on_the_line_have_no_interval() -> None:
    assert stats.power_law([1, 2, 4, 8], [5, 10, 20, 40]).interval is None


@pytest.mark.parametrize(
    ("x", "y"), [([1.0, 1.0], [1.0, 2.0]), ([1.0, 0.0], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([], [])]
)
def test_what_no_power_law_can_go_through_is_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError, match="two distinct x"):
        stats.power_law(x, y)


def test_a_ratio_of_which_no_float_can_hold_the_end_is_infinite() -> None:
    interval = stats.ratio_interval([1e-300, 1.0], [1.0, 1e300])
    assert (0.0, math.inf) == (interval and interval.low, interval and interval.high)


@pytest.mark.parametrize("figure", [-0.1, 1.1, math.inf, math.nan])
def test_what_is_no_share_has_no_interval_of_one(figure: float) -> None:
    assert stats.share_interval(figure, 10) is None


def test_the_interval_of_a_share_is_that_of_its_images() -> None:
    assert stats.wilson(7, 10) == stats.share_interval(0.7, 10)
