"""The words of a learning scenario: sources of weights, modes of transfer, recipes of pretraining. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from bench.cell import Learning
from bench.errors import UnknownName, UsageError
from bench.registry import Registry

FROZEN = ("features+softmax", "features+svm")
"""The trunk is a fixed feature extractor."""
MODES = ("scratch", *FROZEN, "finetune:all", "finetune:upper")
_PRETRAIN = "pretrain:"


@dataclass(frozen=True)
class Pretraining:
    """How a checkpoint is made from the source data: AdamW, cosine, warm-up, no augmentation."""

    lr: float = 1e-3
    epochs: int = 4
    batch: int = 32
    shots: int = 200
    """Training images per class."""


PRETRAINING: Registry[Pretraining] = Registry("pretraining of architecture")


def pretraining(architecture: str) -> Pretraining:
    """The recipe that a suite declared for the architecture, else the default one."""
    return PRETRAINING.get(architecture) if architecture in PRETRAINING else Pretraining()


def source_of(weights: str) -> str:
    """The data set of `pretrain:DATASET`, empty for other weights."""
    return weights.removeprefix(_PRETRAIN) if weights.startswith(_PRETRAIN) else ""


def check(scenario: Learning) -> None:
    """Refuse a scenario that makes no sense.

    Raises:
        UnknownName: the mode is none of `MODES`.
        UsageError: training from scratch that is given weights.
    """
    if scenario.mode not in MODES:
        raise UnknownName("transfer mode", scenario.mode, MODES)
    if scenario.mode == "scratch" and scenario.weights != "random":
        raise UsageError(f"'scratch' starts from random weights, not from '{scenario.weights}'")
