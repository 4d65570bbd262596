"""The changes of a store's series as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.compare.history.changes import FoundChange
from reports import formats
from reports.history.words import levels, size, why

_COLUMNS = (
    *(
        "verdict",
        "cell",
        "architecture",
        "measure",
        "unit",
        "host",
        "runs",
        "kind",
        "size",
        "scale",
        "low",
        "high",
    ),
    "before",
    "after",
    "p",
    "last_before",
    "first_after",
    "earliest",
    "latest",
    "runs_before",
    "runs_after",
    "newest",
    "commit_before",
    "commit_after",
    "code",
    "differs",
    "together",
    "searched",
    "note",
    "of",
)
_HEADINGS = ("Verdict", "Cell", "Change", "What differs", "Levels", "From run", "After run", "Runs")


def table(found: Sequence[FoundChange]) -> pd.DataFrame:
    """One row per change, or per series without one, in SI units; sizes are ratios, or differences of shares."""
    return pd.DataFrame([_row(item) for item in found], columns=list(_COLUMNS))


def table_in_words(found: Sequence[FoundChange]) -> pd.DataFrame:
    """One row per change, for people."""
    rows = [
        {
            "Verdict": item.verdict,
            "Cell": str(item.series.cell),
            "Change": size(item),
            "Levels": levels(item),
            "From run": "drift" if item.change and item.change.kind == "drift" else item.first_after,
            "After run": item.last_before,
            "Runs": len(item.series.values),
            "What differs": why(item) or formats.NOTHING,
        }
        for item in found
    ]
    return pd.DataFrame(rows, columns=list(_HEADINGS))


def _row(item: FoundChange) -> dict[str, object]:
    series, change, cause = item.series, item.change, item.cause
    row: dict[str, object] = {
        "verdict": item.verdict,
        "cell": str(series.cell),
        "architecture": series.cell.architecture,
        "measure": series.cell.measure,
        "unit": series.unit,
        "host": series.host,
        "runs": len(series.values),
        "note": item.note,
        "of": series.of,
    }
    if change is None or cause is None:
        return row
    runs = [figure.run for figure in series.measured]
    return row | {
        "kind": change.kind,
        "size": change.size,
        "scale": "difference" if series.is_share else "ratio",
        "low": change.interval and change.interval.low,
        "high": change.interval and change.interval.high,
        "before": change.before,
        "after": change.after,
        "p": change.p,
        "last_before": item.last_before,
        "first_after": item.first_after,
        "earliest": runs[change.earliest],
        "latest": runs[change.latest],
        "runs_before": change.at - change.start,
        "runs_after": change.stop - change.at,
        "newest": item.newest,
        "commit_before": cause.commits[0],
        "commit_after": cause.commits[1],
        "code": {True: "same", False: "differs", None: "unknown"}[cause.same_code],
        "differs": "; ".join(cause.facts),
        "together": item.together,
        "searched": item.searched,
    }
