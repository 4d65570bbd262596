"""The words of a learning scenario: sources of weights, modes of transfer, pretraining. No torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bench.cell import Learning
from bench.declare.registry import Registry
from bench.errors import UnknownName, UsageError
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.recipes import RECIPES

PIPELINES = ("tensor", "pil")
HEADS = ("softmax", "svm")
ALL, UPPER = "all", "upper"
"""Stages of fine-tuning that every architecture has: the whole model, and the last stage before the head."""
MODES = ("scratch", "features+softmax", "features+svm", "features-bn+softmax", "finetune:all", "finetune:upper")
"""Those without a stage's name."""
FORMS = (*MODES, "features@STAGE+softmax", "features@STAGE+svm", "finetune:STAGE")
_PRETRAIN = "pretrain:"
_FILE = "file:"
_FEATURES = re.compile(r"features(?P<bn>-bn)?(@(?P<stage>[\w.]+))?\+(?P<head>\w+)")


@dataclass(frozen=True)
class Transfer:
    """A mode of transfer, taken apart."""

    kind: Literal["scratch", "features", "finetune"]
    stage: str = ""
    """Of `features`: whose activations the head is given (empty: what the model's own head is given).
    Of `finetune`: the first stage that learns, `all` or `upper`."""
    head: str = ""
    """Of `features`: `softmax` or `svm`."""
    reestimated: bool = False
    """Of `features`: BatchNorm's statistics are those of the target's training images, not of the source's."""

    @property
    def frozen(self) -> bool:
        """Whether the trunk is a fixed feature extractor."""
        return self.kind == "features"


def transfer_of(mode: str) -> Transfer:
    """Take a mode apart: `scratch`, `finetune:STAGE`, `features[-bn][@STAGE]+HEAD`.

    Raises:
        UnknownName: it has another form.
    """
    if mode == "scratch":
        return Transfer("scratch")
    kind, colon, stage = mode.partition(":")
    if kind == "finetune" and colon and re.fullmatch(r"[\w.]+", stage):
        return Transfer("finetune", stage)
    found = _FEATURES.fullmatch(mode)
    if found and found["head"] in HEADS:
        return Transfer("features", found["stage"] or "", found["head"], bool(found["bn"]))
    raise UnknownName("transfer mode", mode, FORMS)


@dataclass(frozen=True)
class Pretraining:
    """How a checkpoint is made from the source data: by the usual recipe, without augmentation."""

    lr: float = 1e-3
    epochs: int = 4
    batch: int = 32
    shots: int = 200
    """Training images per class."""


PRETRAINING: Registry[Pretraining] = Registry("pretraining of architecture")


def pretraining(architecture: str) -> Pretraining:
    """What a suite declared for the architecture, else the default."""
    return PRETRAINING.get(architecture) if architecture in PRETRAINING else Pretraining()


def source_of(weights: str) -> str:
    """The data set of `pretrain:DATASET`, empty for other weights."""
    return weights.removeprefix(_PRETRAIN) if weights.startswith(_PRETRAIN) else ""


def file_of(weights: str) -> str:
    """The path of `file:PATH`, empty for other weights."""
    return weights.removeprefix(_FILE) if weights.startswith(_FILE) else ""


def check(scenario: Learning) -> None:
    """Refuse a scenario that makes no sense.

    Raises:
        UnknownName: a mode, augmentation, recipe or pipeline that there is not.
        UsageError: training from scratch that is given weights, a fold that there is not, or a cross-validation on
            what the weights were pretrained on.
    """
    transfer = transfer_of(scenario.mode)
    AUGMENTATIONS.get(scenario.augmentation)
    RECIPES.get(scenario.recipe)
    if scenario.pipeline not in PIPELINES:
        raise UnknownName("pipeline", scenario.pipeline, PIPELINES)
    if transfer.kind == "scratch" and scenario.weights != "random":
        raise UsageError(f"'scratch' starts from random weights, not from '{scenario.weights}'")
    if scenario.folds is not None and scenario.folds < 2:
        raise UsageError(f"a cross-validation has 2 folds or more, not {scenario.folds}")
    if scenario.folds and source_of(scenario.weights) == scenario.target:
        raise UsageError(
            f"weights pretrained on '{scenario.target}' have seen the folds that it would be tested on"
        )
    if scenario.folds and not 0 <= scenario.fold < scenario.folds:
        raise UsageError(f"of {scenario.folds} folds there is no fold {scenario.fold}")
