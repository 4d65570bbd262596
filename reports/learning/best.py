"""Which scenario of each target stands for it: the one that validation images find best."""

from __future__ import annotations

import pandas as pd

from reports.learning.scenarios import SCENARIO
from reports.tidy.frame import Frames


def best_scenarios(frames: Frames, rows: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of one scenario for each target, in order of appearance. Test images choose nothing.

    Args:
        frames: of the run.
        rows: with the keys and the conditions of trainings.
    """
    val = frames.records.set_index("key")["val_top1"].dropna().astype(float)
    chosen = []
    for _, group in rows.groupby("target", sort=False):
        scenarios = [part for _, part in group.groupby(list(SCENARIO), sort=False, dropna=False)]
        chosen.append(max(scenarios, key=lambda part: val.reindex(part["key"].unique()).fillna(-1).mean()))
    return chosen
