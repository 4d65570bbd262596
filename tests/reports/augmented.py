"""Of the plausible run: an augmentation at another number of images, its speed, and a quadrant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.cell import Cell, Learning
from bench.store.database import CellRow, Declaration


def quadrant_of(learner: str) -> Declaration:
    """A quadrant whose task is what the learner does from a checkpoint."""
    content = {
        "name": "small_similar",
        "title": "Small and similar",
        "about": "Few images.",
        "size": "small",
        "likeness": "similar",
        "advice": "Train a linear classifier.",
        "advised": ["features+softmax", "features+svm"],
        "tasks": [{"architecture": learner, "weights": "pretrain:mnist5k", "target": "digits8", "shots": 5}],
    }
    return Declaration("quadrant", "small_similar", content)


def augmented_cells(name: str) -> Iterator[CellRow]:
    """One augmentation at a second number of images, and its speed in both pipelines."""
    scenario = Learning(
        weights="random",
        target="digits8",
        mode="scratch",
        augmentation="none",
        resolution=32,
        shots=20,
        steps=60,
        batch=16,
        lr=1e-3,
    )
    for augmentation in ("none", "digits"):
        for seed in range(3):
            where = replace(scenario, augmentation=augmentation, seed=seed)
            yield CellRow(Cell(name, "top1", where), ("transfer",), 2.0, 1)
    for pipeline in ("tensor", "pil"):
        where = replace(scenario, augmentation="digits", pipeline=pipeline)
        yield CellRow(Cell(name, "augmentation_rate", where), ("transfer",), 0.2, 1)
