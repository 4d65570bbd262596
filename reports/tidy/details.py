"""The details of records: those that measures declare as columns, and all of them in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from bench.declare.nature import Detail
from bench.store.rows import RecordRow
from reports import formats
from reports.tidy.columns import EVERY_RECORD

_LONGEST = 12
"""Items of a list that are written out."""
_NAMES = {
    "alone": "alone on its host",
    "beside": "ran beside",
    "conditions": "",
    "counters_agree": "counters agree",
    "cpus": "processor cores",
    "disturbance": "state of the machine",
    "ece": "calibration error",
    "ended": "sampling ended because",
    "first_call": "first call",
    "gap": "training accuracy less test accuracy, points",
    "interop_threads": "threads between operators",
    "macro_f1": "macro F1",
    "malloc_keeps": "freed memory",
    "n_test": "test images",
    "n_train": "training images",
    "n_val": "validation images",
    "nll": "NLL",
    "omp_wait_policy": "how threads wait",
    "onednn": "oneDNN",
    "p99": "99th percentile",
    "source_val_top1": "top-1 of the source on its validation images",
    "started": "learned more than chance",
    "started_by": "judged by",
    "top5": "top-5",
    "train_nll": "NLL on training images",
    "train_seconds": "time of training",
    "train_top1": "top-1 on training images",
    "trainable": "trainable parameters",
    "val_top1": "top-1 on validation images",
}
"""Readable names for the keys of details; an empty name says nothing of what is in it."""
_YES = {True: "yes", False: "no"}
_WORDS: Mapping[str, Mapping[bool, str]] = {
    "malloc_keeps": {True: "kept by the process for its next call", False: "given back to the system"},
    "onednn": {True: "used", False: "not used"},
}
_SHARES = frozenset(
    {
        "average_precision",
        "balanced_accuracy",
        "chance",
        "ece",
        "macro_f1",
        "self_confidence",
        "source_val_top1",
        "top5",
        "train_top1",
        "val_top1",
    }
)
"""Details of learning that are shares, shown in percent."""
_UNITS = {
    "backward": "s",
    "baseline": "B",
    "bytes": "B",
    "clock": "Hz",
    "first_call": "s",
    "forward": "s",
    "optimizer": "s",
    "p99": "s",
    "train_seconds": "s",
    "weights": "B",
}
"""Units of details that no measure declares."""


def column_of(measure: str, detail: Detail) -> str:
    """The column of a measure's detail; with the measure's name, where every record has one that is called so."""
    return f"{measure}_{detail.heading}" if detail.heading in EVERY_RECORD else detail.heading


def details_of(declared: Mapping[str, Any]) -> tuple[Detail, ...]:
    """Details that a run's declaration of a measure describes."""
    return tuple(Detail(**item) for item in declared["details"])


def detailed(columns: Mapping[str, Detail], rows: Sequence[RecordRow]) -> dict[str, Any]:
    """The details of a cell by the columns of its measure; None for what its records do not have."""
    good = [row for row in rows if row.status == "ok"]
    asked = {"median": good, "first": (good or rows)[:1]}
    known = {name for row in rows for name in row.details}
    told = {column: item for column, item in columns.items() if item.name in known}
    return dict.fromkeys(columns) | {
        column: of_processes(item.name, asked[item.processes]) for column, item in told.items()
    }


def of_processes(name: str, rows: Iterable[RecordRow]) -> Any:
    """Value of a detail in each process, None where none has it."""
    present = [value for row in rows if (value := row.details.get(name)) is not None]
    numbers = [value for value in present if isinstance(value, int | float)]
    if numbers:
        return median(numbers)
    words = [word for value in present for word in (value if isinstance(value, list) else [value])]
    return "; ".join(dict.fromkeys(map(str, words))) or None


def in_words(
    details: Mapping[str, Any], declared: Iterable[Detail] = (), before: str = ""
) -> Iterator[tuple[str, str]]:
    """Each detail as words under its name; of what is long only how much it is.

    Args:
        details: details by key; those of a short group stand under the names of both.
        declared: details that the measure declares.
        before: the name of the group that they are in.
    """
    units = _UNITS | {item.name: item.unit for item in declared if item.unit}
    for key, value in details.items():
        name = f"{before}{_NAMES.get(key, key.replace('_', ' '))}"
        if isinstance(value, Mapping) and len(value) <= _LONGEST:
            yield from in_words(value, declared, f"{name}: " if name else "")
        else:
            yield name, _short(value, key, units.get(key, "1"))


def _short(value: object, key: str, unit: str) -> str:
    if isinstance(value, Mapping | list | tuple):
        listed = isinstance(value, list | tuple) and len(value) <= _LONGEST
        if not listed or any(isinstance(inner, Mapping | list) for inner in value):
            return f"{len(value):,} value{'s' if len(value) != 1 else ''}"
        return ", ".join(_short(inner, key, unit) for inner in value)
    if isinstance(value, bool):
        return _WORDS.get(key, _YES)[value]
    if value is None:
        return "none"
    return _number(value, key, unit) if isinstance(value, int | float) else str(value)


def _number(value: float, key: str, unit: str) -> str:
    if key in _SHARES:
        return formats.quantity(100 * value, "%")
    if key == "gap":
        return formats.quantity(100 * value, "points")
    if isinstance(value, int) and unit == "1":
        return f"{value:,}"
    return formats.quantity(value, unit)
