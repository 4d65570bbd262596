"""Runs of lessons whose figures are given, for tests of what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.cell import Cell, Cost, Learning, Record
from bench.compare.experiments.rule import Design
from bench.compare.lessons.verdict import KIND
from bench.declare.lessons.lesson import Missing, Quoted
from bench.declare.lessons.study import StudiedArm, StudiedHypothesis, Study
from bench.statistics.looks import LOOKS
from bench.store.database import CellRow, Declaration, RunRow, Store
from tests.bench.studies import hypothesis_of

LOOKED_AT = Design(LOOKS)
IMAGES = 500
"""Test images of every training."""
MEASURES = (
    ("top1", "1", "learning", "share"),
    ("parameters", "1", "cost", "count"),
    ("latency", "s", "cost", "time"),
)


def training(**conditions: Any) -> Cell:
    """The arm of trainings under conditions that are not usual."""
    usual = {"weights": "random", "target": "mnist5k", "mode": "scratch", "augmentation": "none", "resolution": 32}
    how = {"shots": 10, "steps": 60, "batch": 16, "lr": 1e-3}
    return Cell(conditions.pop("architecture", "lenet5"), "top1", Learning(**{**usual, **how, **conditions}))


def cost(architecture: str, measure: str) -> Cell:
    """The arm of a count or of timings."""
    return Cell(architecture, measure, Cost(mode="infer", resolution=56))


PLAIN, AUGMENTED = (training(augmentation=name) for name in ("none", "digits"))


def arm(label: str, cell: Cell, figure: str = "") -> StudiedArm:
    """An arm as a run keeps it."""
    return StudiedArm(label=label, cell=cell, figure=figure)


def hypothesis(statement: str, *arms: StudiedArm, **others: Any) -> StudiedHypothesis:
    """A difference that is expected to be above 0, of open trainings, unless it is said otherwise."""
    return hypothesis_of((), **{"statement": statement, "arms": arms, "is_open": True, **others})


HELPS = hypothesis("Augmentation raises the accuracy", arm("without", PLAIN), arm("with", AUGMENTED))


def study(name: str, *hypotheses: StudiedHypothesis, **others: Any) -> Study:
    """A lesson as a run keeps it."""
    usual = {
        "title": f"Title of {name}",
        "words": f"words of {name}",
        "slide": f"Slide of {name}",
        "about": f"What {name} measures.",
        "limits": "",
        "published": (),
        "missing": (),
    }
    return Study(name=name, hypotheses=hypotheses, **{**usual, **others})


WHOLE = study(
    "few",
    HELPS,
    limits="It speaks of digits alone.",
    published=(Quoted("At full size it gains 3 points", "Example 2012, table 1"),),
    missing=(Missing("It helps on your pictures", "no such data here: --target gives them"),),
)
"""A lesson that has all that a lesson can have."""


def of_augmentation(architecture: str) -> Declaration:
    """A lesson about trainings of the plausible run, which has them all."""
    usual = {"architecture": architecture, "target": "digits8", "shots": 5}
    sides = [arm(name, training(augmentation=name, **usual)) for name in ("none", "digits")]
    found = study("augmentation", hypothesis("Augmentation raises the accuracy", *sides, is_open=False))
    return Declaration(KIND, found.name, found.to_dict())


def write_lessons(
    path: Path,
    studies: Iterable[Study],
    figures: Mapping[Cell, Sequence[float]],
    *,
    id: str = "2026-lessons",
    design: Design = LOOKED_AT,
    details: Mapping[Cell, Mapping[str, Sequence[float]]] | None = None,
) -> None:
    """Write a run of lessons into the store at `path`.

    Args:
        path: of the store, which may hold other runs.
        studies: its lessons.
        figures: by arm its figure in each seed, or process.
        id: of the run, which begins with its year.
        design: by what it compares.
        details: by arm and name what its records say beside, one of each seed.
    """
    cells = {cell: _cells(cell, len(values)) for cell, values in figures.items()}
    run = RunRow(id, f"{id[:4]}-01-02T03:04:05+00:00", "default", "evobench run --suite lessons", {}, "host", {})
    measures = [
        Declaration(
            "measure", name, {"name": name, "unit": unit, "better": "higher", "kind": kind, "nature": nature}
        )
        for name, unit, kind, nature in MEASURES
    ]
    declared = [Declaration(KIND, item.name, item.to_dict()) for item in studies]
    rows = [CellRow(cell, ("lessons",), 1.0, 1) for own in cells.values() for cell in dict.fromkeys(own)]
    with Store.create(path) as store:
        store.begin_run(run, [*measures, *declared, Declaration("design", "learning", design.to_dict())], rows)
        for arm_cell, values in figures.items():
            beside = (details or {}).get(arm_cell, {})
            for i, (cell, value) in enumerate(zip(cells[arm_cell], values, strict=True)):
                told = {name: found[i] for name, found in beside.items()}
                store.add_record(run.id, record(cell, value, i, **told))
        store.end_run(run.id, "complete", f"{id[:4]}-01-02T03:05:05+00:00")


def record(cell: Cell, value: float, number: int = 0, **details: Any) -> Record:
    """The record of a training of that accuracy, or of a process of that figure, which took 2 seconds."""
    if isinstance(cell.scenario, Learning):
        right = round(value * IMAGES)
        values = (1.0,) * right + (0.0,) * (IMAGES - right)
        told = {"n_train": 100, "n_test": IMAGES, **details}
        return Record(cell=cell, replicate=0, status="ok", unit="1", values=values, details=told, seconds=2.0)
    return Record(
        cell=cell, replicate=number, status="ok", unit="1", values=(value,), details=details, seconds=2.0
    )


def _cells(cell: Cell, number: int) -> list[Cell]:
    """A cell a seed; of cost the same for all processes."""
    where = cell.scenario
    if not isinstance(where, Learning):
        return [cell] * number
    return [replace(cell, scenario=replace(where, seed=seed)) for seed in range(number)]
