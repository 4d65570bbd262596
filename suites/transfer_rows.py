"""Rows of the tables of transfer learning: what each is, its variants, and the cells that it stands for.

A row's seeds are as many as it says, or open: then the plan holds one, and a run adds more where a comparison is
undecided.
"""

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
class TransferRow:
    """Trainings of one architecture from one source of weights to one target."""

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
    seeds: int | None = None
    """Number of seeds; None: open."""
    folds: int | None = None
    """Folds of a cross-validation for each seed; None: the target's own test split is used."""
    recipe: str = USUAL_RECIPE
    patience: int | None = None
    pipeline: str = "tensor"
    refit: bool = False
    precision: str = "fp32"
    execution: str = "eager"
    tune: int | None = None
    """Trials of each training; None: it is not tuned."""


def heads(row: TransferRow) -> TransferRow:
    """The row's frozen-feature form: heads train for more and larger steps, which cost nothing."""
    return replace(row, modes=HEADS, steps=HEAD_STEPS, lr=HEAD_LR)


def frozen_random(row: TransferRow, *, seeds: int | None = 3) -> TransferRow:
    """The control: a softmax head on the features of random weights. Nothing is compared with it in pairs."""
    return replace(heads(row), weights="random", modes=HEADS[:1], augmentations=("none",), seeds=seeds)


def scratch(row: TransferRow, *, lr: float) -> TransferRow:
    """The row's form without transfer, with a learning rate of its own."""
    return replace(row, weights="random", modes=("scratch",), lr=lr)


def reestimated(row: TransferRow) -> TransferRow:
    """A softmax head after BatchNorm has taken its statistics from the target: features of their own each seed."""
    return replace(heads(row), modes=("features-bn+softmax",), augmentations=("none",))


def earlier(row: TransferRow, stage: str) -> TransferRow:
    """Heads on the activations of an earlier stage: those of the last one may be too much of the source's."""
    modes = tuple(mode.replace("features", f"features@{stage}") for mode in HEADS)
    return replace(heads(row), modes=modes, augmentations=("none",))


def as_printed(row: TransferRow, *, classes: int) -> TransferRow:
    """The whole network tuned with the lecture's recipe, as long as the tutorial trains."""
    return replace(
        row,
        modes=TUNING[:1],
        augmentations=("none",),
        recipe="lecture",
        lr=TUTORIAL.lr,
        batch=TUTORIAL.batch,
        steps=steps_of(TUTORIAL, row.shots, classes, TUTORIAL.batch),
    )


def cross_validated(row: TransferRow, *, folds: int = 5) -> TransferRow:
    """Heads that learn from all images but those of one fold, and are tested on it."""
    return replace(heads(row), augmentations=("none",), shots=None, folds=folds, seeds=1)


def steps_of(usual: Usual, shots: int | None, classes: int, batch: int) -> int:
    """Steps of a recipe's usual epochs over so many training images per class."""
    images = shots * classes if shots else TUTORIAL_IMAGES
    return max(1, ceil(usual.epochs * images / batch))


def cells_of(row: TransferRow, setting: Setting) -> Iterator[Planned]:
    """The row's cells, seed by seed."""
    seeds = setting.learning.numbers(row.seeds or 1)
    numbers = product(seeds, range(row.folds or 1))
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
            execution=row.execution,
            tune=row.tune,
        )
        yield Planned(Cell(row.architecture, "top1", scenario), open=row.seeds is None)
