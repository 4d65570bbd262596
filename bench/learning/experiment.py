"""One learning cell: train as its scenario says, then read the test split once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from bench.artifact import Report, Shelf
from bench.catalog import ARCHITECTURES, DATASETS
from bench.cell import Cell, Learning
from bench.declarations import Architecture
from bench.errors import Unsupported
from bench.learning.artifacts import Needs, needs_of
from bench.learning.augment import warnings_about
from bench.learning.data import Normalisation, Stored, fit_to, read_dataset
from bench.learning.features import read_matrix
from bench.learning.fit import Task, fit
from bench.learning.heads import HeadTask, Labelled, softmax_head, svm_head
from bench.learning.partition import Partition
from bench.learning.scenario import transfer_of
from bench.learning.seeds import stream
from bench.learning.surgery import head_name, replace_head, upper_names
from bench.learning.training import Point, Recipe
from bench.learning.weights import Origin, initial_model


@dataclass(frozen=True)
class Learned:
    """A trained classifier, with what is to be told of its training."""

    score: Callable[[torch.Tensor], torch.Tensor]
    """From positions of images to N x classes."""
    probabilistic: bool
    """Whether the scores are logits of a probability."""
    curve: tuple[Point, ...]
    val: float
    trainable: int
    frozen: str
    """Which part kept its weights and statistics: `trunk`, `below LAYERS`, or nothing."""
    chosen: dict[str, float]
    """What validation data chose."""
    warnings: tuple[str, ...] = ()
    origin: dict[str, Any] = field(default_factory=dict)
    """What is known of the initial weights: package and licence, or how pretraining went."""


@dataclass(frozen=True)
class Experiment:
    """A learning cell with the data it works on."""

    architecture: Architecture
    scenario: Learning
    needs: Needs
    stored: Stored
    partition: Partition

    @property
    def classes(self) -> int:
        """Of the target."""
        return DATASETS.get(self.scenario.target).classes


def prepare(cell: Cell, scenario: Learning, shelf: Shelf) -> Experiment:
    """Read the target and draw the labelled images.

    Raises:
        Unsupported: the images are too small for the architecture, or too few.
    """
    architecture = ARCHITECTURES.get(cell.architecture)
    if scenario.resolution < architecture.min_resolution:
        raise Unsupported(
            f"{architecture.name} needs {architecture.min_resolution} px, the scenario has {scenario.resolution}"
        )
    needs = needs_of(cell)
    stored = read_dataset(needs.target, shelf)
    partition = Partition(stored, scenario.shots, scenario.fold, scenario.seed, scenario.folds)
    return Experiment(architecture, scenario, needs, stored, partition)


def train(experiment: Experiment, shelf: Shelf, report: Report) -> Learned:
    """Learn as the scenario's mode says; the test split stays shut."""
    if transfer_of(experiment.scenario.mode).frozen:
        return _train_head(experiment, shelf, report)
    return _train_model(experiment, shelf, report)


def _train_head(experiment: Experiment, shelf: Shelf, report: Report) -> Learned:
    scenario, needs, partition = experiment.scenario, experiment.needs, experiment.partition
    if needs.features is None:
        raise ValueError(f"mode '{scenario.mode}' comes without features")
    features, labels = read_matrix(needs.features, shelf), experiment.stored.labels
    train = Labelled(features[partition.train], labels[partition.train])
    if needs.views is not None:
        views = read_matrix(needs.views, shelf)
        train = Labelled(views.flatten(0, 1), train.labels.repeat(len(views)))
    val = Labelled(features[partition.val], labels[partition.val])
    task = HeadTask(train, val, experiment.classes, scenario.seed, scenario.fold)
    softmax = scenario.mode == "features+softmax"
    recipe = Recipe(scenario.steps, scenario.lr)
    head = softmax_head(task, recipe, scenario.batch, report) if softmax else svm_head(task)
    return Learned(
        score=lambda indices: head.scores(features[indices]),
        probabilistic=softmax,
        curve=head.curve,
        val=head.val,
        trainable=head.trainable,
        frozen="trunk",
        chosen={"weight_decay" if softmax else "C": head.strength},
        warnings=(*_warnings(experiment), *head.notes),
    )


def _train_model(experiment: Experiment, shelf: Shelf, report: Report) -> Learned:
    scenario, architecture = experiment.scenario, experiment.architecture
    origin = Origin(architecture, scenario.weights, scenario.seed, experiment.needs.checkpoint)
    initial = initial_model(origin, experiment.stored, experiment.classes, shelf)
    head = head_name(initial.model, architecture)
    replace_head(initial.model, head, experiment.classes, stream("head", scenario.seed, scenario.fold))
    upper = upper_names(initial.model, architecture, head) if scenario.mode == "finetune:upper" else ()
    task = _task(experiment, initial.normalisation)
    trained = (*upper, head) if upper else ("",)
    fitted = fit(initial.model, task, Recipe(scenario.steps, scenario.lr), report, trained)
    return Learned(
        score=lambda indices: task.logits(fitted.model, indices),
        probabilistic=True,
        curve=fitted.curve,
        val=fitted.curve[-1].val,
        trainable=fitted.trainable,
        frozen=f"below {', '.join(upper)}" if upper else "",
        chosen={},
        warnings=_warnings(experiment),
        origin=initial.notes,
    )


def _task(experiment: Experiment, normalisation: Normalisation) -> Task:
    scenario, stored = experiment.scenario, experiment.stored
    return Task(
        pixels=fit_to(stored.pixels, experiment.architecture.channels, scenario.resolution),
        labels=stored.labels,
        partition=experiment.partition,
        normalisation=normalisation,
        batch=scenario.batch,
        device=scenario.device,
        augmentation=scenario.augmentation,
        seed=scenario.seed,
        fold=scenario.fold,
    )


def _warnings(experiment: Experiment) -> tuple[str, ...]:
    scenario = experiment.scenario
    return tuple(warnings_about(scenario.augmentation, DATASETS.get(scenario.target)))
