"""Details of learning cells beyond a figure: curves, recalls, confusions as tidy rows; single answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.cell import scenario_to_dict
from bench.statistics.answers.kept import Answers
from bench.store.database import CellRow, RecordRow

ByKey = Mapping[str, list[RecordRow]]


def curves(cells: Iterable[CellRow], by_key: ByKey) -> Iterable[dict[str, Any]]:
    """One row per point of a learning curve; of older stores it has step, loss and validation accuracy alone."""
    for names, details in _first_processes(cells, by_key):
        for point in details.get("curve", ()):
            yield {**names, **point}


def confusions(cells: Iterable[CellRow], by_key: ByKey) -> Iterable[dict[str, Any]]:
    """One row per pair of a true class and a named one that some test image has; none of an older store."""
    for names, details in _first_processes(cells, by_key):
        found = details.get("confusion", {})
        classes = found.get("names", {})
        for true, named, images in found.get("entries", ()):
            yield {
                **names,
                "classes": found["classes"],
                "whole": found["whole"],
                "true": true,
                "named": named,
                "true_name": classes.get(str(true), str(true)),
                "named_name": classes.get(str(named), str(named)),
                "images": images,
            }


def answers(cells: Iterable[CellRow], by_key: ByKey) -> dict[str, Answers]:
    """Single answers that the first process of each training kept, by key of its cell; older ones kept none."""
    found = ((names["key"], details.get("mistakes")) for names, details in _first_processes(cells, by_key))
    return {key: Answers.from_dict(kept) for key, kept in found if kept}


def recalls(cells: Iterable[CellRow], by_key: ByKey) -> Iterable[dict[str, Any]]:
    """One row per class that test images have: how many, and how many were named so; none of an older store."""
    for names, details in _first_processes(cells, by_key):
        for name, right, images in details.get("recalls", ()):
            yield {**names, "class": name, "right": right, "images": images}


def trials(cells: Iterable[CellRow], by_key: ByKey) -> Iterable[dict[str, Any]]:
    """One row per trial of a tuned training, numbered from 1; none of a training that was not tuned."""
    for names, details in _first_processes(cells, by_key):
        found = details.get("trials", ())
        for i, trial in enumerate(found):
            yield {
                **names,
                "trial": i + 1,
                "trials": len(found),
                **{f"tried_{name}": value for name, value in trial["values"].items()},
                **{f"trial_{name}": trial[name] for name in ("val_top1", "val_loss", "seconds")},
                "failed": trial["failed"],
                "chosen": trial["chosen"],
            }


def _first_processes(
    cells: Iterable[CellRow], by_key: ByKey
) -> Iterable[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Conditions of each learning cell, with the details of its first process."""
    for planned in cells:
        cell = planned.cell
        names = {"key": cell.key, "architecture": cell.architecture, **scenario_to_dict(cell.scenario)}
        for row in by_key.get(cell.key, [])[:1]:
            yield names, row.details
