"""The records of a run for the page's script: conditions, reasons, details, and raw samples in few characters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from bench.cell import scenario_columns
from bench.store.rows import Evidence
from bench.words import moment
from reports import formats
from reports.tidy.frame import Frames, rows_of

_LEVELS = 250
"""Steps between the lowest and the highest sample, at least: more than the height of a strip of points shows."""
_ALIKE = 10**6
"""Steps in the value of samples that are all alike, at least."""
_CONDITIONS = ("key", "architecture", "measure", "kind", *scenario_columns())
_LONGEST = 12
"""Items of a list that are written out."""


def packed(frames: Frames, evidence: Iterable[Evidence]) -> dict[str, Any]:
    """By cell key: its conditions and one entry a process, as JSON-plain data.

    Samples are in the order in which they were taken, each as `base` plus a whole number, times `step`.
    """
    kept = {(item.cell_key, item.replicate): item for item in evidence}
    found: dict[str, Any] = {}
    for row in rows_of(frames.records[["cell", *_CONDITIONS]]):
        found[row["key"]] = {"cell": row["cell"], "facts": _conditions(row), "processes": []}
    for row in rows_of(frames.attempts):
        item = kept.get((row["key"], row["replicate"]))
        if item is not None:
            found[row["key"]]["processes"].append(_process(row, item))
    return found


def _conditions(row: Mapping[str, Any]) -> list[list[str]]:
    """What the cell is, without what does not apply to it."""
    known = ((name, row[name]) for name in _CONDITIONS)
    return [[name.replace("_", " "), str(value)] for name, value in known if not pd.isna(value) and value != ""]


def _process(row: Mapping[str, Any], item: Evidence) -> dict[str, Any]:
    step, base, samples = _levels(item.samples)
    return {
        "status": row["status"],
        "reason": row["reason"],
        "unit": row["unit"],
        "n": row["n"],
        "step": step,
        "base": base,
        "samples": samples,
        "median": None if pd.isna(row["median"]) else float(row["median"]),
        "facts": _facts(row, item),
    }


def _facts(row: Mapping[str, Any], item: Evidence) -> list[list[str]]:
    unit = row["unit"]
    spread = {name: row[name] for name in ("median", "mean", "p5", "p95", "lowest", "highest")}
    facts = {
        "samples": f"{row['n']}, after {item.warmup} that do not count" if item.warmup else str(row["n"]),
        **{name: formats.quantity(value, unit) for name, value in spread.items() if not pd.isna(value)},
        "provenance": row["provenance"],
        "taken over from run": row["reused_from"],
        "started": moment(row["started"]),
        "took": f"{row['seconds']:.2f} s",
        "code": item.code,
        **dict(_details(item.details)),
    }
    return [[name, text] for name, text in facts.items() if text]


def _details(details: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each detail as words under its name; of what is long only how long it is: `export` has it whole."""
    for key, value in details.items():
        name = f"{prefix}{key}".replace("_", " ")
        if isinstance(value, Mapping) and len(value) <= _LONGEST:
            yield from _details(value, f"{name}: ")
        else:
            yield name, _short(value)


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{len(value)} entries"
    if isinstance(value, list | tuple):
        if len(value) > _LONGEST or any(isinstance(inner, Mapping | list) for inner in value):
            return f"{len(value)} values"
        return ", ".join(_short(inner) for inner in value)
    return f"{value:.5g}" if isinstance(value, float) else "none" if value is None else str(value)


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
