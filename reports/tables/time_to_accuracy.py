"""Table of how long each way of learning takes to a common accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

import pandas as pd

from reports.formats import NOISY
from reports.learning.effects import trained
from reports.learning.scenarios import SCENARIO, Row, groups, joined, trainings, with_names
from reports.tables import Column, Short, table
from reports.tables.ordering import best_first, best_of_each
from reports.tables.transfer import name_of, setting_of
from reports.tidy.frame import Frames, rows_of

SHARE = 0.95
"""Share of the best final accuracy on validation images that all have to reach."""
_RACE = ("target", "shots", "folds")
"""Conditions that must be equal for the trainings to have the same aim."""
NEVER = "not reached"
TRAINED_ON = "trained_on"
"""Detail that tells the device of heads, where it is not their scenario's."""
_ROUNDING = 1e-9


@table(
    title="Time to accuracy",
    section="transfer",
    about=(
        "One row per scenario: the training it took until validation accuracy first reached the aim, which is "
        f"{100 * SHARE:.0f} % of the best that any scenario of the target reached. Figures are medians over the "
        "trainings."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Target", tells=True),
        Column("Scenario", tells=True),
        Column("Augmentation", short="Aug.", tells=True),
        Column("Aim", "%"),
        Column("Reached", answers=True),
        Column("Seconds", "s", status="Seconds status", differs=setting_of, answers=True),
        Column("Images", "1", status="Late"),
        Column("Steps to aim", "1", status="Late", short="Steps"),
        Column("Setting", brief=False),
        Column("Host", optional=True),
    ),
    ordered=best_first("Seconds", "Target", "Aim", least=True),
    short=Short("the fastest of each target", best_of_each("Target", "Aim")),
    groups=("Target", "Aim"),
)
def time_to_accuracy(frames: Frames) -> pd.DataFrame:
    """One row per scenario with learning curves."""
    cells = trainings(frames)
    aims = _aims(trained(frames))
    curves = with_names(frames, frames.curves.dropna(subset=["val"]))[["key", "val", "seconds", "images", "step"]]
    points = {rows[0]["key"]: rows for rows in groups(rows_of(curves), ["key"])}
    found = []
    for _, group in cells[cells["key"].isin(set(points))].groupby(list(SCENARIO), sort=False):
        aim = aims.get(tuple(group.iloc[0][name] for name in _RACE))
        if aim is not None:
            runs = [points[key] for key in group["key"]]
            row = name_of(group) | {"Aim": 100 * aim} | _times(runs, aim)
            if group["noisy"].notna().any() and row["Seconds"] is not None:
                row |= {"Seconds status": NOISY}
            hosts = list(dict.fromkeys(group["host"]))
            if len(hosts) > 1:
                row |= {"Seconds": None, "Seconds status": "of several hosts"}
            found.append(
                row
                | {"Setting": joined(row["Setting"], _elsewhere(group), _beside(group)), "Host": "; ".join(hosts)}
            )
    table = pd.DataFrame(found)
    return table if len({row["Host"] for row in found}) > 1 else table.assign(Host=None)


def _elsewhere(group: pd.DataFrame) -> str:
    """Places where the trainings ran, if not on their scenario's device; an older run does not tell them."""
    known = list(group[TRAINED_ON].dropna()) if TRAINED_ON in group else []
    return f"trained on the {str(known[0]).upper()}" if known else ""


def _beside(group: pd.DataFrame) -> str:
    """Whether other works of the run computed on the same host meanwhile, which seconds depend on."""
    return "beside others of the run" if "beside" in group and any(group["beside"].fillna("")) else ""


def _aims(cells: Sequence[Row]) -> dict[tuple[Any, ...], float]:
    """The accuracy to reach, for each target, number of shots and of folds."""
    best: dict[tuple[Any, ...], float] = {}
    for rows in groups(cells, SCENARIO):
        values = [row["val_top1"] for row in rows if not pd.isna(row["val_top1"])]
        if values:
            race = tuple(rows[0][name] for name in _RACE)
            best[race] = max(best.get(race, 0.0), fmean(values))
    return {race: SHARE * value for race, value in best.items()}


def _times(runs: Sequence[Sequence[Row]], aim: float) -> dict[str, Any]:
    firsts = [next((point for point in points if point["val"] >= aim - _ROUNDING), None) for points in runs]
    there = [point for point in firsts if point is not None]
    late = [math.inf] * (len(runs) - len(there))
    row: dict[str, Any] = {"Reached": f"{len(there)} of {len(runs)}"}
    for heading, column in (("Seconds", "seconds"), ("Images", "images"), ("Steps to aim", "step")):
        known = [float(point[column]) for point in there if not pd.isna(point[column])]
        # an older store has neither seconds nor images
        middle = median([*known, *late]) if len(known) == len(there) else math.inf
        row[heading] = middle if math.isfinite(middle) else None
    why = NEVER if row["Steps to aim"] is None else ""
    return row | {"Late": why, "Seconds status": why}
