"""Grouping of trainings that repeat one scenario, and its name in tables and charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd

from bench.cell import USUAL_RECIPE, Learning
from bench.statistics.start import STALLED, STARTED, start_of
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

Row = Mapping[str, Any]
ACCURACIES = ("top1", "top1_in_time")
"""Measures of the accuracy after a training."""
REPETITION = ("fold", "seed")
"""Conditions that differ between the trainings of one scenario."""
SCENARIO = ("architecture", *(f.name for f in fields(Learning) if f.name not in REPETITION))
"""Conditions that are equal: every other one, those of later versions too."""
NO_AUGMENTATION = "none"
_PATHS = ("file:", "folder:", "csv:", "list:")
Told = Mapping[str, Callable[[Any], str]]
_OF_TASKS: Told = {
    "shots": lambda value: f"{value} shots" if value else "all shots",
    "resolution": lambda value: f"{value} px",
    "device": str,
    "threads": lambda value: f"{value} threads",
}
"""Conditions that are told where an architecture has several of them on a target."""
_OF_WAYS: Told = {
    "steps": lambda value: f"{value} steps",
    "batch": lambda value: f"batch {value}",
    "lr": lambda value: f"learning rate {value:g}",
}
"""Conditions that are told where one way of learning has several of them."""


@once
def trainings(frames: Frames) -> pd.DataFrame:
    """Every learning cell with an accuracy or a status, with names beside its conditions.

    `weights` and `target` have short names. `scenario` is the way of learning, `rare` what of it goes without
    saying elsewhere; `setting` is what else tells it from others of the same architecture, target and way. `start`
    says whether the training left chance, by one rule whenever it was recorded; empty where that is not known.
    """
    cells = frames.records[frames.records["measure"].isin(ACCURACIES) & (frames.records["kind"] == "learning")]
    cells = cells.assign(
        **{name: cells[name].map(short_names(cells[name])).astype("object") for name in ("weights", "target")}
    )
    rows = rows_of(cells)
    rare = [_rare(row) for row in rows]
    scenarios = [joined(f"{row['mode']} ({row['weights']})", word) for row, word in zip(rows, rare, strict=True)]
    starts = [_start(row) for row in rows]
    words = {"rare": rare, "scenario": scenarios, "setting": _settings(rows, scenarios), "start": starts}
    return cells.assign(**{name: pd.Series(texts, cells.index, dtype="object") for name, texts in words.items()})


def with_names(frames: Frames, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of another frame that has the keys of learning cells, with the names that `trainings` gives them."""
    names = ["weights", "target", "rare", "scenario", "setting"]
    kept = rows.drop(columns=[name for name in names if name in rows])
    return kept.merge(trainings(frames)[["key", *names]], on="key", how="inner")


def groups(rows: Iterable[Row], columns: Sequence[str]) -> Iterable[Sequence[Row]]:
    """The rows that are equal in all the columns, in order of first appearance."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in columns), []).append(row)
    return found.values()


def repetition(row: Row) -> tuple[Any, ...]:
    """Values that tell a training from the others of its scenario."""
    return tuple(row[name] for name in REPETITION)


def without(*names: str) -> tuple[str, ...]:
    """The conditions of a scenario but these."""
    return tuple(name for name in SCENARIO if name not in names)


def joined(*words: str) -> str:
    """Non-empty words joined by commas."""
    return ", ".join(word for word in words if word)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Short form of each name with a path (`file:/a/b/c.pt` is `file:c.pt`), where it still tells the names
    apart."""
    distinct = list(dict.fromkeys(names))
    paths = {name: _parts(name) for name in distinct}
    short: dict[str, str] = {}
    for name, (kind, parts) in paths.items():
        others = [other for text, (same, other) in paths.items() if text != name and same == kind]
        least = next((i for i in range(1, len(parts)) if all(other[-i:] != parts[-i:] for other in others)), None)
        short[name] = name if least is None else kind + "/".join(parts[-least:])
    return short


def _parts(name: str) -> tuple[str, list[str]]:
    kind = next((prefix for prefix in _PATHS if name.startswith(prefix)), "")
    return kind, name.removeprefix(kind).rstrip("/").split("/") if kind else [name]


def _start(row: Row) -> str:
    known = {name: float(row[name]) for name in ("value", "n_test", "chance") if not pd.isna(row[name])}
    if "value" not in known:
        return ""
    if {"n_test", "chance"} <= known.keys() and 0 <= known["value"] <= 1:
        return start_of(round(known["value"] * known["n_test"]), int(known["n_test"]), known["chance"])
    return {True: STARTED, False: STALLED}.get(row["did_start"], "")


def _rare(row: Row) -> str:
    return joined(
        f"{row['recipe']} recipe" if row["recipe"] != USUAL_RECIPE else "",
        f"{row['pipeline']} images" if row["pipeline"] != "tensor" else "",
        f"patience {row['patience']}" if row["patience"] else "",
        "refit with validation images" if row["refit"] else "",
        f"best of {row['tune']}" if row["tune"] else "",
        row["precision"] if row["precision"] != "fp32" else "",
        row["execution"] if row["execution"] != "eager" else "",
        f"for {row['duration']:g} s" if row["duration"] else "",
    )


def _settings(rows: Sequence[Row], scenarios: Sequence[str]) -> list[str]:
    """Words for the conditions that tell trainings of one architecture and target, or of one way of it, apart."""
    tasks = [(row["architecture"], row["target"]) for row in rows]
    ways = [
        (*task, way, *(row[name] for name in (*_OF_TASKS, "folds")))
        for task, way, row in zip(tasks, scenarios, rows, strict=True)
    ]
    told = [*_varying(rows, tasks, _OF_TASKS), *_varying(rows, ways, _OF_WAYS)]
    folds = [f"{row['folds']} folds" if row["folds"] else "" for row in rows]
    return [joined(*words) for words in zip(*told, folds, strict=True)]


def _varying(rows: Sequence[Row], keys: Sequence[Any], conditions: Told) -> Iterable[list[str]]:
    """Words of each condition that has several values among the rows, for the rows' keys."""
    for name, tell in conditions.items():
        values: dict[Any, set[Any]] = {}
        for key, row in zip(keys, rows, strict=True):
            values.setdefault(key, set()).add(row[name])
        yield [tell(row[name]) if len(values[key]) > 1 else "" for key, row in zip(keys, rows, strict=True)]
