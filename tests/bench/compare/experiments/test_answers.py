"""The four answers, and the interval that they are read off."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from scipy import stats as scipy_stats

from bench.compare.experiments.answers import Answered, answer_of, answered
from bench.compare.experiments.rule import ComparisonRule
from bench.compare.experiments.training import Training
from bench.statistics.intervals import Interval
from bench.statistics.looks import Looks
from tests.bench.compare.experiments.arms import changed, seeds

LOOKS = Looks((5, 10, 20))
RULE = ComparisonRule(tests=4, margin=0.01, looks=LOOKS)
NOISE = (0.01, -0.01, 0.02, -0.02, 0.0)
"""Of mean 0 and standard deviation 0.0158."""
WIDER = 1 + 0.7 / math.sqrt(5)
"""Times as wide as Student's interval of five pairs, as an allowance for skew."""


def of(*changes: float, rule: ComparisonRule = RULE, n_test: int | None = 1000) -> Answered:
    found = answered(*changed(changes, n_test), rule)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expected", "low", "high"),
    [
        ("helps", 0.001, 0.02),
        ("helps", 0.001, 0.005),
        ("hurts", -0.02, -0.001),
        ("no difference", -0.01, 0.01),
        ("no difference", 0.0, 0.004),
        ("undecided", -0.001, 0.011),
        ("undecided", -0.5, 0.5),
    ],
)
def test_the_answer_is_read_off_the_interval(expected: str, low: float, high: float) -> None:
    assert expected == answer_of(Interval(low, high, "t"), ComparisonRule(1, margin=0.01))


def test_the_interval_shares_the_level_among_all_rows_and_looks() -> None:
    # 5 % over 4 rows and 3 looks
    half = scipy_stats.t.ppf(1 - 0.05 / 12 / 2, 4) * math.sqrt(0.00025 / 5) * WIDER
    found = of(*NOISE).interval
    assert found is not None
    assert (-half, half) == pytest.approx((found.low, found.high))


def test_a_fixed_number_of_pairs_is_one_look() -> None:
    half = scipy_stats.t.ppf(1 - 0.05 / 4 / 2, 4) * math.sqrt(0.00025 / 5) * WIDER
    found = of(*NOISE, rule=replace(RULE, looks=None)).interval
    assert found is not None
    assert (-half, half) == pytest.approx((found.low, found.high))


def test_the_first_answer_stands_whatever_comes_later() -> None:
    clear = [0.3 + change for change in NOISE]
    found = of(*clear, *[-0.3] * 5)
    assert ("helps", 5, 10) == (found.answer, found.n, found.pairs)


def test_between_two_looks_the_figures_are_those_of_the_look_before() -> None:
    found = of(*NOISE, 0.5, 0.5)
    assert ("undecided", 5, 7) == (found.answer, found.n, found.pairs)
    assert 0.0 == pytest.approx(found.mean)


def test_before_the_first_look_there_is_a_mean_and_no_interval() -> None:
    found = of(0.02, 0.04)
    assert ("undecided", None, 2) == (found.answer, found.interval, found.n)
    assert 0.03 == pytest.approx(found.mean)


def test_pairs_that_are_equal_are_sure_to_one_test_image_and_no_further() -> None:
    found = of(*[0.0] * 5, n_test=100)
    assert ("undecided", 0.01) == (found.answer, found.spread)


def test_pairs_that_are_equal_on_many_images_show_no_difference() -> None:
    assert "no difference" == of(*[0.0] * 5, n_test=10_000).answer


def test_equal_pairs_of_an_unknown_number_of_images_show_nothing() -> None:
    found = of(*[0.1] * 5, n_test=None)
    assert ("undecided", None, None) == (found.answer, found.interval, found.pairs_to_decide)


@pytest.mark.parametrize(("expected", "n_test"), [(0.01, 1000), (0.02, 50)])
def test_the_margin_is_that_of_the_rule_or_one_test_image(expected: float, n_test: int) -> None:
    assert expected == of(*NOISE, n_test=n_test).margin


def test_trainings_without_a_common_seed_have_no_answer() -> None:
    assert answered(seeds(0.5), seeds(0.5, 0.5)[1:], RULE) is None


@pytest.mark.parametrize(("expected", "change"), [(True, 0.4), (False, 0.005)])
def test_one_seed_is_far_apart_where_the_intervals_of_its_test_images_are(expected: bool, change: float) -> None:
    assert expected is of(change).far_apart


def test_enough_pairs_for_a_look_are_not_told_as_far_apart() -> None:
    assert not of(*[0.4] * 5).far_apart


def test_an_open_comparison_tells_the_look_at_which_it_would_be_decided() -> None:
    # t(9) and t(19) at 0.42 % reach 3.8 and 3.3 standard errors, and with the allowance 0.023 and 0.013 here
    found = of(*(0.018 + change for change in NOISE))
    assert ("undecided", 20) == (found.answer, found.pairs_to_decide)


def test_an_answered_comparison_needs_no_further_pairs() -> None:
    assert of(*[0.4] * 5).pairs_to_decide is None


def test_folds_whose_training_sets_overlap_have_a_wider_interval() -> None:
    base, treated = (
        [Training(0.5 + sign * change, fold, 0, 5, n_train=80, n_test=20) for fold, change in enumerate(NOISE)]
        for sign in (0, 1)
    )
    found = answered(base, treated, RULE)
    assert found is not None and found.interval is not None and found.spread is not None
    # one test image of 20 is more than the folds' spread; Nadeau and Bengio (2003): 1/n + test/train
    half = scipy_stats.t.ppf(1 - 0.05 / 12 / 2, 4) * 0.05 * math.sqrt(1 / 5 + 20 / 80) * WIDER
    assert half == pytest.approx(found.interval.high - found.mean)


def test_the_standard_error_is_that_of_the_interval() -> None:
    found = of(*NOISE)
    assert math.sqrt(0.00025 / 5) == pytest.approx(found.error)


def test_answers_do_not_depend_on_the_order_in_which_trainings_ended() -> None:
    base, treated = changed([random.Random(1).gauss(0.02, 0.01) for _ in range(12)])
    assert answered(base, treated, RULE) == answered(base[::-1], treated[::-1], RULE)
