"""What accuracy architectures have, each kind of one protocol, so that they compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from reports import formats
from reports.candidates.figures import PUBLISHED, Accuracies, Figure, Kind
from reports.candidates.pareto import published_errors
from reports.learning.accuracy import accuracy_bounds
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


def _stated(row: Row) -> Figure:
    return Figure(
        round(row["accuracy"] / 100, 8),
        formats.quantity(row["accuracy"], "%"),
        f"published, {row['protocol']}, {row['resolution']} px, {row['source']}",
        resolution=int(row["resolution"]),
        provenance="published",
    )


def trained(frames: Frames) -> list[Accuracies]:
    """Accuracies that this run measured, one kind a task: a target, its training images and its folds."""
    cells = trainings(frames)
    cells = cells[cells["value"].notna()]
    tasks = list(groups(rows_of(cells), _TASK))
    first = [task[0] for task in tasks]
    return [
        Accuracies(
            _kind(task[0], first),
            {rows[0]["architecture"]: _best(cells, rows) for rows in groups(task, ["architecture"])},
        )
        for task in tasks
    ]


def _kind(task: Row, tasks: Sequence[Row]) -> Kind:
    """Named by its target, and by what tells it from other tasks of the same target."""
    same = [other for other in tasks if other["target"] == task["target"]]
    words = {
        "shots": f"{task['shots']} shots" if task["shots"] else "all shots",
        "folds": f"{task['folds']} folds" if task["folds"] else "own test split",
    }
    differ = [word for name, word in words.items() if len({other[name] for other in same}) > 1]
    told = [word for name, word in words.items() if name == "shots" or word in differ or task[name]]
    title = f"{joined(task['target'], *told)}, measured"
    return Kind(joined(task["target"], *differ), title, target=task["target"])


def _best(cells: pd.DataFrame, rows: Sequence[Row]) -> Figure:
    """The scenario of best validation accuracy: the test images choose nothing, they judge."""
    best = max(groups(rows, SCENARIO), key=_validation)
    first = best[0]
    good = cells[cells["key"].isin([row["key"] for row in best])]
    value = float(good["value"].mean())
    bounds = accuracy_bounds(good)
    text = formats.quantity(100 * value, "%")
    low = high = None
    if "Accuracy low" in bounds:
        low, high = bounds["Accuracy low"] / 100, bounds["Accuracy high"] / 100
        text += f" {formats.span(100 * low, 100 * high, '%')}"
    augmented = "" if first["augmentation"] == "none" else f"augmentation {first['augmentation']}"
    size = f"{first['resolution']} px"
    setting = first["setting"] if size in first["setting"].split(", ") else joined(first["setting"], size)
    note = joined("measured", first["scenario"], augmented, setting, f"n = {len(best)}")
    return Figure(value, text, note, resolution=int(first["resolution"]), low=low, high=high)


def _validation(rows: Sequence[Row]) -> float:
    """Mean validation accuracy of a scenario; below all others where none is known."""
    values = [float(row["val_top1"]) for row in rows if not pd.isna(row["val_top1"])]
    return sum(values) / len(values) if values else -1.0
