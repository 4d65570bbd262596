"""The records of a run for the page's script: conditions, reasons, details, and raw samples in few characters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bench.cell import scenario_columns
from bench.declare.nature import Detail, Nature
from bench.store.rows import RecordEvidence
from bench.words import moment
from reports import formats
from reports.formats import is_missing
from reports.tidy.details import in_words
from reports.tidy.frame import Frames, rows_of

_LEVELS = 250
"""Steps between the lowest and the highest sample, at least: more than the height of a strip of points shows."""
_ALIKE = 10**6
"""Steps in the value of samples that are all alike, at least."""
_CONDITIONS = ("key", "architecture", "measure", "kind", *scenario_columns())
_UNITS = {"resolution": " px", "duration": " s"}
_OFF_AT_0 = ("steps", "lr", "folds", "patience", "duration", "tune")
"""Conditions that say nothing where they are 0."""
_SPREAD = {
    "median": "median",
    "mean": "mean",
    "p5": "5th percentile",
    "p95": "95th percentile",
    "lowest": "lowest",
    "highest": "highest",
}
_Pairs = list[list[str]]
"""Names and texts."""


def packed(frames: Frames, evidence: Iterable[RecordEvidence]) -> dict[str, Any]:
    """Conditions and one entry per process for each cell key, as JSON-plain data.

    Samples are in the order in which they were taken, each as `base` plus a whole number, times `step`.
    """
    kept = {(item.cell_key, item.replicate): item for item in evidence}
    found: dict[str, Any] = {}
    cells = {row["key"]: row for row in rows_of(frames.records[["cell", "nature", *_CONDITIONS]])}
    for row in cells.values():
        found[row["key"]] = {"cell": row["cell"], "facts": _conditions(row), "processes": []}
    for row in rows_of(frames.attempts):
        item = kept.get((row["key"], row["replicate"]))
        if item is not None:
            cell = cells[row["key"]]
            facts = _facts(row, item, cell, frames.details.get(cell["measure"], ()))
            found[row["key"]]["processes"].append(_process(row, item, facts))
    return found


def _conditions(row: Mapping[str, Any]) -> list[list[str]]:
    """Conditions of the cell that apply to it and are not switched off."""
    told = ((name, _condition(name, row[name])) for name in _CONDITIONS if not is_missing(row[name]))
    return [[name.replace("_", " "), text] for name, text in told if text]


def _condition(name: str, value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if name in _OFF_AT_0 and not value:
        return ""
    if name == "shots":
        return f"{value} training images per class" if value else "all training images"
    return f"{value}{_UNITS.get(name, '')}"


def _process(row: Mapping[str, Any], item: RecordEvidence, facts: _Pairs) -> dict[str, Any]:
    step, base, samples = _levels(item.samples)
    return {
        "status": row["status"],
        "reason": row["reason"],
        "unit": row["unit"],
        "n": row["n"],
        "step": step,
        "base": base,
        "samples": samples,
        "median": None if is_missing(row["median"]) else float(row["median"]),
        "facts": facts,
    }


def _facts(
    row: Mapping[str, Any], item: RecordEvidence, cell: Mapping[str, Any], declared: Sequence[Detail]
) -> _Pairs:
    seconds = float(row["seconds"])
    facts = {
        **_figures(row, cell["nature"]),
        "samples": f"{row['n']:,}"
        + (f" after {item.warmup} to warm up, which do not count" if item.warmup else ""),
        "provenance": row["provenance"],
        "taken over from run": row["reused_from"],
        "started": moment(row["started"]),
        "took": formats.quantity(seconds, "s") if seconds < 60 else formats.duration(seconds),
        "code": item.code,
    }
    # a detail may be called as a fact is
    return [[name, text] for name, text in (*facts.items(), *in_words(item.details, declared)) if text]


def _figures(row: Mapping[str, Any], nature: Any) -> dict[str, str]:
    """Figures of the samples; of a share, whose samples are 1 and 0, the mean alone."""
    unit, share = row["unit"], nature in [item for item in Nature if item.is_share]
    if share or row["n"] == 1:
        value = row["mean"]
        figure = (
            "" if is_missing(value) else formats.quantity(100 * value if share else value, "%" if share else unit)
        )
        return {"figure": figure}
    return {
        name: formats.quantity(row[column], unit)
        for column, name in _SPREAD.items()
        if not is_missing(row[column])
    }


def _levels(samples: Sequence[float]) -> tuple[float, int, list[int | None]]:
    """A step, the lowest sample in steps, and each sample in steps above it; None for what is not a number.

    The step is 1, 2 or 5 times a power of ten, and `_LEVELS` of them fit between the lowest and the highest
    sample at least; whole numbers that are near each other stay exact.
    """
    finite = [value for value in samples if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    step = _step((high - low) / _LEVELS if high > low else (abs(high) or 1.0) / _ALIKE)
    if all(value.is_integer() for value in finite) and (step < 1 or high == low):
        step = 1.0
    base = round(low / step)
    return step, base, [round(value / step) - base if math.isfinite(value) else None for value in samples]


def _step(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above `most`."""
    power = math.floor(math.log10(most))
    return next(step for digit in (5, 2, 1) if (step := float(f"{digit}e{power}")) <= most or digit == 1)
