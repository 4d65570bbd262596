"""Tuned trainings: what was chosen, what it gained, and every trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.statistics import intervals as stats
from reports.learning.effects import overlap
from reports.learning.scenarios import groups, joined, with_names
from reports.tables import Column, table
from reports.tables.transfer import name_of, scenario_groups, setting_of
from reports.tidy.columns import TRIED
from reports.tidy.frame import Frames, rows_of

_HEADINGS = {
    "lr": "Learning rate",
    "weight_decay": "Weight decay",
    "layer_decay": "Layer decay",
    "C": "C",
    "k": "k",
}


@table(
    title="Tuned trainings",
    section="transfer",
    about=(
        "One row per tuned scenario: the accuracy of the trial that was best on validation images, and what "
        "tuning gained on test images. A value chosen at the edge of its range may have its best beyond it."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Target", tells=True),
        Column("Weights", tells=True),
        Column("Mode", tells=True),
        Column("Augmentation", short="Aug.", tells=True),
        Column("Trials", brief=False, tells=True),
        Column("Accuracy", "%", differs=setting_of, answers=True),
        Column("Untuned", "%"),
        Column("Gain", "points", low="Gain low", high="Gain high", answers=True),
        *(Column(heading, optional=True, brief=name == "lr") for name, heading in _HEADINGS.items()),
        Column("At an edge", brief=False),
        Column("Failed", brief=False),
        Column("n", brief=False),
        Column("Setting", brief=False),
    ),
)
def tuning(frames: Frames) -> pd.DataFrame:
    """One row per tuned scenario that has an accuracy."""
    tried = {rows[0]["key"]: rows for rows in groups(rows_of(frames.trials), ["key"])}
    tuned = (cells[cells["value"].notna() & cells["key"].isin(list(tried))] for cells in scenario_groups(frames))
    return pd.DataFrame([_scenario(cells, tried) for cells in tuned if len(cells)])


@table(
    title="Trials",
    section="transfer",
    about=(
        "One row per trial of a tuned training: what it tried, and how it did on validation images. The chosen "
        "trial has the highest top-1 accuracy, and of equal ones the lower loss."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Target", tells=True),
        Column("Weights", tells=True),
        Column("Mode", tells=True),
        Column("Augmentation", short="Aug.", tells=True),
        Column("Seed", tells=True),
        Column("Fold", brief=False, tells=True),
        Column("Trial", tells=True),
        Column("Chosen", answers=True),
        *(Column(heading, "1", optional=True, brief=name == "lr") for name, heading in _HEADINGS.items()),
        Column("Validation", "%", differs=setting_of, answers=True),
        Column("Validation NLL", "nats", brief=False),
        Column("Time", "s", brief=False),
        Column("Failed", brief=False),
        Column("Setting", brief=False),
    ),
)
def trials(frames: Frames) -> pd.DataFrame:
    """One row per trial, those that failed too."""
    return pd.DataFrame([_trial(row) for row in rows_of(with_names(frames, frames.trials))])


def _scenario(good: pd.DataFrame, tried: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    entries = [row for key in good["key"] for row in tried[key]]
    chosen = [row for row in entries if row["chosen"]]
    return {
        **name_of(good),
        "n": len(good),
        "Trials": good["tune"].iloc[0],
        "Accuracy": 100 * good["value"].mean(),
        **_gain(good),
        **{heading: _from_to(row[f"tried_{name}"] for row in chosen) for name, heading in _HEADINGS.items()},
        "At an edge": _edges(good),
        "Failed": sum(bool(row["failed"]) for row in entries),
    }


def _gain(good: pd.DataFrame) -> dict[str, Any]:
    """Over the trainings whose first trial has an accuracy."""
    known = good[good["untuned_top1"].notna()]
    if known.empty:
        return {}
    pairs = list(zip(known["untuned_top1"].astype(float), known["value"].astype(float), strict=True))
    found = stats.paired_difference(pairs, overlap(known))
    row = {"Untuned": 100 * float(known["untuned_top1"].mean()), "Gain": 100 * found.mean}
    if found.interval:
        row |= {"Gain low": 100 * found.interval.low, "Gain high": 100 * found.interval.high}
    return row


def _edges(good: pd.DataFrame) -> str:
    """Number of trainings in which a chosen value was the smallest or largest of all, as text."""
    number = int(good["at_edge"].notna().sum())
    return f"{number} of {len(good)}" if number else ""


def _from_to(values: Any) -> str | None:
    known = sorted({float(value) for value in values if not pd.isna(value)})
    if not known:
        return None
    return " to ".join(f"{float(f'{value:.2g}'):g}" for value in dict.fromkeys((known[0], known[-1])))


def _trial(row: Mapping[str, Any]) -> dict[str, Any]:
    share = row["trial_val_top1"]
    return {
        "Architecture": row["architecture"],
        "Target": row["target"],
        "Weights": row["weights"],
        "Mode": row["mode"],
        "Augmentation": row["augmentation"],
        "Seed": row["seed"],
        "Fold": row["fold"],
        "Trial": f"{row['trial']} of {row['trials']}",
        "Chosen": "chosen" if row["chosen"] else "",
        **{heading: row[f"tried_{name}"] for name, heading in zip(TRIED, _HEADINGS.values(), strict=True)},
        "Validation": None if pd.isna(share) else 100 * share,
        "Validation NLL": row["trial_val_loss"],
        "Time": row["trial_seconds"],
        "Failed": row["failed"],
        "Setting": joined(row["rare"], row["setting"]),
    }
