"""Parts of a learning scenario: sources of weights, pretraining. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from bench.cell import FORMATS, USUAL_RECIPE, Learning
from bench.declare.catalog import DATASETS
from bench.declare.declarations import Architecture
from bench.declare.registry import Registry
from bench.errors import UnknownName, UsageError
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.recipes import RECIPES
from bench.learning.weights.spelling import weights_file
from bench.transfer import Transfer, transfer_of

CONVERTED = {1, 3}
"""Numbers of channels between which pictures are converted: gray is repeated, colour becomes its luma."""
PIPELINES = ("tensor", "pil")
WAYS = ("eager", "compiled")
"""Ways to execute networks while they learn."""
MOST_TRIALS = 64
"""Most trials of a tuned training: the validation images are few, and more trials overfit them."""
_PRETRAIN = "pretrain:"


@dataclass(frozen=True)
class Pretraining:
    """Recipe of a checkpoint from the source data: the usual recipe, without augmentation."""

    lr: float = 1e-3
    epochs: int = 4
    batch: int = 32
    shots: int = 200
    """Training images per class."""


PRETRAINING: Registry[Pretraining] = Registry("pretraining of architecture")


def pretraining(architecture: str) -> Pretraining:
    """Pretraining that a suite declared for the architecture, else the default."""
    return PRETRAINING.get(architecture) if architecture in PRETRAINING else Pretraining()


def source_of(weights: str) -> str:
    """The data set of `pretrain:DATASET`, empty for other weights."""
    return weights.removeprefix(_PRETRAIN) if weights.startswith(_PRETRAIN) else ""


def file_of(weights: str) -> str:
    """The path in `file:PATH`, without its options; empty for other weights."""
    found = weights_file(weights)
    return str(found.path) if found else ""


def is_taken(recipe: str, transfer: Transfer) -> bool:
    """Whether a mode of transfer can learn by a recipe: networks by all, heads on fixed features by some.

    The usual recipe goes without saying, for what learns without steps, too.

    Raises:
        UnknownName: there is no such recipe.
    """
    beyond = RECIPES.get(recipe).beyond_heads
    return recipe == USUAL_RECIPE or not transfer.frozen or (transfer.stepwise and not beyond)


def check(scenario: Learning) -> None:
    """Refuse a scenario that makes no sense.

    Raises:
        UnknownName: a mode, augmentation, recipe, pipeline, precision or execution that there is not.
        UsageError: training from scratch that is given weights, a fold that there is not, a cross-validation on
            what the weights were pretrained on, a last fit on validation images that cannot be, a time, a recipe
            or a compiler for what is not trained by one, or tf32 on another device than CUDA's.
    """
    transfer = transfer_of(scenario.mode)
    _check_way(scenario, transfer)
    _check_execution(scenario, transfer)
    if transfer.kind == "scratch" and scenario.weights != "random":
        raise UsageError(f"'scratch' starts from random weights, not from '{scenario.weights}'")
    _check_folds(scenario)


def _check_way(scenario: Learning, transfer: Transfer) -> None:
    """Refuse a way of learning that the mode of transfer does not have."""
    if scenario.refit and (not transfer.frozen or scenario.augmentation != "none" or scenario.patience):
        raise UsageError(
            "a refit is of heads on fixed features, without augmentation and patience: give"
            " --mode features+softmax or features+svm with it"
        )
    if not transfer.learns and scenario.augmentation != "none":
        raise UsageError(
            f"'{scenario.mode}' looks training images up as they are: augmentation '{scenario.augmentation}' is of"
            " what learns, so leave it out"
        )
    if scenario.tune and (scenario.duration or not 1 <= scenario.tune <= MOST_TRIALS):
        raise UsageError(f"a tuned training has 1 to {MOST_TRIALS} trials, each for its steps and not for a time")
    if scenario.duration and (transfer.frozen or scenario.patience):
        raise UsageError(
            "a training for a time is of a network, not of a head on fixed features, and has no patience"
        )
    AUGMENTATIONS.get(scenario.augmentation)
    if not is_taken(scenario.recipe, transfer):
        of = f"a recipe that {RECIPES.get(scenario.recipe).beyond_heads or 'goes by steps'}"
        raise UsageError(f"'{scenario.mode}' cannot be trained by recipe '{scenario.recipe}', {of}")


def _check_execution(scenario: Learning, transfer: Transfer) -> None:
    """Refuse a compiler, pipeline or number format that there is not, or not for this scenario."""
    if scenario.execution not in WAYS:
        raise UnknownName("way to run of learning", scenario.execution, WAYS)
    if transfer.frozen and scenario.execution != "eager":
        raise UsageError("networks are compiled to learn: a head on fixed features is not")
    if scenario.pipeline not in PIPELINES:
        raise UnknownName("pipeline", scenario.pipeline, PIPELINES)
    if scenario.precision not in FORMATS:
        raise UnknownName("precision of learning", scenario.precision, FORMATS)
    if scenario.precision == "tf32" and not scenario.device.startswith("cuda"):
        raise UsageError(f"device '{scenario.device}' has no tf32: it is a format of NVIDIA's GPUs")


def _check_folds(scenario: Learning) -> None:
    """Refuse a cross-validation that cannot be."""
    if scenario.folds is not None and scenario.folds < 2:
        raise UsageError(f"a cross-validation has 2 folds or more, not {scenario.folds}")
    if scenario.folds and source_of(scenario.weights) == scenario.target:
        raise UsageError(
            f"weights pretrained on '{scenario.target}' have seen the folds that it would be tested on"
        )
    if scenario.folds and not 0 <= scenario.fold < scenario.folds:
        raise UsageError(f"of {scenario.folds} folds there is no fold {scenario.fold}")


def why_unfit(architecture: Architecture, scenario: Learning) -> str:
    """Why the architecture cannot take the target's images, as far as declarations show; empty where it can."""
    name, least, takes = architecture.name, architecture.min_resolution, architecture.channels
    if scenario.resolution < least:
        return f"{name} needs {least} px, the scenario has {scenario.resolution}"
    for data in map(DATASETS.get, filter(None, (scenario.target, source_of(scenario.weights)))):
        if takes != data.channels and not {takes, data.channels} <= CONVERTED:
            number = f"{takes} channel{'' if takes == 1 else 's'}"
            return f"{name} takes {number}, the pictures of '{data.name}' have {data.channels}"
    return ""
