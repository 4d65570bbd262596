"""What each architecture counts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.frame import Frames, rows_of
from reports.tables import Column, status_of, table

_MEASURES = {"Parameters": "parameters", "MACs": "macs", "Activations": "activations"}


@table(
    title="Counts",
    section="evolution",
    about=(
        "Parameters (auxiliary heads included), multiply-adds and activations of one picture at the size that is "
        "given. fvcore and torch's own counter must give the same number of multiply-adds. An activation is an "
        "element of the result of a convolution, a linear layer or a product of matrices."
    ),
    columns=(
        Column("Architecture"),
        Column("Family", brief=False),
        Column("Year", brief=False),
        Column("Input"),
        *(Column(heading, "1", status=f"{heading} status") for heading in _MEASURES),
        Column("Counters agree", short="agree"),
    ),
)
def counts(frames: Frames) -> pd.DataFrame:
    """One row an architecture and input size that was counted, in the order of the plan."""
    cells = frames.records[frames.records["measure"].isin(_MEASURES.values())]
    wanted = ["architecture", "family", "year", "resolution", "measure", "status", "value", "agreed"]
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for cell in rows_of(cells[wanted]):
        row = rows.setdefault(
            (cell["architecture"], cell["resolution"]),
            {
                "Architecture": cell["architecture"],
                "Family": cell["family"],
                "Year": cell["year"],
                "Input": f"{cell['resolution']} px",
            },
        )
        heading = next(name for name, measure in _MEASURES.items() if measure == cell["measure"])
        row[heading] = cell["value"]
        row[f"{heading} status"] = status_of([cell["status"]])
        if cell["measure"] == "macs" and not pd.isna(cell["agreed"]):
            row["Counters agree"] = "yes" if cell["agreed"] else "no"
    return pd.DataFrame(list(rows.values()))
