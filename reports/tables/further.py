"""The figures of measures that no other table is made for, such as those of a user's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from bench.declare.nature import Detail
from reports import formats
from reports.figures import for_people
from reports.tables import Column, status_of, table, without_table
from reports.tidy.details import column_of
from reports.tidy.frame import Frames, rows_of


@table(
    title="Further measures",
    section="further",
    about=(
        "One row per planned cell of the measures that have no table to themselves, with the details that the "
        "measure declares."
    ),
    columns=(
        Column("Cell"),
        Column("Measure", brief=False),
        Column("Figure", units="Unit", low="Low", high="High", status="Status", bound="Bound", answers=True),
        Column("Interval", brief=False),
        Column("Samples", brief=False),
        Column("Processes", short="n"),
        Column("Details", brief=False),
        Column("Noisy", brief=False),
        Column("Host", optional=True),
        Column("Reason", brief=False),
    ),
)
def further(frames: Frames) -> pd.DataFrame:
    """One row per cell, in the order of the plan; shares in percent."""
    cells = frames.records[without_table(frames)]
    figures = for_people(cells)
    return pd.DataFrame(
        [
            {
                "Cell": cell["cell"],
                "Measure": cell["measure"],
                "Figure": figure["value"],
                "Low": figure["low"],
                "High": figure["high"],
                "Unit": figure["unit"],
                "Bound": figure["bound"],
                "Status": status_of([cell]),
                "Interval": cell["interval"],
                "Samples": cell["n"],
                "Processes": cell["processes"],
                "Details": ", ".join(_details(cell, frames.details.get(cell["measure"], ()))),
                "Noisy": cell["noisy"],
                "Host": cell["host"] if len(frames.hosts) > 1 else None,
                "Reason": cell["reason"],
            }
            for cell, figure in zip(rows_of(cells), rows_of(figures), strict=True)
        ]
    )


def _details(cell: Mapping[str, Any], details: Iterable[Detail]) -> Iterable[str]:
    for item in details:
        value = cell[column_of(cell["measure"], item)]
        if not pd.isna(value):
            text = formats.quantity(value, item.unit) if item.unit and isinstance(value, int | float) else value
            yield f"{item.heading.replace('_', ' ')} {text}"
