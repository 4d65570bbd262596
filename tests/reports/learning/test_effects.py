"""Which trainings are compared with which, and what is said of the difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.statistics import intervals as stats
from reports.learning.effects import (
    Effect,
    augmentation_effects,
    overlap,
    pretraining_effects,
)
from reports.learning.scenarios import trainings
from reports.learning.strategies import strategy_effects
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def seeds(rights: Sequence[int], **conditions: Any) -> list[dict[str, Any]]:
    """One training a seed, right on so many of 100 images."""
    return [{"right": right, "seed": seed, **conditions} for seed, right in enumerate(rights)]


def told(effects: Sequence[Effect]) -> list[tuple[str, float, str]]:
    return [(e.treatment, round(100 * e.difference.mean, 6), e.difference.verdict) for e in effects]


def test_pairs_of_the_same_seed_are_compared(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60]), *seeds([85, 76, 64], augmentation="digits"))
    assert [("digits", 5.0, "helps")] == told(augmentation_effects(frames))


def test_a_training_without_its_pair_does_not_count(learn: Learn) -> None:
    frames = learn(*seeds([80, 70]), *seeds([85, 76, 99], augmentation="digits"))
    assert [2] == [effect.difference.n for effect in augmentation_effects(frames)]


@pytest.mark.parametrize(
    "other",
    [
        {"recipe": "lecture"},
        {"pipeline": "pil"},
        {"patience": 3},
        {"folds": 5},
        {"lr": 0.1},
        {"batch": 8},
        {"refit": True},
    ],
)
def test_trainings_under_other_conditions_are_no_pair(learn: Learn, other: dict[str, Any]) -> None:
    frames = learn(*seeds([80, 70]), *seeds([85, 76], augmentation="digits", **other))
    assert () == augmentation_effects(frames)


@pytest.mark.parametrize(
    "other",
    [
        {"recipe": "lecture"},
        {"pipeline": "pil"},
        {"patience": 3},
        {"folds": 5},
        {"lr": 0.1},
        {"batch": 8},
        {"refit": True},
    ],
)
def test_trainings_under_other_conditions_have_a_row_of_their_own(learn: Learn, other: dict[str, Any]) -> None:
    shown = load_tables().get("scenarios").plain(learn(*seeds([80, 70]), *seeds([85, 76], **other)))
    assert [75.0, 80.5] == list(shown["Accuracy"])


def test_pretraining_is_compared_with_every_way_of_training_from_scratch(learn: Learn) -> None:
    scratch = {"mode": "scratch", "weights": "random"}
    frames = learn(*seeds([80, 81]), *seeds([70, 70], **scratch), *seeds([75, 75], lr=0.1, **scratch))
    found = pretraining_effects(frames)
    assert [10.5, 5.5] == [difference for _, difference, _ in told(found)]
    assert ["augmentation none, against learning rate 0.001", "augmentation none, against learning rate 0.1"] == [
        effect.condition for effect in found
    ]


def test_tuning_is_compared_with_a_softmax_head_on_fixed_features(learn: Learn) -> None:
    heads = {"features+svm": [72, 70], "features+softmax": [71, 70]}
    frames = learn(*seeds([80, 80]), *(t for mode, rights in heads.items() for t in seeds(rights, mode=mode)))
    found = [effect for effect in strategy_effects(frames) if effect.kind == "tuning"]
    assert ["finetune:all instead of features+softmax"] == [effect.treatment for effect in found]


def test_two_heads_on_the_same_features_are_paired_by_seed(learn: Learn) -> None:
    svm, softmax = {"mode": "features+svm", "steps": 1, "lr": 0.0}, {"mode": "features+softmax"}
    frames = learn(*seeds([82, 73, 65], **svm), *seeds([80, 70, 60, 99], **softmax))
    (found,) = strategy_effects(frames)
    assert ("features+svm instead of features+softmax", 3) == (found.treatment, found.difference.n)
    # by seed 2, 3 and 5 points: unpaired, the seeds' own spread would hide them
    assert [0.02, 0.03, 0.05] == [round(change, 6) for change in found.changes]


@pytest.mark.parametrize(
    "other", [{"weights": "random"}, {"folds": 5}, {"shots": 10}, {"mode": "features@fc1+svm"}]
)
def test_heads_on_other_features_are_no_pair(learn: Learn, other: dict[str, Any]) -> None:
    treated = {"mode": "features+svm", **other}
    frames = learn(*seeds([82, 73], **treated), *seeds([80, 70], mode="features+softmax"))
    assert [] == [effect for effect in strategy_effects(frames) if effect.kind == "head"]


def test_tuning_is_compared_with_a_support_vector_machine_where_there_is_no_softmax_head(learn: Learn) -> None:
    frames = learn(*seeds([80, 80]), *seeds([70, 70], mode="features+svm"))
    assert ["finetune:all instead of features+svm"] == [e.treatment for e in strategy_effects(frames)]


def test_the_recipe_of_the_lecture_is_compared_with_the_harness_whatever_its_learning_rate(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60]), *seeds([75, 64, 56], recipe="lecture", lr=0.01, patience=5))
    assert [("lecture recipe instead of the harness's", -5.0, "hurts")] == told(strategy_effects(frames))


def test_re_estimated_statistics_are_compared_with_those_of_the_source_under_the_same_head(learn: Learn) -> None:
    modes = {
        "features+softmax": [80, 70],
        "features-bn+softmax": [83, 74],
        "features+svm": [10, 10],
        "features-bn@layer2+softmax": [5, 5],
    }
    frames = learn(*(t for mode, rights in modes.items() for t in seeds(rights, mode=mode)))
    found = [e for e in strategy_effects(frames) if e.kind == "statistics"]
    assert [("BatchNorm re-estimated", 3.5)] == [row[:2] for row in told(found)]


def test_earlier_activations_are_compared_with_the_last_ones_under_the_same_head(learn: Learn) -> None:
    modes = {"features+svm": [80, 70], "features@layer2+svm": [60, 54], "features@layer2+softmax": [5, 5]}
    frames = learn(*(t for mode, rights in modes.items() for t in seeds(rights, mode=mode)))
    found = [effect for effect in strategy_effects(frames) if effect.kind == "activations"]
    assert [("activations of layer2", -18.0)] == [row[:2] for row in told(found)]


def test_a_table_says_helps_hurts_or_undecided_at_this_n(learn: Learn) -> None:
    base, better, worse = seeds([80, 70, 60, 65]), [85, 76, 65, 71], [75, 64, 55, 59]
    frames = learn(
        *base,
        *seeds(better, augmentation="digits"),
        *seeds(worse, augmentation="lecture"),
        *seeds([81, 69, 61, 64], augmentation="erasing"),
    )
    shown = load_tables().get("augmentation_effect").plain(frames)
    assert ["helps", "hurts", "undecided at this n"] == list(shown["Verdict"])


def test_more_pairs_than_there_are_would_decide_what_is_undecided(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60, 65]), *seeds([84, 73, 60, 65], augmentation="digits"))
    (effect,) = augmentation_effects(frames)
    assert effect.pairs_to_decide is not None
    assert effect.difference.n < effect.pairs_to_decide


def test_among_more_tests_it_takes_more_pairs(tmp_path: Path) -> None:
    trainings_ = [*seeds([80, 70, 60, 65]), *seeds([84, 73, 60, 65], augmentation="digits")]
    others = seeds([82, 73, 63, 66], augmentation="erasing")
    (alone,) = augmentation_effects(learned(tmp_path / "a.sqlite", trainings_))
    first, _ = augmentation_effects(learned(tmp_path / "b.sqlite", [*trainings_, *others]))
    assert alone.pairs_to_decide is not None and first.pairs_to_decide is not None
    assert alone.pairs_to_decide < first.pairs_to_decide


def test_a_decided_difference_needs_no_more_pairs(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60]), *seeds([85, 76, 64], augmentation="digits"))
    assert ["–"] == list(load_tables().get("augmentation_effect").formatted(frames)["Pairs to decide"])


def test_of_one_pair_it_is_not_known_how_many_would_decide(learn: Learn) -> None:
    frames = learn(*seeds([80]), *seeds([85], augmentation="digits"))
    assert ["unknown"] == list(load_tables().get("augmentation_effect").formatted(frames)["Pairs to decide"])


def folds(rights: Sequence[int], **conditions: Any) -> list[dict[str, Any]]:
    """Of a cross-validation in two, once more with another seed where there are more."""
    return [
        {"right": right, "fold": i % 2, "seed": i // 2, "folds": 2, "n_train": 80, "n_test": 100, **conditions}
        for i, right in enumerate(rights)
    ]


def test_folds_that_overlap_may_never_decide(learn: Learn) -> None:
    frames = learn(*folds([80, 70, 60, 65]), *folds([84, 73, 60, 65], augmentation="digits"))
    assert ["never"] == list(load_tables().get("augmentation_effect").formatted(frames)["Pairs to decide"])


def test_a_repeated_cross_validation_is_one_sample_of_all_its_folds_and_seeds(learn: Learn) -> None:
    base, treated = [80, 70, 60, 65], [84, 73, 60, 65]
    (effect,) = augmentation_effects(learn(*folds(base), *folds(treated, augmentation="digits")))
    pairs = [(a / 100, b / 100) for a, b in zip(base, treated, strict=True)]
    expected = stats.paired_difference(pairs, test_to_train=100 / 80)
    assert 4 == effect.difference.n
    assert expected.p == pytest.approx(effect.difference.p)


def test_seeds_that_repeat_one_fold_overlap_too(learn: Learn) -> None:
    one_fold = [{**item, "fold": 0} for item in folds([80, 70, 60])[::2]]
    assert 100 / 80 == overlap(trainings(learn(*one_fold)))


def test_seeds_that_share_the_test_split_of_the_data_do_not_count_as_overlapping(learn: Learn) -> None:
    assert 0 == overlap(trainings(learn(*seeds([80, 70, 60]))))


def test_draws_of_a_budget_that_share_a_test_split_overlap(learn: Learn) -> None:
    draws = [{"right": 80 + fold, "fold": fold} for fold in range(3)]
    assert 100 / 50 == overlap(trainings(learn(*draws)))


def test_the_bootstrap_stands_beside_the_t_interval_and_not_where_folds_overlap(tmp_path: Path) -> None:
    plain = learned(
        tmp_path / "a.sqlite", [*seeds([80, 70, 60, 65]), *seeds([84, 73, 60, 65], augmentation="digits")]
    )
    crossed = learned(tmp_path / "b.sqlite", [*folds([80, 70, 60]), *folds([84, 73, 60], augmentation="digits")])
    assert augmentation_effects(plain)[0].bootstrap is not None
    assert augmentation_effects(crossed)[0].bootstrap is None
