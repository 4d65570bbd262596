"""Measures of looking inside, as cells: on a network and data of a few kilobytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from bench.cell import Cell, Learning, Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES, architecture, dataset
from bench.declare.declarations import Images
from bench.declare.loading.discovery import load_catalogs
from bench.errors import Unsupported
from bench.learning.scenario import PRETRAINING, Pretraining
from bench.network.subject import Subject

Measured = Callable[..., Samples]


def halves() -> Images:
    """Lighter on the left or on the right, in noise: 60 of each, 8 x 8."""
    random = np.random.default_rng(0)
    labels = np.arange(120) % 2
    light = np.zeros((120, 8, 8))
    light[labels == 0, :, :4] = 120
    light[labels == 1, :, 4:] = 120
    pixels = light + random.integers(0, 60, light.shape)
    return Images(pixels.astype(np.uint8)[..., None], labels.astype(np.int64))


class Net(nn.Module):
    """One convolution and a linear layer."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3)
        self.head = nn.Linear(4 * 36, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.stem(images).relu().flatten(1))
        return logits


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Measured:
    """Measures a cell, with what it needs made before."""
    load_catalogs()
    for registry in (ARCHITECTURES, DATASETS, PRETRAINING):
        monkeypatch.setattr(registry, "_items", dict(registry._items))
        monkeypatch.setattr(registry, "_places", dict(registry._places))

    def looked_net(num_classes: int) -> nn.Module:
        return Net(num_classes)

    architecture(family="F", year=2026, paper="p", channels=1, resolution=8, min_resolution=8)(looked_net)
    PRETRAINING.add("looked_net", Pretraining(lr=0.01, epochs=1, batch=8, shots=8), "here")
    dataset(name="halves", classes=2, channels=1, resolution=8, licence="none", source="these tests")(halves)

    def run(measure: str, *, architecture: str = "looked_net", **changes: Any) -> Samples:
        usual: dict[str, Any] = {"weights": "random", "target": "halves", "mode": "features+softmax"}
        usual |= {"augmentation": "none", "resolution": 8, "shots": None, "steps": 20, "batch": 8, "lr": 0.01}
        cell, shelf = Cell(architecture, measure, Learning(**{**usual, **changes})), Shelf(tmp_path)
        item = MEASURES.get(measure)
        for artifact in in_order(item.artifacts(cell)):
            if not shelf.holds(artifact):
                PRODUCERS.get(artifact.kind)(artifact, shelf, lambda progress: None)
        samples: Samples = item.function(Subject(cell, shelf, lambda progress: None), Clock(9))
        return samples

    return run


def test_filters_are_those_of_the_scenarios_weights(measured: Measured) -> None:
    drawn, again, trained = (
        measured("filters", weights=weights, seed=0).pictures[0].png
        for weights in ("random", "random", "pretrain:halves")
    )
    assert drawn == again
    assert drawn != trained


def test_filters_of_other_seeds_are_others(measured: Measured) -> None:
    first, second = (measured("filters", seed=seed).pictures[0].png for seed in (0, 1))
    assert first != second


def test_feature_maps_of_a_stage_are_asked_for_by_the_mode(measured: Measured) -> None:
    found = measured("feature_maps", mode="features@stem+softmax")
    assert {"stem": 4} == found.details["channels"]
    assert (sum(found.details["dead"].values()) / 4,) == found.values


@pytest.mark.parametrize("mode", ["scratch", "finetune:all", "features-bn+softmax"])
def test_what_looks_at_weights_as_they_come_takes_no_mode_that_changes_them(measured: Measured, mode: str) -> None:
    with pytest.raises(Unsupported, match=f"it takes 'features.softmax', not '{mode}'".replace("+", ".")):
        measured("filters", mode=mode)


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        ("attention", "looked_net has no attention"),
        ("position_similarity", "looked_net learns no embedding of absolute positions"),
        ("patches", "looked_net learns no patches"),
    ],
)
def test_an_architecture_without_the_thing_is_unsupported(measured: Measured, measure: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        measured(measure)


VIT = "vit_simple:depth=2,dim=12,heads=3,image_size=8,mlp_dim=24,patch_size=2"
DPT = "dpt_tiny:image_size=32"


def test_relative_attention_is_that_of_the_trained_network(measured: Measured) -> None:
    fresh, trained = (
        measured("relative_attention", architecture=VIT, mode="scratch", steps=steps, lr=0.1) for steps in (1, 30)
    )
    assert fresh.details["before"] == trained.details["before"]
    assert trained.values[0] not in (fresh.values[0], trained.details["before"])
    share, control = (torch.tensor(trained.details[name]) for name in ("share", "control"))
    assert (2, 3) == share.shape == control.shape
    assert pytest.approx(float((share - control).mean())) == trained.values[0]


def test_relative_attention_of_one_scenario_is_the_same_again(measured: Measured) -> None:
    first, again = (measured("relative_attention", architecture=VIT, mode="scratch", steps=2) for _ in range(2))
    assert (first.values, first.details["control"]) == (again.values, again.details["control"])


def test_patches_begin_at_their_regular_places_and_are_moved_by_training(measured: Measured) -> None:
    found = measured("patch_offsets", architecture=DPT, mode="scratch", resolution=32, steps=2, shots=4)
    before, after = found.details["before"], found.details["after"]
    figures = [item[name] for item in before.values() for name in ("size", "offset")]
    assert pytest.approx([0.5, 0.0] * 3, abs=1e-5) == figures
    assert list(before) == list(after)
    assert pytest.approx(sum(item["offset"] for item in after.values()) / 3, abs=1e-5) == found.values[0] > 0
    offsets = [found.details[name] for name in ("offset_before", "offset_after")]
    assert pytest.approx([0, found.values[0]], abs=1e-5) == offsets


@pytest.mark.parametrize("measure", ["relative_attention", "patch_offsets"])
def test_what_looks_at_trained_networks_takes_no_head_on_features(measured: Measured, measure: str) -> None:
    with pytest.raises(Unsupported, match=r"it takes 'scratch', not 'features\+softmax'"):
        measured(measure)


@pytest.mark.parametrize(
    ("measure", "reason"),
    [("relative_attention", "looked_net has no attention"), ("patch_offsets", "looked_net learns no patches")],
)
def test_a_trained_network_without_the_thing_is_unsupported(measured: Measured, measure: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        measured(measure, mode="scratch", steps=1)


def test_a_gallery_is_of_the_scenarios_augmentation(measured: Measured) -> None:
    plain, changed = (measured("augmentation_gallery", augmentation=name) for name in ("none", "lecture"))
    assert (0.0,) == plain.values
    assert changed.values[0] > 0
    assert ["gallery-lecture"] == [picture.name for picture in changed.pictures]


def test_a_gallery_of_the_other_pipeline_is_drawn_as_well(measured: Measured) -> None:
    assert measured("augmentation_gallery", augmentation="lecture", pipeline="pil").values[0] > 0


def test_confusions_are_those_of_the_trained_model_on_the_test_split(measured: Measured) -> None:
    found = measured("confusions", mode="scratch", steps=1)
    accuracy = measured("top1", mode="scratch", steps=1)
    assert accuracy.values.count(0.0) == found.details["errors"]
    assert len(accuracy.values) == found.details["n_test"]
