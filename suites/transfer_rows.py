"""Rows of the tables of transfer learning: what each is, its variants, and the cells that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import ceil

from bench.cell import USUAL_RECIPE
from bench.learning.recipes import TUTORIAL, Usual
from evobench import Cell, Learning, Planned, Setting

MNIST = "pretrain:mnist5k"
LITE = "imagenet-lite"
HEADS = ("features+softmax", "features+svm")
TUNING = ("finetune:all", "finetune:upper")
HEAD_STEPS = 200
HEAD_LR = 1e-2
TUTORIAL_IMAGES = 244
"""Training images of the tutorial; of all of the user's own the number is not known when they are planned."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is measured of one architecture from one source of weights to one target."""

    architecture: str
    weights: str
    target: str = "uci-digits"
    resolution: int
    modes: tuple[str, ...]
    augmentations: tuple[str, ...] = ("none",)
    shots: int | None = 5
    """Training images per class; None: all."""
    steps: int = 60
    batch: int = 16
    lr: float
    seeds: int = 3
    folds: int | None = None
    """Of a cross-validation for each seed; None: the target's own test split."""
    recipe: str = USUAL_RECIPE
    patience: int | None = None
    pipeline: str = "tensor"
    refit: bool = False
    precision: str = "fp32"
    seconds: float
    """Expected wall time of one cell on 2 cores."""
    once: float = 0.0
    """Expected wall time of what the row's cells share: checkpoint, features."""


def heads(row: Row, *, seconds: float = 0.5, once: float = 0.0) -> Row:
    """The row's frozen-feature form: heads train for more and larger steps, which cost nothing."""
    return replace(row, modes=HEADS, steps=HEAD_STEPS, lr=HEAD_LR, seconds=seconds, once=once)


def frozen_random(row: Row, *, seconds: float = 0.5, once: float = 0.0, seeds: int = 3) -> Row:
    """The control: a softmax head on the features of random weights."""
    return replace(
        heads(row, seconds=seconds, once=once),
        weights="random",
        modes=HEADS[:1],
        augmentations=("none",),
        seeds=seeds,
    )


def scratch(row: Row, *, lr: float) -> Row:
    """The row's form without transfer, with a learning rate of its own."""
    return replace(row, weights="random", modes=("scratch",), lr=lr, once=0.0)


def reestimated(row: Row, *, seconds: float, seeds: int = 3) -> Row:
    """A softmax head after BatchNorm has taken its statistics from the target: features of their own each seed."""
    plain = heads(row, seconds=seconds)
    return replace(plain, modes=("features-bn+softmax",), augmentations=("none",), seeds=seeds)


def earlier(row: Row, stage: str, *, seconds: float = 0.5, once: float = 0.0, seeds: int = 3) -> Row:
    """Heads on the activations of an earlier stage: those of the last one may be too much of the source's."""
    modes = tuple(mode.replace("features", f"features@{stage}") for mode in HEADS)
    return replace(heads(row, seconds=seconds, once=once), modes=modes, augmentations=("none",), seeds=seeds)


def as_printed(row: Row, *, classes: int, seconds: float, seeds: int) -> Row:
    """The whole network tuned with the lecture's recipe, as long as the tutorial trains."""
    return replace(
        row,
        modes=TUNING[:1],
        augmentations=("none",),
        recipe="lecture",
        lr=TUTORIAL.lr,
        batch=TUTORIAL.batch,
        steps=steps_of(TUTORIAL, row.shots, classes, TUTORIAL.batch),
        seconds=seconds,
        seeds=seeds,
        once=0.0,
    )


def cross_validated(row: Row, *, folds: int = 5, seconds: float = 0.5, once: float = 0.0) -> Row:
    """Heads that learn from all images but those of one fold, and are tested on it."""
    plain = heads(row, seconds=seconds, once=once)
    return replace(plain, augmentations=("none",), shots=None, folds=folds, seeds=1)


def steps_of(usual: Usual, shots: int | None, classes: int, batch: int) -> int:
    """Steps of a recipe's usual epochs over so many training images per class."""
    images = shots * classes if shots else TUTORIAL_IMAGES
    return max(1, ceil(usual.epochs * images / batch))


def cells_of(row: Row, setting: Setting) -> Iterator[Planned]:
    """The row's cells; the first one carries the expected time of what they share."""
    once = row.once
    numbers = product(range(row.seeds), range(row.folds or 1))
    for (seed, fold), mode, augmentation in product(numbers, row.modes, row.augmentations):
        scenario = Learning(
            weights=row.weights,
            target=row.target,
            mode=mode,
            augmentation=augmentation,
            resolution=row.resolution,
            shots=row.shots,
            steps=row.steps,
            batch=row.batch,
            lr=row.lr,
            fold=fold,
            seed=seed,
            device=setting.device,
            threads=setting.learning_threads,
            folds=row.folds,
            recipe=row.recipe,
            patience=row.patience,
            pipeline=row.pipeline,
            refit=row.refit,
            precision=row.precision,
        )
        yield Planned(Cell(row.architecture, "top1", scenario), row.seconds + once)
        once = 0.0
