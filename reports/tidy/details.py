"""The details that measures declare, as columns of the records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from bench.declare.nature import Detail
from bench.store.rows import RecordRow
from reports.tidy.columns import EVERY_RECORD


def column_of(measure: str, detail: Detail) -> str:
    """The column of a measure's detail; with the measure's name, where every record has one that is called so."""
    return f"{measure}_{detail.heading}" if detail.heading in EVERY_RECORD else detail.heading


def details_of(declared: Mapping[str, Any]) -> tuple[Detail, ...]:
    """What a run's declaration of a measure says of its details."""
    return tuple(Detail(**item) for item in declared["details"])


def detailed(measure: str, details: Iterable[Detail], rows: Sequence[RecordRow]) -> dict[str, Any]:
    """The details of a cell by their columns, from the records of its processes."""
    good = [row for row in rows if row.status == "ok"]
    asked = {"median": good, "first": (good or rows)[:1]}
    return {column_of(measure, item): of_processes(item.name, asked[item.processes]) for item in details}


def of_processes(name: str, rows: Iterable[RecordRow]) -> Any:
    """One value of a detail that each process has, None where none has it."""
    present = [value for row in rows if (value := row.details.get(name)) is not None]
    numbers = [value for value in present if isinstance(value, int | float)]
    if numbers:
        return median(numbers)
    words = [word for value in present for word in (value if isinstance(value, list) else [value])]
    return "; ".join(dict.fromkeys(map(str, words))) or None
