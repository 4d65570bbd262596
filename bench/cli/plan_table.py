"""A plan as a table: what would be measured, and how long it would take here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from bench.run.forecast import Line, total_seconds
from bench.words import lasting


def plan_table(parts: Sequence[Line], form: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Headings, a row per suite and measure, and their sum; people read times in words, programs in seconds."""
    for_people = form in ("table", "markdown")

    def time(seconds: float) -> object:
        return lasting(seconds) if for_people else round(seconds, 1)

    rows = [(p.suite, p.measure, p.cells, p.processes, time(p.seconds), _known_from(p)) for p in parts]
    whole = (sum(p.cells for p in parts), sum(p.processes for p in parts), time(total_seconds(parts)))
    headings = ("suite", "measure", "cells", "processes", "time" if for_people else "seconds", "known from")
    return headings, [*rows, ("all", "", *whole, "")]


def overview(parts: Sequence[Line]) -> Table:
    """A row a suite, for the terminal, before a run begins."""
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


def _known_from(*parts: Line) -> str:
    """`12 kept, 3 declared`; one word where all are known alike."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.by)
    return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{n} {basis}" for basis, n in counts.items())
