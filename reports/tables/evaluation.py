"""Accuracies of weights as they are given, beside the published ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.compare.published import agreement
from bench.statistics.intervals import share_interval
from reports.tables import Column, status_of, table
from reports.tidy.frame import Frames, rows_of


@table(
    title="Weights as they are",
    section="evaluation",
    measures=("top1_as_is",),
    about=(
        "One row per network and folder of pictures: the accuracy of given weights without any training. It "
        "agrees with the published figure where that lies within a narrow enough interval."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Weights", tells=True),
        Column("Pictures", tells=True),
        Column("Top-1", "%", low="Top-1 low", high="Top-1 high", status="Status", answers=True),
        Column("Top-5", "%"),
        Column("Published top-1", "%", short="Published", answers=True),
        Column("Answer", answers=True),
        Column("Published top-5", "%", brief=False),
        Column("Among present", "%", brief=False),
        Column("Classes", brief=False),
        Column("Target", brief=False, tells=True),
        Column("Resolution", "px", brief=False, tells=True),
        Column("Classes matched", brief=False),
        Column("Published by", brief=False),
        Column("Not compared", brief=False),
        Column("Bad pictures", brief=False),
        Column("Preprocessing", brief=False),
    ),
)
def evaluation(frames: Frames) -> pd.DataFrame:
    """One row per evaluation, in the order of the plan."""
    cells = frames.records[frames.records["measure"] == "top1_as_is"]
    return pd.DataFrame([_row(cell) for cell in rows_of(cells)])


def _row(cell: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        "Architecture": cell["architecture"],
        "Weights": cell["weights"],
        "Target": cell["target"],
        "Resolution": cell["resolution"],
        "Status": status_of([cell]),
    }
    if pd.isna(cell["value"]) or pd.isna(cell["n_test"]):
        return row
    n = int(cell["n_test"])
    bounds, published = share_interval(cell["value"], n), cell["published_top1"]
    compared = bounds is not None and not pd.isna(published)
    return row | {
        "Pictures": n,
        "Top-1": 100 * cell["value"],
        "Top-1 low": bounds and 100 * bounds.low,
        "Top-1 high": bounds and 100 * bounds.high,
        "Top-5": 100 * cell["top5"],
        "Published top-1": 100 * published if compared else None,
        "Published top-5": None if pd.isna(cell["published_top5"]) else 100 * cell["published_top5"],
        "Answer": agreement(round(cell["value"] * n), n, float(published)) if compared else "not compared",
        "Among present": 100 * cell["top1_among_present"],
        "Classes": int(cell["classes_present"]),
        "Classes matched": cell["classes_matched"],
        "Published by": cell["published_by"],
        "Not compared": cell["not_compared"],
        "Bad pictures": int(cell["bad_images"]),
        "Preprocessing": cell["preprocessing"],
    }
