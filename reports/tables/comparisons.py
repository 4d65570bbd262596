"""Blocks, options and scalings side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from reports.figures import at_inference
from reports.formats import NOISY
from reports.learning.sides import side_effects
from reports.tables import Column, status_of, table
from reports.tables.transfer_effects import EFFECT, effect_rows
from reports.tidy.frame import Frames, rows_of

MEASURES = {"Parameters": "parameters", "MACs": "macs", "Activations": "activations", "Latency": "latency"}


@table(
    title="Side by side",
    section="blocks",
    about=(
        "One row per side; ratios refer to the first side of the comparison. Counts are exact, but a ratio of "
        "latencies close to 1 does not show a difference."
    ),
    columns=(
        Column("Comparison", tells=True),
        Column("Side", tells=True, answers=True),
        Column("Architecture", brief=False),
        Column("Input", "px", brief=False),
        Column("Parameters", "1", status="Parameters status", brief=False),
        Column("Parameters ratio", "1", brief=False),
        Column("MACs", "1", status="MACs status", bound="MACs bound"),
        Column("MACs ratio", "1", answers=True),
        Column("Activations", "1", status="Activations status", bound="Activations bound", brief=False),
        Column("Activations ratio", "1", brief=False),
        Column("Latency", "s", status="Latency status"),
        Column("Latency ratio", "1", marked_by="Latency ratio status", answers=True),
        Column("Latency on", optional=True),
    ),
    groups=("Comparison",),
)
def comparisons(frames: Frames) -> pd.DataFrame:
    """One row per side, in the order of the comparisons."""
    cells = frames.records[frames.records["measure"].isin(MEASURES.values()) & (frames.records["kind"] == "cost")]
    columns = ["status", "value", "without_auxiliary", "bound", "noisy", "device"]
    wanted = cells[["architecture", "resolution", "measure", *columns]]
    by_side: dict[tuple[str, int], dict[str, dict[str, Any]]] = {}
    for cell in rows_of(wanted):
        by_side.setdefault((cell["architecture"], cell["resolution"]), {}).setdefault(cell["measure"], cell)
    rows: list[dict[str, Any]] = []
    base: Mapping[str, Any] = {}
    for side in rows_of(frames.sides):
        row = _row(side, by_side.get((side["architecture"], side["resolution"]), {}))
        base = row if not rows or rows[-1]["Comparison"] != row["Comparison"] else base
        told = {"Latency on": row["Latency device"] or None} if len(frames.hosts) > 1 else {}
        rows.append(row | _ratios(row, base) | told)
    return pd.DataFrame(rows)


def _row(side: Mapping[str, Any], cells: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    row = {
        "Comparison": side["title"],
        "Side": side["label"],
        "Architecture": side["architecture"],
        "Input": side["resolution"],
    }
    for name, measure in MEASURES.items():
        found = [cells[measure]] if measure in cells else []
        row[name] = at_inference(found[0]) if found else None
        row[f"{name} bound"] = found[0]["bound"] if found else ""
        row[f"{name} status"] = status_of(found)
        row[f"{name} device"] = found[0]["device"] if found else ""
    return row


def _ratios(row: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    # a figure that lacks a part has no ratio
    whole = [name for name in MEASURES if not row[f"{name} bound"] and not base[f"{name} bound"]]
    # nor have speeds of different hosts
    whole = [name for name in whole if name != "Latency" or row["Latency device"] == base["Latency device"]]
    found: dict[str, Any] = {}
    for name in whole:
        pair = (row[name], base[name])
        found[f"{name} ratio"] = None if _absent(pair) else float(pair[0]) / float(pair[1])
        found[f"{name} ratio status"] = NOISY if NOISY in (row[f"{name} status"], base[f"{name} status"]) else ""
    return found


def _absent(pair: Iterable[Any]) -> bool:
    return any(pd.isna(value) or not value for value in pair)


@table(
    title="Accuracy side by side",
    section="blocks",
    about=(
        "One row per side that was trained like the first side of its comparison: its accuracy minus that of "
        "the first side, in points."
    ),
    columns=EFFECT,
)
def comparison_accuracy(frames: Frames) -> pd.DataFrame:
    """One row per side that was trained as the first one was."""
    return effect_rows(side_effects(frames))
