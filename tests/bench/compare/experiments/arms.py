"""Trainings, cells and records that the tests of this room are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.cell import Cell, Learning, Record
from bench.compare.experiments.training import Training

WHERE = Learning(
    weights="pretrain:mnist5k",
    target="uci-digits",
    mode="finetune:all",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
)
IMAGES = 1000


def cell(architecture: str = "net", measure: str = "top1", **conditions: Any) -> Cell:
    """A training, by what is unusual of it."""
    return Cell(architecture, measure, replace(WHERE, **conditions))


def seeds(*values: float, n_test: int | None = IMAGES) -> list[Training]:
    """Trainings of seeds from 0 on."""
    return [Training(value, fold=0, seed=seed, n_test=n_test) for seed, value in enumerate(values)]


def changed(changes: Sequence[float], n_test: int | None = IMAGES) -> tuple[list[Training], list[Training]]:
    """Base and treated trainings that differ by so much."""
    base = [0.5] * len(changes)
    treated = [0.5 + change for change in changes]
    return seeds(*base, n_test=n_test), seeds(*treated, n_test=n_test)


def trained(of: Cell, value: float, images: int = IMAGES) -> Record:
    """The record of a training with that share of right answers."""
    right = round(value * images)
    answers = (1.0,) * right + (0.0,) * (images - right)
    return Record(cell=of, replicate=0, status="ok", unit="1", values=answers, details={"n_train": 50})


def failed(of: Cell) -> Record:
    """The record of a training that came to nothing."""
    return Record(cell=of, replicate=0, status="unsupported", unit="1", reason="no such weights")
