"""A plan as a table: what would be measured, and how long it would take here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from rich.table import Table

from bench.run.forecast import ForecastLine, total_seconds
from bench.words import lasting

_HEADINGS = ("suite", "measure", "cells", "processes")


def table_of(parts: Sequence[ForecastLine], form: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Columns and a row for each suite and measure, and their sum; times in words for people, else in seconds."""
    told: Callable[[float], object] = _seconds if form in ("json", "csv") else lasting
    rows = [(p.suite, p.measure, p.cells, p.processes, told(p.seconds), _known_from(p)) for p in parts]
    whole = (sum(p.cells for p in parts), sum(p.processes for p in parts), told(total_seconds(parts)))
    time = "seconds" if told is _seconds else "expected"
    return (*_HEADINGS, time, "known from"), [*rows, ("all", "", *whole, "")]


def _seconds(value: float) -> object:
    return round(value, 1)


def overview(parts: Sequence[ForecastLine]) -> Table:
    """A row for each suite, for the terminal, before a run begins."""
    table = Table(box=None, pad_edge=False)
    table.add_column("suite")
    for heading in ("cells", "processes", "expected"):
        table.add_column(heading, justify="right")
    table.add_column("known from")
    for suite in dict.fromkeys(part.suite for part in parts):
        some = [part for part in parts if part.suite == suite]
        counts = (str(sum(part.cells for part in some)), str(sum(part.processes for part in some)))
        table.add_row(suite, *counts, lasting(total_seconds(some)), _known_from(*some))
    return table


def _known_from(*parts: ForecastLine) -> str:
    """`12 kept, 3 declared`; one word where all are known alike."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.by)
    return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{n} {basis}" for basis, n in counts.items())
