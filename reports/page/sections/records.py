"""Every planned cell with its evidence."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from bench.store.outcome import UNTRIED
from reports import formats
from reports.figures import for_people, in_words
from reports.page.section import SAMPLES, Page, section
from reports.tidy.evidence import packed

_COLUMNS = (
    "Cell",
    "Suite",
    "Status",
    "Figure",
    "Interval",
    "n",
    "Processes",
    "Provenance",
    "Seconds",
    "Key",
    "Reason",
)


@section(title="Records", order=60, part="appendix")
def records(page: Page) -> Markup:
    """One row a planned cell: figure, status, reason, samples, provenance."""
    cells = page.frames.records
    if cells.empty:
        return Markup("")
    figures = for_people(cells)
    shown = pd.DataFrame(
        {
            "Cell": cells["cell"],
            "Suite": cells["suites"],
            "Status": cells["status"],
            "Figure": in_words(figures),
            "Interval": [
                _interval(*row)
                for row in zip(figures["low"], figures["high"], figures["unit"], cells["interval"], strict=True)
            ],
            "n": cells["n"],
            "Processes": cells["processes"],
            "Provenance": [
                f"reused from {run}" if run else word
                for run, word in zip(cells["reused_from"], cells["provenance"], strict=True)
            ],
            "Seconds": cells["seconds"].where(~cells["status"].isin(UNTRIED)).round(1),
            "Key": cells["key"],
            "Reason": [
                "; ".join(word for word in words if word)
                for words in zip(cells["reason"], cells["warnings"], strict=True)
            ],
        },
        columns=list(_COLUMNS),
    )
    if len(page.frames.run.hosts) > 1:
        shown.insert(list(_COLUMNS).index("Seconds"), "Host", cells["host"])
    page.pack("records", {"most": SAMPLES, "cells": packed(page.frames, page.evidence)})
    about = (
        "A click on a cell shows its conditions, details and raw samples. n counts samples: calls of a timed cell,"
        " test images of an accuracy. The interval is of the kind that it names; quantiles of the samples of one "
        "process are not a confidence interval."
    )
    return page.grid("Cells", about, shown) + page.render("records.html")


def _interval(low: float, high: float, unit: str, kind: str) -> str:
    return "" if pd.isna(low) else f"{formats.span(low, high, unit)} ({kind})"
