"""What is said of comparisons of trainings: their rows, their words, and why there is no pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.compare.experiments.rule import Design
from bench.store.database import Declaration
from reports.learning.effects import Effect, effects_of, overlap
from reports.learning.scenarios import trainings
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

Learn = Callable[..., Frames]
SCRATCH = {"mode": "scratch", "weights": "random"}
LOOKED_AT = Declaration("design", "learning", Design((5, 8)).to_dict())


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items, **how: learned(tmp_path / "s.sqlite", items, **how)


def seeds(rights: Sequence[int | None], **conditions: Any) -> list[dict[str, Any]]:
    """One training a seed, right on so many of 100 images; None: planned, and without a record."""
    return [{"right": right, "seed": seed, **conditions} for seed, right in enumerate(rights)]


def told(effects: Sequence[Effect]) -> list[tuple[str, float | None, str]]:
    return [(e.treatment, round(100 * e.found.mean, 6) if e.found else None, e.told) for e in effects]


def test_pairs_of_the_same_seed_are_compared(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60]), *seeds([85, 76, 64], augmentation="digits"))
    assert [("digits", 5.0, "helps")] == told(effects_of(frames, "augmentation"))


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
    assert [80.5, 75.0] == list(shown["Accuracy"])


def test_pretraining_is_compared_with_every_way_of_training_from_scratch(learn: Learn) -> None:
    frames = learn(*seeds([80, 81]), *seeds([70, 70], **SCRATCH), *seeds([75, 75], lr=0.1, **SCRATCH))
    expected = {
        "augmentation none, against learning rate 0.001": 10.5,
        "augmentation none, against learning rate 0.1": 5.5,
    }
    assert expected == {
        effect.condition: round(100 * effect.found.mean, 6)
        for effect in effects_of(frames, "pretraining")
        if effect.found
    }


@pytest.mark.parametrize(
    ("treatment", "condition", "other"),
    [
        (
            "features+svm instead of features+softmax",
            "pretrain:mnist5k, augmentation none",
            {"mode": "features+svm"},
        ),
        (
            "lecture recipe instead of the harness's",
            "features+softmax, pretrain:mnist5k, augmentation none, lecture recipe",
            {"mode": "features+softmax", "recipe": "lecture"},
        ),
        (
            "BatchNorm re-estimated",
            "features+softmax, pretrain:mnist5k, augmentation none",
            {"mode": "features-bn+softmax"},
        ),
        (
            "activations of layer2",
            "features+softmax, pretrain:mnist5k, augmentation none",
            {"mode": "features@layer2+softmax"},
        ),
    ],
)
def test_a_strategy_is_named_with_what_it_replaces(
    learn: Learn, treatment: str, condition: str, other: dict[str, Any]
) -> None:
    (found,) = effects_of(learn(*seeds([80], mode="features+softmax"), *seeds([81], **other)), "strategy")
    assert (treatment, condition) == (found.treatment, found.condition)


def test_tuning_has_a_table_of_its_own(learn: Learn) -> None:
    frames = learn(*seeds([80, 80]), *seeds([71, 70], mode="features+softmax"))
    shown = load_tables().get("tuning_effect").plain(frames)
    assert ["finetune:all instead of features+softmax"] == list(shown["Treatment"])
    assert load_tables().get("strategy_effect").plain(frames).empty


def test_a_table_has_all_four_answers(learn: Learn) -> None:
    base = seeds([80, 70, 60, 65, 75], images=1000)
    treated = {
        "digits": [180, 175, 165, 168, 177],
        "lecture": [10, 5, 9, 3, 12],
        "erasing": [80, 70, 60, 65, 75],
        "cutmix": [95, 40, 90, 20, 99],
    }
    others = [item for name, rights in treated.items() for item in seeds(rights, augmentation=name, images=1000)]
    shown = load_tables().get("augmentation_effect").plain(learn(*base, *others))
    assert ["helps", "hurts", "no difference", "undecided"] == list(shown["Answer"])


def test_a_difference_within_one_test_image_is_within_the_margin(learn: Learn) -> None:
    frames = learn(*seeds([8, 7], images=20), *seeds([8, 7], images=20, augmentation="digits"))
    assert ["±5.0"] == list(load_tables().get("augmentation_effect").formatted(frames)["Margin"])


def test_the_margin_is_that_of_the_run(learn: Learn) -> None:
    wide = Declaration("design", "learning", Design(margin=0.03).to_dict())
    frames = learn(*seeds([80, 70]), *seeds([81, 71], augmentation="digits"), declared=[wide])
    assert ["±3.0"] == list(load_tables().get("augmentation_effect").formatted(frames)["Margin"])


def test_a_run_with_looks_has_no_answer_before_the_first(learn: Learn) -> None:
    base, treated = seeds([80, 70, 60, 75]), seeds([85, 76, 64, 81], augmentation="digits")
    frames = learn(*base, *treated, declared=[LOOKED_AT])
    assert ["undecided"] == [effect.told for effect in effects_of(frames, "augmentation")]


def test_the_answer_of_a_look_stands_whatever_came_later(learn: Learn) -> None:
    base, treated = seeds([50] * 7), seeds([90, 91, 89, 90, 92, 0, 0], augmentation="digits")
    (found,) = effects_of(learn(*base, *treated, declared=[LOOKED_AT]), "augmentation")
    assert found.found is not None
    assert ("helps", 5, 7) == (found.told, found.found.n, found.found.pairs)


def test_one_seed_with_intervals_that_do_not_meet_is_far_apart(learn: Learn) -> None:
    frames = learn(*seeds([96]), *seeds([11], **SCRATCH))
    assert ["undecided: far apart, one seed"] == [e.told for e in effects_of(frames, "pretraining")]


def test_one_seed_with_intervals_that_meet_is_undecided(learn: Learn) -> None:
    frames = learn(*seeds([80]), *seeds([78], **SCRATCH))
    assert ["undecided"] == [e.told for e in effects_of(frames, "pretraining")]


@pytest.mark.parametrize(("why", "state"), [("no pair in this time", "complete"), ("no pair yet", "interrupted")])
def test_a_comparison_without_a_pair_has_a_row_that_says_why(learn: Learn, why: str, state: str) -> None:
    frames = learn(*seeds([80, 70]), *seeds([None, None], augmentation="digits"), state=state)
    shown = load_tables().get("augmentation_effect").plain(frames)
    assert [(f"undecided: {why}", 0)] == list(zip(shown["Answer"], shown["n"], strict=True))


def test_a_comparison_whose_trainings_failed_says_so(learn: Learn) -> None:
    frames = learn(*seeds([80, 70]), *seeds([1, 1], augmentation="digits", status="failed"))
    assert ["undecided: its trainings failed"] == [e.told for e in effects_of(frames, "augmentation")]


def test_what_was_left_out_counts_among_the_rows_that_share_the_level(tmp_path: Path) -> None:
    pairs = [*seeds([80, 70, 60]), *seeds([85, 76, 64], augmentation="digits")]
    alone = effects_of(learned(tmp_path / "a.sqlite", pairs), "augmentation")[0].found
    left_out = seeds([None], augmentation="erasing")
    beside = effects_of(learned(tmp_path / "b.sqlite", [*pairs, *left_out]), "augmentation")[0].found
    assert alone is not None and alone.interval is not None
    assert beside is not None and beside.interval is not None
    assert alone.interval.low > beside.interval.low


def test_more_pairs_than_there_are_would_decide_what_is_undecided(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60, 65]), *seeds([84, 73, 60, 65], augmentation="digits"))
    (needed,) = load_tables().get("augmentation_effect").plain(frames)["Pairs to decide"]
    assert needed > 4


def test_a_decided_difference_needs_no_more_pairs(learn: Learn) -> None:
    frames = learn(*seeds([80, 70, 60]), *seeds([85, 76, 64], augmentation="digits"))
    assert ["–"] == list(load_tables().get("augmentation_effect").formatted(frames)["Pairs to decide"])


def test_of_one_pair_it_is_not_known_how_many_would_decide(learn: Learn) -> None:
    frames = learn(*seeds([80]), *seeds([85], augmentation="digits"))
    assert ["–"] == list(load_tables().get("augmentation_effect").formatted(frames)["Pairs to decide"])


def folds(rights: Sequence[int], **conditions: Any) -> list[dict[str, Any]]:
    """Of a cross-validation in two, once more with another seed where there are more."""
    return [
        {"right": right, "fold": i % 2, "seed": i // 2, "folds": 2, "n_train": 80, "n_test": 100, **conditions}
        for i, right in enumerate(rights)
    ]


def test_folds_that_overlap_may_never_decide(learn: Learn) -> None:
    frames = learn(*folds([80, 70, 60, 65]), *folds([84, 73, 60, 65], augmentation="digits"))
    assert ["never"] == list(load_tables().get("augmentation_effect").formatted(frames)["Pairs to decide"])


def test_seeds_that_repeat_one_fold_overlap_too(learn: Learn) -> None:
    one_fold = [{**item, "fold": 0} for item in folds([80, 70, 60])[::2]]
    assert 100 / 80 == overlap(trainings(learn(*one_fold)))


def test_seeds_that_share_the_test_split_of_the_data_do_not_count_as_overlapping(learn: Learn) -> None:
    assert 0 == overlap(trainings(learn(*seeds([80, 70, 60]))))


def test_draws_of_a_budget_that_share_a_test_split_overlap(learn: Learn) -> None:
    draws = [{"right": 80 + fold, "fold": fold} for fold in range(3)]
    assert 100 / 50 == overlap(trainings(learn(*draws)))
