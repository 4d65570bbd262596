"""Table of the classifiers' quality class by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reports.learning.classes.recalls import Recall, recalls_of
from reports.learning.scenarios import groups
from reports.tables import Column, table
from reports.tables.transfer import name_of, scenario_groups, setting_of
from reports.tidy.frame import Frames, rows_of

MOST = 30
"""Classes of a scenario that are told: of more those that are recognised worst."""


@table(
    title="Recall of the classes",
    section="transfer",
    about=(
        "One row per class of a scenario, the worst first: how much of the class is recognised (recall), and "
        f"how much of what is given its name belongs to it (precision). Of more than {MOST} classes the worst "
        f"{MOST} are listed."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Target", tells=True),
        Column("Scenario", tells=True),
        Column("Augmentation", short="Aug.", brief=False, tells=True),
        Column("Class", tells=True),
        Column("Images"),
        Column("Recall", "%", low="Recall low", high="Recall high", differs=setting_of, answers=True),
        Column("Precision", "%", answers=True),
        Column("n", brief=False),
        Column("Setting", brief=False),
    ),
    groups=("Architecture", "Target", "Scenario", "Augmentation"),
)
def recalls(frames: Frames) -> pd.DataFrame:
    """One row per scenario and class."""
    entries = rows_of(frames.confusions[frames.confusions["whole"].isin([True])])
    named = {rows[0]["key"]: rows for rows in groups(entries, ["key"])}
    good = (cells[cells["value"].notna()] for cells in scenario_groups(frames))
    return pd.DataFrame([row for cells in good if len(cells) for row in _rows(frames, cells, named)])


def _rows(
    frames: Frames, good: pd.DataFrame, named: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    entries = [entry for key in good["key"] for entry in named.get(key, ())]
    worst = sorted(recalls_of(frames, good), key=lambda item: item.share)[:MOST]
    return [{**name_of(good), "n": len(good), **_row(item, entries)} for item in worst]


def _row(item: Recall, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {"Class": item.name, "Images": item.images, "Recall": 100 * item.share}
    if item.interval:
        row |= {"Recall low": 100 * item.interval.low, "Recall high": 100 * item.interval.high}
    claimed = [entry for entry in entries if entry["named_name"] == item.name]
    total = sum(entry["images"] for entry in claimed)
    right = sum(entry["images"] for entry in claimed if entry["true"] == entry["named"])
    return row | {"Precision": 100 * right / total if total else None}
