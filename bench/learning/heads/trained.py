"""The artifact of softmax heads: those of all folds, or of a few seeds, trained together and read one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from bench.cell import Learning
from bench.declare.artifact import Artifact, Report, Shelf
from bench.declare.catalog import DATASETS
from bench.learning.data.images import Stored, read_dataset
from bench.learning.features import read_matrix, seen_in
from bench.learning.heads.head import Head, HeadTask, Labelled
from bench.learning.heads.softmax import softmax_heads
from bench.learning.needs import CellArtifacts
from bench.learning.partition import Partition
from bench.learning.training.loop import training_of
from bench.learning.training.watch import CurvePoint
from bench.learning.tuning.heads import Tuned, tuned_heads
from bench.learning.tuning.points import further
from bench.learning.tuning.trials import TrialChoice

Matrices = Mapping[tuple[object, ...], torch.Tensor]
"""Features and views, by the artifacts that they come from."""


def make_heads(
    artifact: Artifact, inputs: Sequence[tuple[Learning, CellArtifacts]], shelf: Shelf, report: Report
) -> None:
    """Train one head for each scenario, all of them together, and write them."""
    target, *read = artifact.needs
    stored = read_dataset(target, shelf)
    matrices = read_matrices(read, shelf)
    scenarios = [scenario for scenario, _ in inputs]
    tasks = [head_task(scenario, needs, stored, matrices) for scenario, needs in inputs]
    heads = trained_together(scenarios[0], tasks, report)
    content = {_key(s.fold, s.seed): _plain(head) for s, head in zip(scenarios, heads, strict=True)}
    with shelf.writing(artifact) as path:
        torch.save(content, path)


def trained_together(first: Learning, tasks: Sequence[HeadTask], report: Report) -> Sequence[Head | Tuned[Head]]:
    """Heads of scenarios that differ from the first in fold and seed alone."""
    training = training_of(first)
    if first.tune is None:
        return softmax_heads(tasks, training, first.batch, report)
    return tuned_heads(tasks, training, further(first), first.batch, report)


def read_head(artifact: Artifact, shelf: Shelf, fold: int, seed: int) -> Head | Tuned[Head]:
    """One head of a finished artifact."""
    kept = torch.load(shelf.path(artifact), weights_only=True)[_key(fold, seed)]
    if "choice" not in kept:
        return _read(kept)
    first = None if kept["first"] is None else _read(kept["first"])
    return Tuned(_read(kept["head"]), TrialChoice.of(kept["choice"]), first)


def _read(kept: Mapping[str, Any]) -> Head:
    return Head(**{**kept, "curve": tuple(CurvePoint(**point) for point in kept["curve"])})


def read_matrices(artifacts: Iterable[Artifact], shelf: Shelf) -> Matrices:
    """The matrices of finished artifacts."""
    return {_of(artifact): read_matrix(artifact, shelf) for artifact in artifacts}


def _of(artifact: Artifact) -> tuple[object, ...]:
    """Identity of an artifact without its code; its key holds a digest of the sources, which may be edited during
    a run."""
    return artifact.kind, *artifact.spec


def head_task(scenario: Learning, needs: CellArtifacts, stored: Stored, matrices: Matrices) -> HeadTask:
    """Training data of one head: plain features, or augmented views of the same images."""
    if needs.features is None:
        raise ValueError(f"mode '{scenario.mode}' comes without features")
    partition = Partition(stored, scenario.shots, scenario.fold, scenario.seed, folds=scenario.folds)
    plain, labels = matrices[_of(needs.features)], stored.labels
    train = Labelled(plain, labels, partition.train)
    if needs.views is not None:
        train = _viewed(needs.views, matrices[_of(needs.views)], stored, partition.train)
    val = Labelled(plain, labels, partition.val)
    classes, images = DATASETS.get(scenario.target).classes, len(partition.train)
    last = Labelled(plain, labels, partition.train_and_val) if scenario.refit else None
    return HeadTask(train, val, classes, scenario.seed, scenario.fold, images, last)


def _viewed(artifact: Artifact, views: torch.Tensor, stored: Stored, train: torch.Tensor) -> Labelled:
    """All views of the training images, one view of all images after the other."""
    seen = seen_in(artifact, stored)
    row = torch.full_like(stored.labels, -1)
    row[seen] = torch.arange(len(seen))
    rows = torch.cat([row[train] + view * len(seen) for view in range(len(views))])
    return Labelled(views.flatten(0, 1), stored.labels[seen].repeat(len(views)), rows)


def _key(fold: int, seed: int) -> str:
    return f"fold {fold} seed {seed}"


def _plain(head: Head | Tuned[Head] | None) -> dict[str, Any] | None:
    """The head in types that `torch.load(weights_only=True)` reads."""
    if head is None:
        return None
    if isinstance(head, Tuned):
        return {"head": _plain(head.head), "choice": head.choice.plain(), "first": _plain(head.first)}
    return {**vars(head), "curve": [asdict(point) for point in head.curve]}
