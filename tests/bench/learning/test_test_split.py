"""The test split is read once, after all choices: whatever is in it, the same is learned."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import bench.learning
from bench.cell import Cell, Learning
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.learning import experiment
from bench.learning.data.images import Stored, read_dataset
from bench.learning.experiment import Learned
from bench.learning.partition import Partition, as_folded
from bench.learning.scenario import PRETRAINING, Pretraining
from bench.network.subject import Subject
from evobench import Images, architecture, dataset

SPLITS = np.repeat(["train", "val", "test"], [60, 30, 60])
MODES = (
    {"mode": "scratch"},
    {"mode": "scratch", "recipe": "lecture", "patience": 1},
    {"mode": "finetune:all", "weights": "pretrain:blobs"},
    {"mode": "features+softmax", "weights": "pretrain:blobs"},
    {"mode": "features+softmax", "weights": "pretrain:blobs", "augmentation": "lecture"},
    {"mode": "features-bn+softmax", "weights": "pretrain:blobs"},
    {"mode": "features+svm"},
    {"mode": "scratch", "tune": 3},
    {"mode": "features+softmax", "weights": "pretrain:blobs", "tune": 3},
    {"mode": "features+logistic"},
    {"mode": "features+knn"},
)
EVERY_MODE = pytest.mark.parametrize("scenario", MODES, ids=lambda scenario: " ".join(map(str, scenario.values())))


def blobs() -> Images:
    """A bright spot in one of three places, in noise: 50 of each, 8 x 8, with a prescribed split."""
    random = np.random.default_rng(0)
    labels = np.arange(150) % 3
    pixels = random.integers(0, 160, (150, 8, 8))
    for image, label in zip(pixels, labels, strict=True):
        image[2 * label : 2 * label + 3, 2:5] += 80
    return Images(pixels.astype(np.uint8)[..., None], labels.astype(np.int64), SPLITS)


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    load_catalogs()
    for registry in (ARCHITECTURES, DATASETS, PRETRAINING):
        monkeypatch.setattr(registry, "_items", dict(registry._items))
        monkeypatch.setattr(registry, "_places", dict(registry._places))

    @architecture(family="F", year=2026, paper="p", channels=1, resolution=8, min_resolution=8)
    def spot(num_classes: int) -> nn.Module:
        lower = nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(3))
        return nn.Sequential(lower, nn.Flatten(), nn.Linear(54, num_classes))

    PRETRAINING.add("spot", Pretraining(lr=0.01, epochs=2, batch=10, shots=20), "here")
    dataset(name="blobs", classes=3, channels=1, resolution=8, licence="none", source="these tests")(blobs)


def cell_of(**changes: Any) -> Cell:
    usual: dict[str, Any] = {
        "weights": "random",
        "target": "blobs",
        "augmentation": "none",
        "resolution": 8,
        "shots": 10,
        "steps": 12,
        "batch": 10,
        "lr": 0.01,
    }
    return Cell("spot", "top1", Learning(**{**usual, **changes}))


def made(cell: Cell, folder: Path) -> Shelf:
    """All that the cell needs, on a shelf."""
    shelf = Shelf(folder)
    for artifact in in_order(MEASURES.get("top1").artifacts(cell)):
        PRODUCERS.get(artifact.kind)(artifact, shelf, lambda progress: None)
    return shelf


def learn(cell: Cell, folder: Path) -> tuple[Learned, torch.Tensor]:
    """What a cell learns, with its scores on the images that are not for testing."""
    shelf = made(cell, folder)
    assert isinstance(cell.scenario, Learning)
    job = experiment.prepare(cell, cell.scenario, shelf)
    learned = experiment.train(job, shelf, lambda progress: None)
    return learned, learned.score(torch.arange(90))


def spoiled(stored: Stored) -> Stored:
    """Its test images are noise with labels drawn by lot."""
    generator = torch.Generator().manual_seed(1)
    test = stored.indices("test")
    pixels, labels = torch.as_tensor(stored.pixels[:]).clone(), stored.labels.clone()
    pixels[test] = torch.randint(0, 256, pixels[test].shape, generator=generator, dtype=torch.uint8)
    labels[test] = torch.randint(0, 3, (len(test),), generator=generator)
    return replace(stored, pixels=pixels, labels=labels)


def spoil(monkeypatch: pytest.MonkeyPatch, how: Callable[[Stored], Stored]) -> None:
    """Every module of learning that reads data sets reads spoiled ones."""
    patched = []
    for info in pkgutil.walk_packages(bench.learning.__path__, "bench.learning."):
        module = importlib.import_module(info.name)
        if not info.name.startswith("bench.learning.data") and hasattr(module, "read_dataset"):
            monkeypatch.setattr(module, "read_dataset", lambda *of: how(read_dataset(*of)))
            patched.append(info.name)
    assert {"bench.learning.experiment", "bench.learning.heads.trained"} <= set(patched)


def without_time(learned: Learned) -> list[dict[str, Any]]:
    return [{**asdict(point), "seconds": 0} for point in learned.curve]


@EVERY_MODE
def test_whatever_the_test_images_are_the_same_is_chosen_and_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: dict[str, Any]
) -> None:
    cell = cell_of(**scenario)
    clean, clean_scores = learn(cell, tmp_path / "clean")
    spoil(monkeypatch, spoiled)
    other, other_scores = learn(cell, tmp_path / "spoiled")
    assert (clean.chosen, clean.val) == (other.chosen, other.val)
    assert without_time(clean) == without_time(other)
    assert torch.equal(clean_scores, other_scores)


@pytest.mark.parametrize("mode", ["scratch", "finetune:upper", "features+softmax", "features-bn+softmax"])
@pytest.mark.parametrize("augmentation", ["none", "lecture"])
def test_whatever_the_pixels_of_the_tested_fold_the_same_is_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, augmentation: str
) -> None:
    cell = cell_of(mode=mode, augmentation=augmentation, folds=3, fold=1, shots=None, steps=6)

    def fold_spoiled(stored: Stored) -> Stored:
        noisy = spoiled(as_folded(stored, 1, 0, 3)).pixels
        return replace(stored, pixels=noisy)

    clean, _ = learn(cell, tmp_path / "clean")
    spoil(monkeypatch, fold_spoiled)
    other, _ = learn(cell, tmp_path / "spoiled")
    assert (clean.chosen, without_time(clean)) == (other.chosen, without_time(other))


def test_what_is_spoiled_is_seen_where_it_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: training images that are spoiled change what is learned."""
    cell = cell_of(mode="features+softmax")
    _, clean = learn(cell, tmp_path / "clean")
    spoil(monkeypatch, lambda stored: _swapped(spoiled(_swapped(stored))))
    assert not torch.equal(clean, learn(cell, tmp_path / "spoiled")[1])


def _swapped(stored: Stored) -> Stored:
    """Training and test images change places."""
    return replace(stored, split=torch.tensor([2, 1, 0])[stored.split])


@EVERY_MODE
def test_a_cell_opens_its_test_split_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: dict[str, Any]
) -> None:
    opened: list[int] = []
    opening = Partition.open_test

    def counted(partition: Partition) -> torch.Tensor:
        opened.append(1)
        return opening(partition)

    monkeypatch.setattr(Partition, "open_test", counted)
    cell = cell_of(**scenario)
    subject = Subject(cell, made(cell, tmp_path), lambda progress: None)
    MEASURES.get("top1").function(subject, Clock(9))
    assert [1] == opened


def test_a_record_has_the_figures_of_its_classifier(tmp_path: Path) -> None:
    cell = cell_of(mode="scratch")
    samples = MEASURES.get("top1").function(Subject(cell, made(cell, tmp_path), lambda progress: None), Clock(9))
    found = samples.details
    assert found["top5"] is None
    assert 0 <= found["ece"] <= 1
    assert len(samples.values) == sum(images for _, _, images in found["confusion"]["entries"])
    assert sum(samples.values) == sum(n for true, named, n in found["confusion"]["entries"] if true == named)


def test_margins_have_no_calibration(tmp_path: Path) -> None:
    cell = cell_of(mode="features+svm")
    samples = MEASURES.get("top1").function(Subject(cell, made(cell, tmp_path), lambda progress: None), Clock(9))
    assert samples.details["ece"] is None
