"""What learning cells share: data sets, checkpoints, features. Says what each is made from; loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.artifact import Artifact, Report, Shelf, producer
from bench.catalog import ARCHITECTURES, DATASETS
from bench.cell import Cell, Learning
from bench.code import code_digest
from bench.errors import UsageError
from bench.lazy import lazy
from bench.learning.scenario import check, pretraining, source_of, transfer_of

if TYPE_CHECKING:
    from bench.learning import data, pretrain
    from bench.learning import features as feature
else:
    data = lazy("bench.learning.data")
    feature = lazy("bench.learning.features")
    pretrain = lazy("bench.learning.pretrain")

Spec = tuple[tuple[str, str | int | float], ...]
VIEWS = 10
"""Augmented views of each labelled image that a head is trained on."""


@dataclass(frozen=True)
class Needs:
    """The artifacts of one learning cell."""

    target: Artifact
    checkpoint: Artifact | None = None
    features: Artifact | None = None
    views: Artifact | None = None

    def all(self) -> tuple[Artifact, ...]:
        """Those that there are."""
        return tuple(a for a in (self.target, self.checkpoint, self.features, self.views) if a is not None)


def needs_of(cell: Cell) -> Needs:
    """What the cell must find on the shelf.

    Raises:
        UsageError: the scenario makes no sense.
    """
    scenario = _learning(cell)
    target = dataset_of(scenario.target)
    checkpoint = _checkpoint(cell.architecture, scenario)
    if not transfer_of(scenario.mode).frozen:
        return Needs(target, checkpoint)
    plain = _features(cell.architecture, scenario, target, checkpoint)
    views = None if scenario.augmentation == "none" else _views(cell.architecture, scenario, target, checkpoint)
    return Needs(target, checkpoint, plain, views)


def dataset_of(name: str) -> Artifact:
    """All images of a declared data set with their split."""
    return Artifact("dataset", (("name", name),), code=code_digest(DATASETS.get(name).place))


def _learning(cell: Cell) -> Learning:
    if not isinstance(cell.scenario, Learning):
        raise UsageError(f"{cell.measure} needs a scenario of learning")
    check(cell.scenario)
    return cell.scenario


def _checkpoint(architecture: str, scenario: Learning) -> Artifact | None:
    """One for all scenarios of the architecture at this resolution."""
    source = source_of(scenario.weights)
    if not source:
        return None
    recipe = pretraining(architecture)
    spec: Spec = (
        ("architecture", architecture),
        ("source", source),
        ("resolution", scenario.resolution),
        ("shots", recipe.shots),
        ("epochs", recipe.epochs),
        ("batch", recipe.batch),
        ("lr", recipe.lr),
        *_host(scenario),
    )
    return Artifact("checkpoint", spec, (dataset_of(source),), _code(architecture, source))


def _features(architecture: str, scenario: Learning, target: Artifact, checkpoint: Artifact | None) -> Artifact:
    """One for all heads, folds and label budgets; of random weights, one a seed."""
    spec = _trunk(architecture, scenario)
    return Artifact("features", spec, _present(target, checkpoint), _code(architecture, scenario.target))


def _views(architecture: str, scenario: Learning, target: Artifact, checkpoint: Artifact | None) -> Artifact:
    """One for all heads that see the same labelled images."""
    spec: Spec = (
        *_trunk(architecture, scenario),
        ("augmentation", scenario.augmentation),
        ("views", VIEWS),
        ("shots", scenario.shots),
        ("fold", scenario.fold),
        ("subset_seed", scenario.seed),
    )
    return Artifact("views", spec, _present(target, checkpoint), _code(architecture, scenario.target))


def _trunk(architecture: str, scenario: Learning) -> Spec:
    return (
        ("architecture", architecture),
        ("weights", scenario.weights),
        # given weights are the same for every seed; random ones are drawn
        ("seed", scenario.seed if scenario.weights == "random" else 0),
        ("target", scenario.target),
        ("resolution", scenario.resolution),
        *_host(scenario),
    )


def _host(scenario: Learning) -> Spec:
    """What changes the last digits of a sum."""
    return (("device", scenario.device), ("threads", scenario.threads))


def _present(*artifacts: Artifact | None) -> tuple[Artifact, ...]:
    return tuple(artifact for artifact in artifacts if artifact is not None)


def _code(architecture: str, dataset: str) -> str:
    return code_digest(ARCHITECTURES.get(architecture).place, DATASETS.get(dataset).place)


@producer
def dataset(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Parse the data once and split them by content."""
    report({"step": 0, "steps": 1})
    data.make_dataset(artifact, shelf)


@producer
def checkpoint(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Train an architecture on the source data."""
    pretrain.make_checkpoint(artifact, shelf, report)


@producer
def features(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Penultimate activations of all images of the target, plain."""
    feature.make_features(artifact, shelf, report)


@producer
def views(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Penultimate activations of augmented views of the labelled images."""
    feature.make_views(artifact, shelf, report)
