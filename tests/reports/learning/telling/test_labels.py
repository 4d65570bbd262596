"""Labels of comparisons: short, and never two alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.compare.experiments.contrasts import Family
from reports.learning.effects import effects_of
from reports.learning.telling.labels import short_labels
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

SCRATCH = {"mode": "scratch", "weights": "random"}
HEAD = {"mode": "features+softmax"}
Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def labels(frames: Frames, family: Family) -> list[tuple[str, str]]:
    found = short_labels(frames, family, effects_of(frames, family))
    return [(label.network, label.comparison) for label in found]


def both(**conditions: Any) -> list[dict[str, Any]]:
    """From a checkpoint and from scratch."""
    scratch = {**conditions, **SCRATCH}
    return [{"right": 80, **conditions}, {"right": 60, **scratch}]


def test_what_goes_without_saying_is_not_in_a_label(learn: Learn) -> None:
    assert [("lenet5", "digits8")] == labels(learn(*both()), "pretraining")


def test_conditions_in_which_rows_of_a_network_differ_are_told(learn: Learn) -> None:
    frames = learn(*both(), *both(shots=20), *both(augmentation="digits"))
    assert {
        ("lenet5", "digits8, 5 shots"),
        ("lenet5", "digits8, 20 shots"),
        ("lenet5", "digits8, 5 shots, augmented: digits"),
    } == set(labels(frames, "pretraining"))


def test_a_source_that_networks_do_not_share_stands_with_the_network(learn: Learn) -> None:
    frames = learn(*both(), *both(architecture="resnet18", weights="imagenet"))
    assert [("lenet5, MNIST", "digits8"), ("resnet18, ImageNet", "digits8")] == labels(frames, "pretraining")


def test_two_sources_of_one_network_stand_in_its_rows(learn: Learn) -> None:
    frames = learn(*both(), {"right": 90, "weights": "pretrain:textures"})
    assert [("lenet5", "MNIST, digits8"), ("lenet5", "textures, digits8")] == labels(frames, "pretraining")


def test_an_augmentation_is_told_with_the_way_of_learning(learn: Learn) -> None:
    frames = learn({"right": 80}, {"right": 85, "augmentation": "digits"})
    assert [("lenet5", "digits, fine-tuned, digits8")] == labels(frames, "augmentation")


def test_rows_that_differ_in_their_recipe_alone_say_so(learn: Learn) -> None:
    recipes = [{"right": right, "recipe": name} for name, right in (("harness", 80), ("lecture", 82))]
    frames = learn({"right": 70, **HEAD}, *recipes)
    assert [("lenet5", "lecture recipe, digits8")] == labels(frames, "strategy")


@pytest.mark.parametrize(
    ("mode", "label"),
    [
        ("features+svm", "SVM head, digits8"),
        ("features-bn+softmax", "BatchNorm re-estimated, digits8"),
        ("features@layer3+softmax", "activations of layer3, digits8"),
    ],
)
def test_another_strategy_says_what_it_does_otherwise(learn: Learn, mode: str, label: str) -> None:
    frames = learn({"right": 70, **HEAD}, {"right": 75, "mode": mode})
    assert [("lenet5", label)] == labels(frames, "strategy")


def test_no_two_rows_of_a_network_have_one_label(learn: Learn) -> None:
    heads = [{"right": 70, "mode": f"features+{head}"} for head in ("softmax", "svm", "knn")]
    frames = learn(*heads, *both(), *both(recipe="lecture"), *both(patience=3), *both(precision="bf16"))
    for family in ("pretraining", "strategy"):
        found = labels(frames, family)
        assert 1 < len(found) == len(set(found))
