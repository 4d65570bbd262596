"""Accuracy against cost: which architectures no other beats in both."""

from __future__ import annotations

import pandas as pd

from reports.tidy.frame import SINGLE_CROP, Frames


def published_errors(frames: Frames) -> pd.DataFrame:
    """One row per architecture: its published top-1 accuracy in percent, from a single crop where there is one."""
    errors = frames.published[frames.published["quantity"] == "top1_error"]
    preferred = (errors["protocol"] != SINGLE_CROP).sort_values(kind="stable").index
    errors = errors.loc[preferred].drop_duplicates("architecture")
    # 100 - 22.31 is not quite 77.69, which somebody may ask for
    return errors.assign(accuracy=(100 - errors["value"]).round(6)).drop(columns="value")


def pareto_front(points: pd.DataFrame, cost: str = "macs") -> pd.DataFrame:
    """The points that no other beats in both cost and accuracy, by cost; a point without a cost is none."""
    points = points[points[cost].notna()]
    ordered = points.sort_values([cost, "accuracy"], ascending=[True, False])
    return ordered[ordered["accuracy"] > ordered["accuracy"].cummax().shift(fill_value=float("-inf"))]
