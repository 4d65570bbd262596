"""The interval of an accuracy, over trainings or over test images, and the scenario that stands for a target."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.statistics import intervals as stats
from reports.learning.effects import overlap
from reports.learning.scenarios import SCENARIO
from reports.tidy.frame import Frames


def accuracy_bounds(good: pd.DataFrame) -> dict[str, Any]:
    """Bounds of the mean accuracy of trainings, in percent, and how they were found."""
    bounds = stats.mean_interval(list(good["value"]), test_to_train=overlap(good)) if len(good) > 1 else None
    if bounds:
        method = f"95 %, {bounds.method} over {len(good)} trainings"
        return _bounds(max(0.0, bounds.low), min(1.0, bounds.high), method)
    only = good.iloc[0]
    equal = f"; {len(good)} trainings of equal accuracy" if len(good) > 1 else ""
    if pd.isna(only["low"]):
        return {"Interval": f"none{equal}"}
    return _bounds(only["low"], only["high"], f"{only['interval']}{equal}")


def best_scenarios(frames: Frames, rows: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of one scenario for each target, in order of appearance; `rows` as of `ranked_scenarios`."""
    return [scenarios[0] for scenarios in ranked_scenarios(frames, rows)]


def ranked_scenarios(frames: Frames, rows: pd.DataFrame) -> list[list[pd.DataFrame]]:
    """Rows of each scenario, the best first, by target in order of appearance. Test images choose nothing.

    Args:
        frames: frames of the run.
        rows: rows with the keys and the conditions of trainings.
    """
    val = frames.records.set_index("key")["val_top1"].dropna().astype(float)
    ranked = []
    for _, group in rows.groupby("target", sort=False):
        scenarios = [part for _, part in group.groupby(list(SCENARIO), sort=False, dropna=False)]
        ranked.append(sorted(scenarios, key=lambda part: -val.reindex(part["key"].unique()).fillna(-1).mean()))
    return ranked


def _bounds(low: float, high: float, method: str) -> dict[str, Any]:
    return {"Accuracy low": 100 * low, "Accuracy high": 100 * high, "Interval": method}
