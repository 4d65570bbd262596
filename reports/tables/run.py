"""What a run covers, what failed in it, and what it quotes."""

from __future__ import annotations

import pandas as pd

from bench.cell import STATUSES
from reports.frame import Frames
from reports.outcome import NOT_RUN
from reports.tables import Column, table


@table(
    title="Coverage",
    section="summary",
    about="The planned cells of each suite by what became of them; a cell that two suites share counts in both.",
    columns=(Column("Suite"), Column("Planned"), *(Column(status) for status in (*STATUSES, NOT_RUN))),
)
def coverage(frames: Frames) -> pd.DataFrame:
    """One row a suite."""
    return frames.coverage.rename(columns={"suite": "Suite", "planned": "Planned"})


@table(
    title="Failures",
    section="summary",
    about="Every cell that was tried and has no figure, with the reason.",
    columns=(Column("Cell"), Column("Status"), Column("Reason")),
)
def failures(frames: Frames) -> pd.DataFrame:
    """One row a cell."""
    rows = frames.failures[["cell", "status", "reason"]]
    return rows.rename(columns=str.capitalize).reset_index(drop=True)


@table(
    title="Published figures",
    section="provenance",
    about="What papers and the metadata of weights state about ImageNet: not measured here.",
    columns=(
        Column("Architecture"),
        Column("Year"),
        Column("Quantity"),
        Column("Error", "%"),
        Column("Protocol"),
        Column("Source"),
    ),
)
def published(frames: Frames) -> pd.DataFrame:
    """One row a figure."""
    rows = frames.published.drop(columns="family")
    rows = rows.assign(quantity=rows["quantity"].replace({"top1_error": "Top-1", "top5_error": "Top-5"}))
    return rows.rename(columns=str.capitalize).rename(columns={"Value": "Error"})
