"""One learning cell: it trains as its scenario says, then reads the test split once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from bench.cell import Cell, Learning, digest
from bench.declare.artifact import Report, Shelf
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES
from bench.declare.declarations import Architecture
from bench.declare.loading.code import code_digest
from bench.declare.preprocessing import Preprocessing
from bench.errors import Unsupported
from bench.learning.artifacts import needs_of, places_of
from bench.learning.data.augment import warnings_about
from bench.learning.data.images import Stored, read_dataset
from bench.learning.data.view import View
from bench.learning.features import DEPENDENT, read_matrix
from bench.learning.heads.alone import SORTS, Classifier, as_said
from bench.learning.heads.head import Head
from bench.learning.heads.trained import head_task, read_head, read_matrices
from bench.learning.needs import WARNINGS, CellArtifacts
from bench.learning.partition import Partition, as_folded
from bench.learning.recipes import RECIPES, Values
from bench.learning.scenario import why_unfit
from bench.learning.seeds import stream
from bench.learning.surgery import names_from, replace_heads, upper_names
from bench.learning.training.networks import WHOLE
from bench.learning.training.task import TrainingTask
from bench.learning.training.watch import CurvePoint
from bench.learning.tuning.heads import Tuned
from bench.learning.tuning.networks import fit_as_said
from bench.learning.tuning.trials import TrialChoice
from bench.learning.weights.files import weights_digest
from bench.learning.weights.preprocessing import preprocessing_for
from bench.learning.weights.sources import Initial, Origin, file_notes, initial_model
from bench.machine.determinism import NOT_DETERMINISTIC
from bench.network.heads import depends_on_neighbours, heads_of
from bench.network.outputs import NetworkOutputs
from bench.transfer import ALL, UPPER, transfer_of

TRAINED_ON = "trained_on"
"""Detail of a record that says where heads were trained beside trainings on a GPU, in seconds of another
machine."""


@dataclass(frozen=True)
class Learned:
    """A trained classifier, with the details of its training."""

    score: Callable[[torch.Tensor], torch.Tensor]
    """Function from positions of images to scores, N x classes."""
    probabilistic: bool
    """Whether the scores are logits of a probability."""
    curve: tuple[CurvePoint, ...]
    val: float
    trainable: int
    frozen: str
    """Part that kept its weights and statistics: `trunk`, `below LAYERS`, or nothing.

    Or `what the builder froze`, which are weights alone.
    """
    chosen: dict[str, float]
    """Values that validation data chose."""
    seconds: float = 0.0
    """Seconds of training; for heads that were trained together, this one's share."""
    warnings: tuple[str, ...] = ()
    origin: dict[str, Any] = field(default_factory=dict)
    """Origin of the initial weights: package and licence, or how pretraining went."""
    told: dict[str, Any] = field(default_factory=dict)
    """Details that a GPU and 16 bits add: see `bench.learning.training.fit.TrainedModel`."""
    model: nn.Module | None = None
    """The trained network; None: a head was trained on features."""
    view: View | None = None
    """View of the trained network on pictures; None for a head."""
    head: Classifier | None = None
    """The trained head on features; None for a network."""
    values: Values | None = None
    """Values with which the final weights were trained; None: they were solved for, without a rate."""
    choice: TrialChoice | None = None
    """Trials that the training was chosen from; None: it was not tuned."""
    first: Callable[[torch.Tensor], torch.Tensor] | None = None
    """Function like `score` of the first of these trials; None: it failed."""


@dataclass(frozen=True)
class Experiment:
    """A learning cell with the data that it works on."""

    architecture: Architecture
    scenario: Learning
    needs: CellArtifacts
    stored: Stored
    partition: Partition
    preprocessing: Preprocessing
    """Preparation of the target's pictures for the weights."""
    key: str
    """Key of the cell and all its inputs."""

    @property
    def classes(self) -> int:
        """Number of classes of the target."""
        return DATASETS.get(self.scenario.target).classes


def prepare(cell: Cell, scenario: Learning, shelf: Shelf) -> Experiment:
    """Read the target and draw the labelled images.

    Raises:
        Unsupported: the images are too small for the architecture, of other channels, or too few.
    """
    architecture = ARCHITECTURES.get(cell.architecture)
    if reason := why_unfit(architecture, scenario):
        raise Unsupported(reason)
    needs = needs_of(cell)
    stored = read_dataset(needs.target, shelf)
    partition = Partition(stored, scenario.shots, scenario.fold, scenario.seed, scenario.folds)
    if needs.checkpoint is not None:
        _require_unseen(partition, scenario, read_dataset(needs.checkpoint.needs[0], shelf))
    # what random weights are given is normalised by the fold's own training images
    stored = as_folded(stored, scenario.fold, scenario.seed, scenario.folds)
    parts = [artifact.key for artifact in needs.all()]
    code = code_digest(MEASURES.get(cell.measure).place, *places_of(cell.architecture, scenario))
    how = preprocessing_for(cell.architecture, scenario.weights, scenario.target)
    key = digest([cell.key, code, parts, weights_digest(scenario.weights), how.key])
    return Experiment(architecture, scenario, needs, stored, partition, how, key)


def _require_unseen(partition: Partition, scenario: Learning, source: Stored) -> None:
    seen = torch.cat([source.indices("train"), source.indices("val")])
    number = partition.tested_among(source.content[seen])
    if number:
        raise Unsupported(
            f"{number} test images of '{scenario.target}' are among those that '{scenario.weights}' was trained on"
        )


def train(experiment: Experiment, shelf: Shelf, report: Report, values: Values | None = None) -> Learned:
    """Learn as the scenario's mode says; the test split is not read.

    Args:
        experiment: the cell with its data.
        shelf: shelf with all that the experiment needs.
        report: receives progress.
        values: values to train networks with instead of tuning.
    """
    if transfer_of(experiment.scenario.mode).frozen:
        return _train_head(experiment, shelf)
    return _train_model(experiment, shelf, report, values)


def warnings_of_artifacts(needs: CellArtifacts, shelf: Shelf) -> list[str]:
    """Warnings about how the artifacts of a training were computed, each once."""
    found = (words for artifact in needs.all() for words in shelf.details(artifact).get(WARNINGS, ()))
    return list(dict.fromkeys(found))


def said_of_artifacts(needs: CellArtifacts, shelf: Shelf) -> list[str]:
    """Warnings of operators without a deterministic form when the artifacts of a training were made."""
    return [words for artifact in needs.all() for words in shelf.details(artifact).get(NOT_DETERMINISTIC, ())]


def _train_head(experiment: Experiment, shelf: Shelf) -> Learned:
    scenario, needs = experiment.scenario, experiment.needs
    if needs.features is None:
        raise ValueError(f"mode '{scenario.mode}' comes without features")
    features = read_matrix(needs.features, shelf)
    found: Classifier | Tuned[Head] | Tuned[Classifier]
    if needs.heads is not None:
        found = read_head(needs.heads, shelf, scenario.fold, scenario.seed)
    else:
        read = [artifact for artifact in (needs.features, needs.views) if artifact is not None]
        # as they are stored: folded once more, they would be dealt out anew, the data's own test split among them
        whole = read_dataset(needs.target, shelf)
        task = head_task(scenario, needs, whole, read_matrices(read, shelf))
        found = as_said(SORTS[transfer_of(scenario.mode).head], task, scenario.tune)
    return replace(
        learned_head(experiment, found, features),
        warnings=(
            *_warnings(experiment, dependent=bool(shelf.details(needs.features).get(DEPENDENT))),
            *warnings_of_artifacts(needs, shelf),
            *(found.head if isinstance(found, Tuned) else found).notes,
        ),
        origin=file_notes(experiment.architecture, scenario.weights, experiment.classes),
        told={} if scenario.device == "cpu" else {TRAINED_ON: "cpu"},
    )


def learned_head(
    experiment: Experiment, found: Classifier | Tuned[Head] | Tuned[Classifier], features: torch.Tensor
) -> Learned:
    """Classifier from a head on features, N x D of all images; the details of its training are given by the
    caller."""
    sort = SORTS.get(transfer_of(experiment.scenario.mode).head)
    head: Classifier = found.head if isinstance(found, Tuned) else found
    first: Classifier | None = found.first if isinstance(found, Tuned) else None
    return Learned(
        score=lambda indices: head.scores(features[indices]),
        probabilistic=sort is None or sort.probabilistic,
        curve=head.curve,
        val=head.val,
        trainable=head.trainable,
        frozen="trunk",
        chosen={"weight_decay" if sort is None else sort.chooses: head.strength},
        seconds=head.seconds,
        head=head,
        values=Values(head.lr, head.strength) if isinstance(head, Head) and head.lr is not None else None,
        choice=found.choice if isinstance(found, Tuned) else None,
        first=None if first is None else lambda indices: first.scores(features[indices]),
    )


def _train_model(experiment: Experiment, shelf: Shelf, report: Report, values: Values | None) -> Learned:
    scenario, architecture = experiment.scenario, experiment.architecture
    how, checkpoint = experiment.preprocessing, experiment.needs.checkpoint
    origin = Origin(architecture, scenario.weights, scenario.seed, how, checkpoint)
    initial = initial_model(origin, experiment.stored, experiment.classes, shelf)
    found = heads_of(initial.model, architecture, scenario.resolution)
    # a network that is trained from scratch has been built for the target's classes
    heads = found.names if transfer_of(scenario.mode).kind == "scratch" else found.required()
    dependent = depends_on_neighbours(initial.model, architecture, scenario.resolution, heads)
    replace_heads(initial.model, heads, experiment.classes, stream("head", scenario.seed, scenario.fold))
    trained, below = _trained(initial.model, experiment, heads)
    task = _task(experiment, initial, alone=not dependent)
    unfinished = shelf.unfinished(experiment.key)
    best = fit_as_said(initial.model, task, scenario, values, report, unfinished, trained)
    fitted = best.fitted
    return Learned(
        score=fitted.answers.answers,
        probabilistic=True,
        curve=fitted.curve,
        val=fitted.standing.val,
        trainable=fitted.trainable,
        frozen=below,
        chosen={"stopped_at": fitted.standing.step} if scenario.patience else {},
        seconds=fitted.curve[-1].seconds,
        warnings=(
            *_warnings(experiment, dependent=dependent),
            *warnings_of_artifacts(experiment.needs, shelf),
            *fitted.warnings,
        ),
        origin=initial.notes,
        told=fitted.told,
        model=fitted.model,
        view=task.view,
        values=best.values,
        choice=best.choice,
        first=best.first,
    )


def _trained(model: nn.Module, experiment: Experiment, heads: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Dotted names of the modules that learn, and a word for the frozen part."""
    transfer = transfer_of(experiment.scenario.mode)
    if transfer.kind == "scratch" or transfer.stage == ALL:
        return WHOLE, "" if all(p.requires_grad for p in model.parameters()) else "what the builder froze"
    if transfer.stage == UPPER:
        upper = upper_names(model, experiment.architecture, heads)
        return (*upper, *heads), f"below {', '.join(upper)}"
    return names_from(model, transfer.stage, experiment.architecture, heads), f"below {transfer.stage}"


def _task(experiment: Experiment, initial: Initial, *, alone: bool) -> TrainingTask:
    scenario, stored, architecture = experiment.scenario, experiment.stored, experiment.architecture
    return TrainingTask(
        pixels=stored.pixels,
        labels=stored.labels,
        partition=experiment.partition,
        view=View.of(
            stored, experiment.preprocessing, initial.normalisation, architecture.channels, scenario.resolution
        ),
        batch=scenario.batch,
        device=scenario.device,
        outputs=NetworkOutputs(architecture.build, experiment.classes, architecture.scores),
        augmentation=scenario.augmentation,
        pipeline=scenario.pipeline,
        seed=scenario.seed,
        fold=scenario.fold,
        alone=alone,
        precision=scenario.precision,
        objective=RECIPES.get(scenario.recipe).objective,
        execution=scenario.execution,
    )


def _warnings(experiment: Experiment, *, dependent: bool) -> tuple[str, ...]:
    scenario = experiment.scenario
    neighbours = (
        f"what {experiment.architecture.name} makes of a picture depends on the others of its batch, in eval mode"
        " too: the figure holds for these pictures in this order alone"
    )
    about_augmentation = warnings_about(scenario.augmentation, DATASETS.get(scenario.target))
    return (*about_augmentation, *([neighbours] if dependent else ()))
