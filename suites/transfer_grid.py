"""Transfer learning under the user's conditions: every sensible combination of those that are given.

`scratch` starts from random weights and from nothing else; other modes start from random weights where both words
are given. What cannot be, such as weights that an architecture does not have, is planned all the same: its record
says why. A condition that a cell does not depend on (the pipeline without augmentation, the steps of an SVM, the
augmentation of nearest neighbours) multiplies nothing. Heads learn by the usual recipe where the one that is given
is of networks alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from bench.cell import USUAL_RECIPE
from bench.declare.catalog import ARCHITECTURES, DATASETS
from bench.declare.declarations import Architecture
from bench.declare.learning_axes import ALL, LearningAxes
from bench.errors import UsageError
from bench.learning.recipes import RECIPES, Usual
from bench.learning.scenario import file_of, is_taken, source_of
from bench.learning.weights.shipped import IMAGENET, PRETRAINED, declared, shipped
from bench.transfer import transfer_of
from evobench import Setting
from suites.transfer_rows import (
    HEAD_LR,
    HEAD_STEPS,
    HEADS,
    LITE,
    MNIST,
    TUNING,
    TransferRow,
    steps_of,
)
from suites.transfer_tables import DEFAULT, FULL

RANDOM, SCRATCH = "random", "scratch"
SMALL = ("lecture_cnn", "lenet5", "resnet18")
"""The architectures where none is named."""
_OF_TORCHVISION = ("resnet18", "efficientnet_b0")
LINE_UP = {
    IMAGENET: _OF_TORCHVISION,
    PRETRAINED: (*_OF_TORCHVISION, "efficientnet_lite0"),
    LITE: ("efficientnet_lite0",),
}
"""Architectures that have the weights."""
BATCH = 16
SIDE = 32
"""Pixels that images of random weights, or those pretrained on MNIST, have at least."""
TUNING_LR, SCRATCH_LR = 5e-4, 1e-3
TUNING_STEPS = 60
STEPS_OF_ALL = 300
"""Steps of a training on the whole training split."""
SHOTS = {"uci-digits": 5, "textures": 20}
SEEDS = 3


@dataclass(frozen=True)
class TransferStart:
    """A network with its weights, a mode of transfer and a target."""

    item: Architecture
    weights: str
    mode: str
    target: str

    @property
    def kind(self) -> str:
        """`scratch`, `features` or `finetune`."""
        return transfer_of(self.mode).kind


def grid(setting: Setting) -> Iterator[TransferRow]:
    """A row for each combination, of all its seeds and folds.

    Raises:
        UsageError: weights of a file are given, but not whose they are.
    """
    for name in _names(setting):
        for start in _starts(ARCHITECTURES.get(name), setting.learning):
            yield from _rows(start, setting.learning)


def _names(setting: Setting) -> tuple[str, ...]:
    if setting.chosen:
        return setting.chosen
    lowered = {family.lower() for family in setting.families}
    if lowered:
        return tuple(item.name for item in ARCHITECTURES if item.family.lower() in lowered)
    given = [weights for weights in setting.learning.weights if weights != RANDOM]
    if any(map(file_of, given)):
        raise UsageError("weights of a file are of one architecture: name it with --arch")
    return tuple(dict.fromkeys(name for weights in given or [MNIST] for name in LINE_UP.get(weights, SMALL)))


def _starts(item: Architecture, axes: LearningAxes) -> Iterator[TransferStart]:
    sources = _sources(item, axes)
    modes = axes.mode or (*HEADS, *TUNING)
    pairs = [(w, m) for w, m in product(sources, modes) if m != SCRATCH and (w != RANDOM or axes.mode)]
    if SCRATCH in axes.mode or (not axes.mode and (RANDOM in sources or not axes.weights)):
        pairs.append((RANDOM, SCRATCH))
    for target in axes.target or (_usual_target(axes),):
        for weights, mode in pairs:
            yield TransferStart(item, weights, mode, target)


def _sources(item: Architecture, axes: LearningAxes) -> tuple[str, ...]:
    """The weights that are asked for, each once and by the name that the architecture has for them."""
    return tuple(dict.fromkeys(shipped(item, weights) for weights in axes.weights or (_usual_weights(item),)))


def _usual_weights(item: Architecture) -> str:
    """Weights that come with an installed package, else pretraining here."""
    return next((known.source for known in item.pretrained if not known.cached), MNIST)


def _usual_target(axes: LearningAxes) -> str:
    small = all(weights == RANDOM or source_of(weights) for weights in axes.weights)
    return "uci-digits" if small else "textures"


def _rows(start: TransferStart, axes: LearningAxes) -> Iterator[TransferRow]:
    """The start under each of the other conditions that it depends on, each combination once."""
    shots = axes.shots or (ALL if axes.folds else SHOTS.get(start.target, ALL),)
    seen = set()
    conditions = product(
        axes.resolution or (_side(start, axes),),
        axes.augmentation or ("none",),
        shots,
        axes.recipe or (USUAL_RECIPE,),
        axes.pipeline or ("tensor",),
        axes.batch or (0,),
        axes.precision or ("fp32",),
        axes.execution or ("eager",),
        axes.lr or (0.0,),
    )
    transfer = transfer_of(start.mode)
    for resolution, wanted, some, named, pipeline, batch, precision, execution, lr in conditions:
        augmentation = wanted if transfer.learns else "none"
        recipe = named if is_taken(named, transfer) else USUAL_RECIPE
        row = _row(start, axes, resolution, some, recipe, batch if transfer.stepwise else 0)
        row = replace(
            row,
            augmentations=(augmentation,),
            pipeline="tensor" if augmentation == "none" else pipeline,
            precision=precision,
            execution="eager" if transfer.frozen else execution,
            lr=lr if lr and transfer.stepwise else row.lr,
        )
        if row not in seen:
            seen.add(row)
            yield row


def _row(
    start: TransferStart, axes: LearningAxes, resolution: int, shots: int, recipe: str, batch: int
) -> TransferRow:
    stepwise = transfer_of(start.mode).stepwise
    usual = RECIPES.get(recipe).usual
    batch = batch or (usual.batch if usual else BATCH)
    steps, lr = _training(start, shots, usual, batch)
    if stepwise:
        steps = axes.steps or steps
    return TransferRow(
        architecture=start.item.name,
        weights=start.weights,
        target=start.target,
        resolution=resolution,
        modes=(start.mode,),
        shots=shots or None,
        steps=steps,
        batch=batch,
        lr=lr,
        seeds=axes.seeds or (1 if axes.folds else SEEDS),
        folds=axes.folds or None,
        recipe=recipe,
        patience=(axes.patience or None) if stepwise else None,
        refit=axes.refit and start.kind == "features",
        tune=axes.tune or None,
    )


def _side(start: TransferStart, axes: LearningAxes) -> int:
    """The resolution of the weights; what starts from random ones has that of those it is compared with."""
    sources = _sources(start.item, axes)
    given = [_own_side(start, weights) for weights in sources if weights != RANDOM]
    return (
        max(given, default=_own_side(start, RANDOM))
        if start.weights == RANDOM
        else _own_side(start, start.weights)
    )


def _own_side(start: TransferStart, weights: str) -> int:
    item = start.item
    if own := declared(item, weights):
        return own.resolution
    if weights == RANDOM or source_of(weights):
        images = None if source_of(weights) else DATASETS.get(start.target).resolution
        return max(item.min_resolution, min(item.resolution, max(SIDE, images or 0)))
    return item.resolution


def _training(start: TransferStart, shots: int, usual: Usual | None, batch: int) -> tuple[int, float]:
    """Steps and learning rate: the recipe's, else those of the tables for what is alike, else of the kind."""
    if usual:
        return steps_of(usual, shots, DATASETS.get(start.target).classes, batch), usual.lr
    if start.kind == "features":
        return HEAD_STEPS, HEAD_LR
    alike = [row for row in _trained(start.item.name) if _is_alike(row, start)]
    if alike:
        return alike[0].steps if shots else STEPS_OF_ALL, alike[0].lr
    return TUNING_STEPS if shots else STEPS_OF_ALL, SCRATCH_LR if start.kind == SCRATCH else TUNING_LR


def _trained(architecture: str) -> list[TransferRow]:
    """Rows of the tables in which the usual recipe trains the whole network."""
    rows = [row for row in (*DEFAULT, *FULL) if row.architecture == architecture and row.recipe == USUAL_RECIPE]
    return [row for row in rows if transfer_of(row.modes[0]).kind != "features"]


def _is_alike(row: TransferRow, start: TransferStart) -> bool:
    same = row.weights == start.weights or bool(source_of(row.weights) and source_of(start.weights))
    return same and transfer_of(row.modes[0]).kind == start.kind
