"""Transfer learning as tables: the scenarios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.statistics.start import STALLED, STARTED, TOO_FEW
from reports.formats import NOISY
from reports.learning.accuracy import accuracy_bounds
from reports.learning.scenarios import ACCURACIES, SCENARIO, trainings
from reports.tables import Column, Short, status_of, table
from reports.tables.ordering import best_first, best_of_each
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

_SHOWN = ("Architecture", "Target", "Weights", "Mode", "Augmentation", "Recipe", "Pipeline", "Patience", "Steps")

_NAMING = (*map(str.lower, _SHOWN), "resolution", "shots", "folds", "duration", "rare", "setting", "scenario")


def setting_of(row: Mapping[str, Any]) -> str:
    """Unusual conditions of a row: a terminal that has no room for all columns tells them below."""
    return str(row["Setting"])


def _unusual(row: Mapping[str, Any]) -> str:
    """The same without the number of images, which has a column of its own here, and how many did not start."""
    told = [word for word in setting_of(row).split(", ") if word and not word.endswith(" shots")]
    started = str(row["Started"])
    words = {STARTED: "", "": "", STALLED: STALLED, TOO_FEW: f"{TOO_FEW} whether it started"}
    return ", ".join(filter(None, (*told, words.get(started, f"{started} started"))))


@table(
    title="Transfer scenarios",
    section="transfer",
    measures=ACCURACIES,
    about="One row per scenario: its mean accuracy on test images over n trainings, with a 95 % interval.",
    columns=(
        Column("Architecture", tells=True),
        Column("Target", tells=True),
        Column("Weights", tells=True),
        Column("Mode", tells=True),
        Column("Augmentation", short="Aug.", tells=True),
        Column(
            "Accuracy",
            "%",
            low="Accuracy low",
            high="Accuracy high",
            status="Status",
            differs=_unusual,
            answers=True,
        ),
        Column("n", brief=False),
        Column("Started", brief=False),
        Column("Chance", "%", brief=False),
        Column("Interval", brief=False),
        Column("Training accuracy", "%", brief=False),
        Column("Gap", "points", brief=False),
        Column("Training NLL", "nats", brief=False),
        Column("Setting", brief=False),
        Column("Recipe", brief=False, tells=True),
        Column("Folds", brief=False, tells=True),
        Column("Shots", tells=True),
        Column("Steps", brief=False, tells=True),
        Column("Patience", brief=False, tells=True),
        Column("Pipeline", brief=False, tells=True),
        Column("Resolution", "px", brief=False, tells=True),
        Column("Preprocessing", brief=False),
    ),
    ordered=best_first("Accuracy", "Target", "Shots"),
    short=Short("the best of each target", best_of_each("Target", "Shots")),
    groups=("Target", "Shots"),
)
def scenarios(frames: Frames) -> pd.DataFrame:
    """One row per architecture, target, source of weights, mode, augmentation and every other condition."""
    return pd.DataFrame([_scenario(group) for group in scenario_groups(frames)])


@once
def scenario_groups(frames: Frames) -> Sequence[pd.DataFrame]:
    """The planned trainings of each scenario."""
    return [group for _, group in trainings(frames).groupby(list(SCENARIO), sort=False, dropna=False)]


def name_of(cells: pd.DataFrame) -> dict[str, Any]:
    """Columns that name a scenario in tables, from its trainings."""
    # not the first row of all its columns, which pandas takes long to make
    first = {name: cells[name].iloc[0] for name in _NAMING}
    return {name: first[name.lower()] for name in _SHOWN} | {
        "Steps": f"in {first['duration']:g} s" if first["duration"] else first["steps"],
        "Resolution": first["resolution"],
        "Shots": first["shots"] or "all",
        "Folds": first["folds"] or "none",
        "Setting": ", ".join(word for word in (first["rare"], first["setting"]) if word),
        # for charts: the way of learning has a colour, and what else differs a row or panel of its own
        "Scenario": first["scenario"],
        "Row": ", ".join(word for word in (first["architecture"], first["setting"]) if word),
    }


def _scenario(cells: pd.DataFrame) -> dict[str, Any]:
    good = cells[cells["value"].notna()]
    row = name_of(cells) | {"n": len(good), "Preprocessing": _preprocessing(good)}
    if good.empty:
        status = status_of(rows_of(cells[["status", "value", "noisy"]]))
        return row | {"Accuracy": None, "Status": status, "Started": ""}
    chance = good["chance"].iloc[0]
    row |= {
        "Accuracy": 100 * good["value"].mean(),
        "Status": NOISY if good["noisy"].notna().any() else "ok",
        "Chance": None if pd.isna(chance) else 100 * float(chance),
        "Training accuracy": _mean(good, "train_top1", 100),
        "Gap": _mean(good, "gap", 100),
        "Training NLL": _mean(good, "train_nll"),
        **accuracy_bounds(good),
    }
    return row | {"Started": _started(good, row)}


def _mean(good: pd.DataFrame, name: str, scale: int = 1) -> float | None:
    """Mean of a detail over the trainings that tell it, times the scale; None where the run is older than it."""
    known = good[name].dropna() if name in good else good["value"].head(0)
    return None if known.empty else scale * float(known.mean())


def _preprocessing(good: pd.DataFrame) -> str:
    """Preprocessing of the pictures; empty where the run is from before it was written down."""
    told = good.get("preprocessing")
    return "" if told is None else "; ".join(dict.fromkeys(told.dropna()))


def _started(good: pd.DataFrame, row: Mapping[str, Any]) -> str:
    """Whether the trainings left chance, one by one or all together: each alone may have few test images."""
    count = Counter(word for word in good["start"] if word)
    known, (low, chance) = count.total(), (row.get("Accuracy low"), row["Chance"])
    if not known:
        return ""
    if count[STARTED] == known or (len(good) > 1 and low is not None and chance is not None and low > chance):
        return STARTED
    if count[STARTED]:
        return f"{count[STARTED]} of {known}"
    return STALLED if count[STALLED] == known else TOO_FEW
