"""Which accuracies of a choice are told apart, and which further seeds would tell those that are not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from scipy import stats

from bench.compare.choosing.settling import (
    CandidateArm,
    LimitQuestion,
    PairQuestion,
    Standing,
    Yardstick,
    more,
    standings,
    yardstick,
)
from bench.compare.experiments.rule import Design
from bench.compare.experiments.training import Training
from tests.bench.compare.experiments.arms import seeds

SEEDS = Design()
"""Of a run whose number of seeds was fixed."""
NOISE = (0.01, -0.01, 0.02, -0.02, 0.0)
AB = PairQuestion(("a", "b"))


def arm(values: Sequence[float], seconds: float | None = 1.0, *, grows: bool = True) -> CandidateArm:
    return CandidateArm(tuple(seeds(*values)), seconds, grows)


def folds(values: Sequence[float]) -> CandidateArm:
    """One seed of a cross-validation, which trains on four times as many images as it tests on."""
    k = len(values)
    return CandidateArm(tuple(Training(value, fold, 0, k, 400, 100) for fold, value in enumerate(values)), 1.0)


def asked(question: PairQuestion | LimitQuestion, by: Yardstick | None = None, **arms: CandidateArm) -> Standing:
    (found,) = standings([question], arms, by or yardstick(SEEDS, len(arms)))
    return found


def above(change: float, noise: Sequence[float] = NOISE) -> list[float]:
    return [0.8 + change + item for item in noise]


LEVEL = [0.8] * 5


@pytest.mark.parametrize(
    ("state", "change"), [("told apart", 0.2), ("told apart", -0.2), ("open", 0.01), ("open", 0.0)]
)
def test_five_seeds_tell_a_large_difference_and_leave_a_small_one_open(state: str, change: float) -> None:
    assert state == asked(AB, a=arm(LEVEL), b=arm(above(change))).state


def test_arms_that_are_surely_within_the_margin_do_not_differ() -> None:
    quiet = above(0.0, [0.0005, -0.0005] * 10)
    assert "no difference" == asked(AB, a=arm([0.8] * 20), b=arm(quiet)).state


def test_all_pairs_of_architectures_and_two_looks_share_the_level() -> None:
    # three architectures are three pairs, looked at now and once more
    half = stats.t.ppf(1 - 0.05 / 6 / 2, 4) * math.sqrt(0.00025 / 5) * (1 + 0.7 / math.sqrt(5))
    found = asked(AB, a=arm(LEVEL), b=arm(above(0.0)), c=arm(LEVEL)).found
    assert found and found.interval
    assert half == pytest.approx(found.interval.high)


def test_looks_that_a_run_fixed_are_not_shared_a_second_time() -> None:
    assert 3 == yardstick(Design((8, 12)), 3).pairs.tests


def test_seeds_until_the_answer_cost_what_the_arms_take() -> None:
    found = asked(AB, a=arm(LEVEL, 2.0), b=arm(above(0.02), 3.0))
    assert found.found and found.seeds == found.found.pairs_to_decide
    assert (found.further, 5.0 * found.further) == (found.seeds - 5 if found.seeds else 0, found.seconds)


def test_an_arm_that_is_ahead_costs_nothing_until_the_other_has_as_many_seeds() -> None:
    found = asked(AB, a=arm([*LEVEL, *[0.8] * 100], 2.0), b=arm(above(0.02), 3.0))
    assert 3.0 * found.further == found.seconds


def test_of_one_seed_a_first_look_is_proposed() -> None:
    found = asked(AB, a=arm([0.8]), b=arm([0.81]))
    assert (True, 8, 7, 14.0) == (found.is_first_look, found.seeds, found.further, found.seconds)


def test_one_seed_of_each_whose_test_images_tell_them_apart_is_no_open_question() -> None:
    assert "far apart" == asked(AB, a=arm([0.5]), b=arm([0.9])).state


def test_a_further_seed_of_a_cross_validation_has_all_its_folds() -> None:
    found = asked(AB, a=folds(LEVEL), b=folds(above(0.04)))
    assert found.found and found.found.pairs_to_decide and found.seeds
    assert (math.ceil(found.found.pairs_to_decide / 5), 1) == (found.seeds, found.there)
    assert 10.0 * found.further == found.seconds


def test_no_seed_of_a_cross_validation_tells_what_its_images_do_not() -> None:
    found = asked(AB, a=folds(LEVEL), b=folds(above(0.002)))
    assert ("open", None, None) == (found.state, found.seeds, found.seconds)


def test_weights_as_they_are_gain_nothing_by_a_seed() -> None:
    found = asked(AB, a=arm([0.8], grows=False), b=arm([0.81]))
    assert ("open", None) == (found.state, found.seeds)


def test_arms_without_a_common_seed_are_an_open_question() -> None:
    found = asked(AB, a=arm([0.8]), b=CandidateArm(tuple(seeds(0.1, 0.8)[1:]), 1.0))
    assert ("open", None, 0, 8) == (found.state, found.found, found.there, found.seeds)


@pytest.mark.parametrize(("state", "least"), [("told apart", 0.6), ("told apart", 0.95), ("open", 0.79)])
def test_a_limit_is_kept_missed_or_too_near_to_tell(state: str, least: float) -> None:
    assert state == asked(LimitQuestion(("a",), least), a=arm(above(0.0))).state


@pytest.mark.parametrize(("state", "least"), [("far apart", 0.6), ("open", 0.79)])
def test_one_seed_is_held_against_a_limit_by_its_test_images(state: str, least: float) -> None:
    assert state == asked(LimitQuestion(("a",), least), a=arm([0.8])).state


def test_figures_that_are_no_share_of_images_have_neither_their_step_nor_a_margin() -> None:
    by = yardstick(SEEDS, 2, is_share=False, of_images=False)
    found = asked(AB, by, a=arm([0.5] * 20), b=arm([0.5 + item for item in [1e-5, -1e-5] * 10]))
    assert ("open", 0.0) == (found.state, found.found and found.found.margin)


def test_a_loss_is_told_apart_by_pairs_alone() -> None:
    by = yardstick(SEEDS, 2, is_share=False, of_images=False)
    assert "told apart" == asked(AB, by, a=arm([1.2] * 5), b=arm([2.0 + item for item in NOISE])).state


def test_what_ten_minutes_settle_is_the_cheapest_first_and_shares_its_trainings() -> None:
    arms = {"a": arm(LEVEL), "b": arm(above(0.02)), "c": arm(above(0.02)), "d": arm(above(0.02), 1000.0)}
    found = standings([AB, PairQuestion(("a", "c")), PairQuestion(("c", "d"))], arms, yardstick(SEEDS, 4))
    settled = more(found, arms)
    assert [AB, PairQuestion(("a", "c"))] == [item.question for item in settled.standings]
    further = settled.seeds - 5
    assert 3.0 * further == settled.seconds


def test_what_takes_longer_is_not_settled_in_that_time() -> None:
    arms = {"a": arm(LEVEL, 500.0), "b": arm(above(0.02), 500.0)}
    assert () == more(standings([AB], arms, yardstick(SEEDS, 2)), arms).standings


def test_what_nobody_knows_the_time_of_is_not_promised() -> None:
    arms = {"a": arm(LEVEL, None), "b": arm(above(0.02))}
    (found,) = standings([AB], arms, yardstick(SEEDS, 2))
    assert found.seeds and found.seconds is None
    assert () == more([found], arms).standings
