"""The interval of an accuracy: over the trainings of a scenario, or over the test images of one training."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.statistics import intervals as stats
from reports.learning.effects import overlap


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


def _bounds(low: float, high: float, method: str) -> dict[str, Any]:
    return {"Accuracy low": 100 * low, "Accuracy high": 100 * high, "Interval": method}
