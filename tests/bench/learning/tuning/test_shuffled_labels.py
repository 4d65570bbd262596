"""A guard: with the labels of the tested images shuffled, the same values are chosen, to the last bit."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from bench.learning import partition
from bench.learning.data.images import Stored, read_dataset
from bench.learning.data.splits import SPLITS
from bench.learning.partition import as_folded
from tests.bench.learning.test_test_split import cell_of, learn, made, spoil, without_time, world

world = world

TEST = SPLITS.index("test")
WAYS: tuple[dict[str, Any], ...] = (
    {"mode": "scratch"},
    {"mode": "scratch", "patience": 2},
    {"mode": "finetune:upper"},
    {"mode": "features+softmax"},
    {"mode": "features+svm"},
    {"mode": "features+logistic"},
    {"mode": "features+knn"},
)
EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: " ".join(map(str, way.values())))


def shuffled(stored: Stored, split: torch.Tensor) -> Stored:
    """The labels of the images that are tested on, in another order."""
    tested = torch.nonzero(split == TEST).flatten()
    order = torch.randperm(len(tested), generator=torch.Generator().manual_seed(1))
    labels = stored.labels.clone()
    labels[tested] = labels[tested[order]]
    assert not torch.equal(labels, stored.labels)
    return replace(stored, labels=labels)


def chosen(folder: Path, **changes: Any) -> tuple[Any, ...]:
    """Everything that was chosen and seen on validation images, without what a clock says."""
    learned, _ = learn(cell_of(**changes), folder)
    assert learned.choice is not None
    trials = [replace(trial, seconds=None) for trial in learned.choice.trials]
    return trials, learned.choice.best, learned.values, learned.val, learned.chosen, without_time(learned)


@EVERY_WAY
def test_shuffled_labels_of_an_own_test_split_choose_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    expected = chosen(tmp_path / "clean", **way, tune=4)
    spoil(monkeypatch, lambda stored: shuffled(stored, stored.split))
    assert expected == chosen(tmp_path / "shuffled", **way, tune=4)


@EVERY_WAY
@pytest.mark.parametrize("fold", [0, 2])
def test_shuffled_labels_of_a_tested_fold_choose_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any], fold: int
) -> None:
    how = {**way, "folds": 3, "fold": fold, "shots": None, "tune": 4}
    cell = cell_of(**how)
    expected = chosen(tmp_path / "clean", **how)
    stored = read_dataset(next(_datasets(cell)), made(cell, tmp_path / "clean"))
    split = as_folded(stored, fold, 0, 3).split
    # which images are tested on goes by the true labels of their classes
    monkeypatch.setattr(partition, "cross_validated", lambda *of: split)
    spoil(monkeypatch, lambda stored: shuffled(stored, split))
    assert expected == chosen(tmp_path / "shuffled", **how)


def test_shuffled_labels_of_validation_images_choose_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard can fail: what validation images say is seen."""
    expected = chosen(tmp_path / "clean", mode="scratch", tune=4)
    val = SPLITS.index("val")
    spoil(monkeypatch, lambda stored: shuffled(stored, torch.where(stored.split == val, TEST, -1)))
    assert expected != chosen(tmp_path / "shuffled", mode="scratch", tune=4)


def _datasets(cell: Any) -> Iterator[Any]:
    from bench.learning.artifacts import needs_of

    yield needs_of(cell).target
