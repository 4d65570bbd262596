"""Table of the classifiers' quality beyond their first answer."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.statistics import intervals as stats
from reports.learning.accuracy import accuracy_bounds
from reports.learning.classes.recalls import balanced_accuracy
from reports.learning.effects import overlap
from reports.learning.scenarios import groups
from reports.tables import Column, Short, table
from reports.tables.ordering import best_first, best_of_each
from reports.tables.transfer import name_of, scenario_groups, setting_of
from reports.tidy.frame import Frames, rows_of

_MOST_CONFUSED = 3
_FIGURES = {
    "Top-5": "top5",
    "Average precision": "average_precision",
    "Macro F1": "macro_f1",
    "NLL": "nll",
    "Calibration error": "ece",
}


@table(
    title="Quality of the classifiers",
    section="transfer",
    about=(
        "One row per scenario: further figures of the same trainings. Most confused names the true class and "
        "the class predicted in its place."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Target", tells=True),
        Column("Scenario", tells=True),
        Column("Augmentation", short="Aug.", tells=True),
        Column("Top-1", "%", low="Top-1 low", high="Top-1 high", differs=setting_of, answers=True),
        Column(
            "Balanced accuracy",
            "%",
            low="Balanced accuracy low",
            high="Balanced accuracy high",
            short="Balanced",
            optional=True,
        ),
        Column("Top-5", "%", low="Top-5 low", high="Top-5 high"),
        Column(
            "Average precision",
            "%",
            low="Average precision low",
            high="Average precision high",
            short="Av. prec.",
            brief=False,
            optional=True,
        ),
        Column("Macro F1", "%", low="Macro F1 low", high="Macro F1 high"),
        Column("NLL", "nats", low="NLL low", high="NLL high"),
        Column(
            "Calibration error",
            "%",
            low="Calibration error low",
            high="Calibration error high",
            short="ECE",
            answers=True,
        ),
        Column("n"),
        Column("Setting", brief=False),
        Column("Interval of top-1", brief=False),
        Column("Most confused", brief=False),
    ),
    ordered=best_first("Top-1", "Target"),
    short=Short("the best of each target", best_of_each("Target")),
    groups=("Target",),
)
def quality(frames: Frames) -> pd.DataFrame:
    """One row per scenario that has an accuracy."""
    confused = {rows[0]["key"]: rows for rows in groups(rows_of(frames.confusions), ["key"])}
    good = (cells[cells["value"].notna()] for cells in scenario_groups(frames))
    return pd.DataFrame([_row(frames, cells, confused) for cells in good if len(cells)])


def _row(frames: Frames, good: pd.DataFrame, confused: dict[str, Any]) -> dict[str, Any]:
    bounds = accuracy_bounds(good)
    entries = [entry for key in good["key"] for entry in confused.get(key, ())]
    row = name_of(good) | {
        "n": len(good),
        "Top-1": 100 * good["value"].mean(),
        "Top-1 low": bounds.get("Accuracy low"),
        "Top-1 high": bounds.get("Accuracy high"),
        "Interval of top-1": bounds["Interval"],
        "Most confused": _most_confused(entries),
    }
    for heading, column in _FIGURES.items():
        row |= _figure(good, heading, column)
    return row | _balanced(frames, good)


def _balanced(frames: Frames, good: pd.DataFrame) -> dict[str, Any]:
    heading, found = "Balanced accuracy", balanced_accuracy(frames, good)
    if found is None:
        return {heading: None}
    low, high = 100 * found.interval.low, 100 * found.interval.high
    return {heading: 100 * found.mean, f"{heading} low": low, f"{heading} high": high}


def _figure(good: pd.DataFrame, heading: str, column: str) -> dict[str, Any]:
    values = [float(value) for value in good[column].dropna()] if column in good else []
    if not values:
        return {heading: None}
    scale = 1 if column == "nll" else 100
    bounds = stats.mean_interval(values, test_to_train=overlap(good))
    if bounds is None and column == "top5" and not good["n_test"].isna().any():
        # of one training, or of several that are equal
        n = int(good["n_test"].iloc[0])
        bounds = stats.share_interval(values[0], n)
    row: dict[str, Any] = {heading: scale * sum(values) / len(values)}
    if bounds:
        most = float("inf") if column == "nll" else 1.0
        row |= {f"{heading} low": scale * max(0.0, bounds.low), f"{heading} high": scale * min(most, bounds.high)}
    return row


def _most_confused(entries: list[dict[str, Any]]) -> str:
    counts: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry["true"] != entry["named"]:
            pair = (entry["true_name"], entry["named_name"])
            counts[pair] = counts.get(pair, 0) + entry["images"]
    most = sorted(counts.items(), key=lambda item: -item[1])[:_MOST_CONFUSED]
    return ", ".join(f"{true} as {named} ({images})" for (true, named), images in most)
