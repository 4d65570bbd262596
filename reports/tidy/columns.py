"""The columns of the tidy tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from html import escape
from typing import Any

import pandas as pd

from bench.audit.errata import ErrataRow
from bench.cell import STATUSES, Cost, Learning, scenario_columns
from bench.declare.nature import HALVED, OLDER_DETAILS
from bench.store.outcome import UNTRIED
from reports.uncollected import uncollected

EVERY_RECORD = (
    "run",
    "key",
    "cell",
    "suites",
    "kind",
    "architecture",
    "family",
    "year",
    "measure",
    "unit",
    "nature",
    *scenario_columns(),
    HALVED,
    "status",
    "reason",
    "value",
    "bound",
    "low",
    "high",
    "interval",
    "n",
    "processes",
    "p5",
    "p95",
    "within",
    "between",
    "noisy",
    "beside",
    "host",
    "provenance",
    "reused_from",
    "seconds",
    "warnings",
)
RECORDS = (*EVERY_RECORD, *(detail.heading for detail in OLDER_DETAILS))
"""Columns that every run has; those of further details that its measures declare follow."""
ATTEMPTS = (
    "run",
    "key",
    "cell",
    "architecture",
    "measure",
    "unit",
    "replicate",
    "status",
    "reason",
    "n",
    "median",
    "mean",
    "p5",
    "p95",
    "lowest",
    "highest",
    "provenance",
    "host",
    "reused_from",
    "started",
    "seconds",
)
PUBLISHED = ("architecture", "family", "year", "quantity", "value", "resolution", "protocol", "source")
PUBLISHED_COUNTS = ("architecture", "quantity", "value", "step", "resolution", "source")
COUNTED = ("parameters", "macs")
PARTS = ("key", "architecture", "measure", "part", "unit", "value")
_TRAINING = ("key", "architecture", *(f.name for f in fields(Learning)))
CURVES = (*_TRAINING, "step", "epoch", "loss", "val", "val_loss", "seconds", "images")
CONFUSIONS = (*_TRAINING, "classes", "whole", "true", "named", "true_name", "named_name", "images")
RECALLS = (*_TRAINING, "class", "right", "images")
TRIED = ("lr", "weight_decay", "layer_decay", "C", "k")
"""Values that a trial can have of its own."""
TRIALS = (
    *_TRAINING,
    "trial",
    "trials",
    *(f"tried_{name}" for name in TRIED),
    "trial_val_top1",
    "trial_val_loss",
    "trial_seconds",
    "failed",
    "chosen",
)
PICTURES = (
    "key",
    "cell",
    "architecture",
    "measure",
    "replicate",
    "ordinal",
    "name",
    "title",
    "caption",
    "width",
    "height",
    "png",
)
ARTIFACTS = ("description", "status", "reason", "seconds", "details")
VERDICTS = tuple(field.name for field in fields(ErrataRow))
SIDES = ("comparison", "title", "about", "label", "architecture", "resolution")
QUADRANTS = (
    "quadrant",
    "title",
    "about",
    "size",
    "likeness",
    "advice",
    "advised",
    "architecture",
    "weights",
    "target",
    "shots",
)
POINTS = ("sweep", "title", "about", "axis", "unit", "x", "label", "architecture", "resolution", "batch")
LEFT_OUT = ("slide", "words", "reason", "missing")
COVERAGE = ("suite", "planned", *STATUSES, *UNTRIED)
DECLARED = {
    "architecture": (
        "name",
        "family",
        "year",
        "venue_year",
        "paper",
        "idea",
        "resolution",
        "min_resolution",
        "channels",
        "lecture",
        "tags",
        "reduced_of",
    ),
    "measure": ("name", "unit", "nature", "better", "repeats", "about", "kind"),
    "suite": ("name", "title", "about"),
    "milestone": ("name", "kind", "year", "words", "of", "top5_error", "protocol", "source"),
    "dataset": ("name", "classes", "channels", "resolution", "licence", "source", "about", "package"),
}
"""Columns shown of each kind of declaration."""
INTEGERS = (
    *(f.name for kind in (Cost, Learning) for f in fields(kind) if f.type in ("int", "int | None")),
    "year",
    "venue_year",
    HALVED,
    "n",
    "processes",
    "n_train",
    "n_test",
    "trainable",
    "without_auxiliary",
)
"""Columns of whole numbers that may have gaps."""


@uncollected()
def framed(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Rows as a table of these columns, those of whole numbers as such."""
    frame = pd.DataFrame([dict(row) for row in rows], columns=list(columns))
    integers = [name for name in INTEGERS if name in columns]
    return frame.astype(dict.fromkeys(integers, "Int64"))


def escaped(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns that change where their texts are to stand in HTML, by name."""
    columns = {str(name): frame[name].tolist() for name in frame.select_dtypes(include=["object", "string"])}
    return {
        name: [escape(value, quote=False) if _marked(value) else value for value in values]
        for name, values in columns.items()
        if any(map(_marked, values))
    }


def _marked(value: Any) -> bool:
    # `>` alone is not a tag: every name of a training has one
    return isinstance(value, str) and ("<" in value or "&" in value)
