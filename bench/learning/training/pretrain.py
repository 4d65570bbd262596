"""Checkpoints: an architecture trained on the source data."""

from __future__ import annotations

import torch

from bench.cell import USUAL_RECIPE
from bench.declare.artifact import Artifact, Report, Shelf
from bench.declare.catalog import ARCHITECTURES, DATASETS
from bench.learning.data.images import normalisation_of, read_dataset
from bench.learning.data.view import View
from bench.learning.needs import WARNINGS, precision_of
from bench.learning.partition import Partition
from bench.learning.recipes import RECIPES
from bench.learning.training.fit import fit
from bench.learning.training.loop import TrainingPlan
from bench.learning.training.task import TrainingTask
from bench.learning.weights.preprocessing import preprocessing_for
from bench.learning.weights.sources import checkpoint_content, random_model
from bench.machine.determinism import as_detail, undetermined
from bench.network.outputs import NetworkOutputs


def make_checkpoint(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Train from random weights and write the checkpoint; the source's test split is not read."""
    architecture = ARCHITECTURES.get(artifact["architecture"])
    stored = read_dataset(artifact.needs[0], shelf)
    smallest = int(torch.bincount(stored.labels[stored.indices("train")]).min())
    partition = Partition(stored, min(artifact["shots"], smallest), fold=0, seed=0)
    normalisation = normalisation_of(stored, architecture.channels)
    classes = DATASETS.get(artifact["source"]).classes
    model = random_model(architecture, classes, seed=0)
    steps = artifact["epochs"] * len(partition.train) // artifact["batch"]
    how = preprocessing_for(architecture.name, "random", artifact["source"])
    view = View.of(stored, how, normalisation, architecture.channels, artifact["resolution"])
    outputs = NetworkOutputs(architecture.build, classes, architecture.scores)
    precision = precision_of(artifact)
    task = TrainingTask(
        stored.pixels,
        stored.labels,
        partition,
        view,
        artifact["batch"],
        artifact["device"],
        outputs,
        precision=precision,
    )
    training = TrainingPlan(
        RECIPES.get(USUAL_RECIPE), steps, RECIPES.get(USUAL_RECIPE).values(artifact["lr"]), precision=precision
    )
    with undetermined(artifact["device"]) as said:
        fitted = fit(model, task, training, report, shelf.unfinished(artifact.key))
    notes = {"source_val_top1": fitted.curve[-1].val, "source_steps": steps}
    with shelf.writing(artifact, {**fitted.told, WARNINGS: fitted.warnings, **as_detail(said)}) as path:
        torch.save(checkpoint_content(fitted.model, normalisation, notes), path)
