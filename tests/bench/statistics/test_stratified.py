"""The mean of proportions with its interval, by hand and by simulation."""

import numpy as np
import pytest

from bench.statistics.intervals import wilson
from bench.statistics.stratified import ClassRecall, Proportion, mean_share, of_trainings


def test_the_mean_of_proportions_counts_every_group_alike() -> None:
    assert (0.9 + 0.5) / 2 == pytest.approx(mean_share([Proportion(90, 100), Proportion(1, 2)])[0])


def test_of_one_group_the_interval_is_wilsons() -> None:
    expected, found = wilson(7, 9), mean_share([Proportion(7, 9)])[1]
    assert expected is not None
    assert (expected.low, expected.high) == pytest.approx((found.low, found.high))


def test_groups_that_are_equal_are_worth_all_their_trials() -> None:
    expected, found = wilson(27, 30), mean_share([Proportion(9, 10)] * 3)[1]
    assert expected is not None
    assert (expected.low, expected.high) == pytest.approx((found.low, found.high))


def test_a_small_group_makes_the_mean_uncertain() -> None:
    # (91 / 102, 6 / 12): a mean of 0.696, with a variance of (0.892 * 0.108 / 100 + 0.25 / 10) / 4
    p, q = 91 / 102, 6 / 12
    m = (p + q) / 2
    effective = m * (1 - m) / ((p * (1 - p) / 100 + q * (1 - q) / 10) / 4)
    expected, found = (
        wilson((0.9 + 0.5) / 2 * effective, effective),
        mean_share([Proportion(90, 100), Proportion(5, 10)])[1],
    )
    assert expected is not None
    assert 32.6 == pytest.approx(effective, abs=0.05)
    assert (expected.low, expected.high) == pytest.approx((found.low, found.high))


def test_classes_that_are_all_right_are_not_known_exactly() -> None:
    found = mean_share([Proportion(10, 10), Proportion(12, 12)])[1]
    assert 0.75 < found.low < 1.0 == pytest.approx(found.high)


def test_a_group_without_a_trial_has_no_proportion() -> None:
    with pytest.raises(ValueError, match="trials in each"):
        mean_share([Proportion(1, 2), Proportion(0, 0)])


def test_no_group_has_no_mean() -> None:
    with pytest.raises(ValueError, match="needs a group"):
        mean_share([])


@pytest.mark.parametrize(
    ("shares", "sizes"),
    [
        ((0.95, 0.8, 0.6), (200, 40, 10)),
        ((0.98, 0.98, 0.98, 0.9), (15,) * 4),
        ((0.97,) * 40, (10,) * 40),
        ((0.5,) * 6, (20,) * 6),
    ],
)
def test_the_truth_lies_inside_in_about_19_of_20_samples(
    shares: tuple[float, ...], sizes: tuple[int, ...]
) -> None:
    random, truth = np.random.default_rng(0), float(np.mean(shares))
    draws = random.binomial(sizes, shares, (4000, len(sizes)))
    inside = [
        truth in mean_share([Proportion(int(r), n) for r, n in zip(row, sizes, strict=True)])[1] for row in draws
    ]
    assert 0.925 < float(np.mean(inside)) < 0.975


def test_folds_of_a_class_add_up() -> None:
    assert Proportion(7, 10) == of_trainings([ClassRecall(3, 4, 0, 2), ClassRecall(4, 6, 0, 2)])


def test_a_further_seed_tests_the_same_images_and_adds_none() -> None:
    assert Proportion(7.5, 10) == of_trainings([ClassRecall(7, 10, 0, 0), ClassRecall(8, 10, 1, 0)])
    assert Proportion(7, 10) == of_trainings(
        [ClassRecall(3, 4, s, 2) for s in (0, 1)] + [ClassRecall(4, 6, s, 2) for s in (0, 1)]
    )


def test_draws_of_a_labelled_budget_test_the_same_images() -> None:
    assert Proportion(7.5, 10) == of_trainings([ClassRecall(7, 10, 0, 0), ClassRecall(8, 10, 0, 0)])
