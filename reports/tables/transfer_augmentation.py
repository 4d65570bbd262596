"""Augmentation as tables: how fast it is, and what it does by the number of training images."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.formats import NOISY
from reports.learning.shots import AtShots, by_shots
from reports.tables import Column, status_of, table
from reports.tables.transfer_effects import EFFECT, effect_rows
from reports.tidy.frame import Frames, rows_of

PIPELINES = {"tensor": "Tensors", "pil": "PIL"}
"""Their headings."""


@table(
    title="Speed of augmentation",
    section="transfer",
    measures=("augmentation_rate",),
    about=(
        "One row per augmentation, architecture and batch: images per second as batches of tensors and as PIL "
        "images, picking the batch from memory included."
    ),
    columns=(
        Column("Augmentation", tells=True),
        Column("Architecture", brief=False, tells=True),
        Column("Input", tells=True),
        Column("Batch", tells=True),
        *(
            Column(name, "1/s", low=f"{name} low", high=f"{name} high", status=f"{name} status")
            for name in PIPELINES.values()
        ),
        Column("Tensors over PIL", "1", marked_by="Ratio status", short="Ratio", answers=True),
        Column("Host", optional=True),
    ),
)
def augmentation_rates(frames: Frames) -> pd.DataFrame:
    """One row per augmentation and input."""
    cells = frames.records[frames.records["measure"] == "augmentation_rate"]
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in rows_of(cells):
        host = cell["host"] if len(frames.hosts) > 1 else None
        where = (
            cell["architecture"],
            cell["target"],
            cell["resolution"],
            cell["batch"],
            cell["augmentation"],
            host,
        )
        row = rows.setdefault(where, _input(cell) | {"Host": host})
        name = PIPELINES[cell["pipeline"]]
        row[name] = cell["value"]
        row |= {f"{name} {bound}": cell[bound] for bound in ("low", "high")}
        row[f"{name} status"] = status_of([cell])
    for row in rows.values():
        tensors, pil = (row.get(name) for name in PIPELINES.values())
        row["Tensors over PIL"] = None if pd.isna(tensors) or pd.isna(pil) else float(tensors) / float(pil)
        row["Ratio status"] = NOISY if NOISY in {row.get(f"{name} status") for name in PIPELINES.values()} else ""
    return pd.DataFrame(list(rows.values()))


def _input(cell: dict[str, Any]) -> dict[str, Any]:
    return {
        "Augmentation": cell["augmentation"],
        "Architecture": cell["architecture"],
        "Input": f"{cell['target']}, {cell['resolution']} px",
        "Batch": cell["batch"],
    }


@table(
    title="Augmentation by number of images",
    section="transfer",
    about=(
        "One row per comparison: accuracy with the augmentation minus accuracy without it, by the number of "
        "training images per class."
    ),
    columns=(
        Column("Architecture", brief=False, tells=True),
        Column("Target", brief=False, tells=True),
        Column("Condition", brief=False, tells=True),
        Column("Augmentation", tells=True),
        Column("Images", tells=True),
        Column("Without", "%"),
        *(
            column
            for column in EFFECT
            if column.heading not in ("Architecture", "Target", "Condition", "Treatment")
        ),
    ),
)
def augmentation_by_shots(frames: Frames) -> pd.DataFrame:
    """One row per augmentation and number of images."""
    return pd.DataFrame([_row(item) for item in by_shots(frames)])


def _row(item: AtShots) -> dict[str, Any]:
    (row,) = rows_of(effect_rows([item.effect]))
    base = item.effect.accuracy
    told = {"Augmentation": item.effect.treatment, "Images": item.shots or "all"}
    return row | told | {"Without": None if base is None else 100 * base}
