"""Accuracies of architectures, each kind from one protocol, so that they compare."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from bench.statistics.intervals import mean_interval
from reports import formats
from reports.candidates.choice import ACCURACY, BALANCED, MERITS, Respect
from reports.candidates.figures import PUBLISHED, Accuracies, CandidateFigure, Kind
from reports.candidates.pareto import published_errors
from reports.learning.accuracy import accuracy_bounds
from reports.learning.classes.recalls import balanced_accuracy
from reports.learning.effects import overlap
from reports.learning.scenarios import SCENARIO, groups, joined, trainings
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of

Row = Mapping[str, Any]
_TASK = ("target", "shots", "folds")
"""Accuracies on different ones of these do not compare."""
OTHER_PROTOCOL = "published under another protocol"


def published(frames: Frames, names: Collection[str]) -> Accuracies | None:
    """Accuracies on ImageNet as published, of one protocol; None where these architectures have none.

    An architecture whose figures are all of other protocols lacks one, for that reason.
    """
    kind = Kind(PUBLISHED, f"ImageNet, published ({SINGLE_CROP})", published=True)
    rows = [row for row in rows_of(published_errors(frames)) if row["architecture"] in names]
    figures = {row["architecture"]: _stated(row) for row in rows if row["protocol"] == SINGLE_CROP}
    others = {row["architecture"]: _stated(row) for row in rows if row["protocol"] != SINGLE_CROP}
    return Accuracies(kind, figures, dict.fromkeys(others, OTHER_PROTOCOL), others) if figures else None


def _stated(row: Row) -> CandidateFigure:
    return CandidateFigure(
        round(row["accuracy"] / 100, 8),
        formats.quantity(row["accuracy"], "%"),
        f"published, {row['protocol']}, {row['resolution']} px, {row['source']}",
        resolution=int(row["resolution"]),
        provenance="published",
    )


def trained(frames: Frames, merit: Respect = MERITS[0]) -> list[Accuracies]:
    """Merits of this run's trainings by one of their figures, one kind per task.

    A task is a target, its training images and its folds.
    """
    cells = trainings(frames)
    column = "value" if merit.name == ACCURACY else merit.name
    cells = cells.assign(merit=cells.get(column))
    tasks = [task for task in groups(rows_of(cells), _TASK) if any(not pd.isna(row["value"]) for row in task)]
    first = [task[0] for task in tasks]
    whole = dict(zip(frames.records["key"], frames.records["target"], strict=True))
    return [_of_task(frames, _kind(task[0], first, whole[task[0]["key"]]), cells, task, merit) for task in tasks]


def _of_task(frames: Frames, kind: Kind, cells: pd.DataFrame, task: Sequence[Row], merit: Respect) -> Accuracies:
    figures: dict[str, CandidateFigure] = {}
    lacks: dict[str, str] = {}
    best: dict[str, Sequence[Row]] = {}
    for rows in groups(task, ["architecture"]):
        name, known = rows[0]["architecture"], [row for row in rows if not pd.isna(row["value"])]
        if not known:
            lacks[name] = rows[0]["status"]
            continue
        chosen = _best(known)
        good = cells[cells["key"].isin([row["key"] for row in chosen]) & cells["merit"].notna()]
        if len(good):
            figures[name], best[name] = _figure(frames, good, chosen[0], merit), rows_of(good)
        else:
            lacks[name] = f"{chosen[0]['scenario']} gives none"
    return Accuracies(kind, figures, lacks, best=best)


def _kind(task: Row, tasks: Sequence[Row], whole: str) -> Kind:
    """Named by its target, and by what tells it from other tasks of the same target."""
    same = [other for other in tasks if other["target"] == task["target"]]
    words = {
        "shots": f"{task['shots']} shots" if task["shots"] else "all shots",
        "folds": f"{task['folds']} folds" if task["folds"] else "own test split",
    }
    differ = [word for name, word in words.items() if len({other[name] for other in same}) > 1]
    told = [word for name, word in words.items() if name == "shots" or word in differ or task[name]]
    title = f"{joined(task['target'], *told)}, measured"
    name = joined(task["target"], *differ)
    return Kind(name, title, target=task["target"], whole=whole, words=tuple(words.values()))


def _best(rows: Sequence[Row]) -> Sequence[Row]:
    """The scenario of best validation accuracy: the test images choose nothing, they judge."""
    return max(groups(rows, SCENARIO), key=validation)


def _figure(frames: Frames, good: pd.DataFrame, first: Row, merit: Respect) -> CandidateFigure:
    """The mean of trainings of one scenario."""
    value = float(good["merit"].mean())
    text, bounds = merit.told(value), _bounds(frames, good, merit)
    if bounds:
        text += f" {merit.span(*bounds)}"
    augmented = "" if first["augmentation"] == "none" else f"augmentation {first['augmentation']}"
    size = f"{first['resolution']} px"
    setting = first["setting"] if size in first["setting"].split(", ") else joined(first["setting"], size)
    note = joined("measured", first["scenario"], augmented, setting, f"n = {len(good)}")
    low, high = bounds or (None, None)
    return CandidateFigure(value, text, note, resolution=int(first["resolution"]), low=low, high=high)


def _bounds(frames: Frames, good: pd.DataFrame, merit: Respect) -> tuple[float, float] | None:
    """Bounds of a mean. For accuracies they also cover the sampling of test images of a single training; for other
    figures they cover trainings alone."""
    if merit.name == ACCURACY:
        known = accuracy_bounds(good)
        return (known["Accuracy low"] / 100, known["Accuracy high"] / 100) if "Accuracy low" in known else None
    if merit.name == BALANCED:
        balanced = balanced_accuracy(frames, good)
        return (balanced.interval.low, balanced.interval.high) if balanced and balanced.interval else None
    found = mean_interval(list(good["merit"]), test_to_train=overlap(good))
    return (max(0.0, found.low), min(1.0 if merit.share else math.inf, found.high)) if found else None


def validation(rows: Sequence[Row]) -> float:
    """Mean validation accuracy of a scenario; below all others where none is known."""
    values = [float(row["val_top1"]) for row in rows if not pd.isna(row["val_top1"])]
    return sum(values) / len(values) if values else -1.0
