"""Table of how near each architecture comes to the limit of the host that binds it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.tables import Column, status_of, table
from reports.tables.scaling import conditions
from reports.tidy.frame import Frames, rows_of

LAUNCHING = "launching"
"""The limit that is none of the device's own."""


@table(
    title="Roofline",
    section="cost",
    measures=("roofline",),
    about=(
        "One row per pass: the speed attained as a share of what the arithmetic rate and memory bandwidth of "
        "this host allow."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Input", "px", brief=False, tells=True),
        Column("Batch", tells=True),
        Column("Conditions", tells=True),
        Column("Intensity", "FLOP/B", bound="Bound"),
        Column("Limit", answers=True),
        Column(
            "Share attained",
            "%",
            low="Low",
            high="High",
            status="Status",
            bound="Bound",
            short="Share",
            answers=True,
        ),
        Column("Attained", "FLOP/s", bound="Bound", marked_by="Status"),
        Column("Roof", "FLOP/s", bound="Bound", marked_by="Status", brief=False),
        Column("Forward", "s", marked_by="Status", brief=False),
        Column("Attainable", "s", bound="Bound", marked_by="Status", brief=False),
        Column("Device time", "s", marked_by="Status", brief=False),
        Column("Launching", "%", marked_by="Status", brief=False),
        Column("Matmul rate", "FLOP/s", marked_by="Status", brief=False),
        Column("Copy bandwidth", "B/s", marked_by="Status", brief=False),
        Column("Ridge", "FLOP/B", marked_by="Status", brief=False),
    ),
)
def roofline(frames: Frames) -> pd.DataFrame:
    """One row per roofline that was planned, in the order of the plan."""
    cells = frames.records[frames.records["measure"] == "roofline"]
    return pd.DataFrame([_row(cell) for cell in rows_of(cells)])


def attained(share: str, limit: str) -> str:
    """A share in words: `45 % of what memory allows`. Where launching is the limit, the share is not of that."""
    if LAUNCHING in limit:
        return f"{share} of what arithmetic and memory allow, limited by {limit}"
    return f"{share} of what {limit} allows"


def _row(cell: dict[str, Any]) -> dict[str, Any]:
    row = {
        "Architecture": cell["architecture"],
        "Input": cell["resolution"],
        "Batch": cell["batch"],
        "Conditions": conditions(cell),
        "Status": status_of([cell]),
        "Bound": cell["bound"],
    }
    if pd.isna(cell["value"]):
        return row
    return row | {
        "Intensity": cell["intensity"],
        "Limit": cell["limit"],
        "Share attained": 100 * cell["value"],
        "Low": None if pd.isna(cell["low"]) else 100 * cell["low"],
        "High": None if pd.isna(cell["high"]) else 100 * cell["high"],
        "Attained": 2 * cell["macs"] / cell["forward"],
        "Roof": 2 * cell["macs"] / cell["attainable"],
        "Forward": cell["forward"],
        "Attainable": cell["attainable"],
        "Device time": cell.get("device_time"),
        "Launching": None if pd.isna(cell.get("launching")) else 100 * cell["launching"],
        "Matmul rate": cell["matmul_rate"],
        "Copy bandwidth": cell["copy_bandwidth"],
        "Ridge": cell["ridge"],
    }
