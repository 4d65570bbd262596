"""Whether compared networks had the same chance: one recipe for all, or values chosen for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from bench.transfer import AS_IS

TUNE = 8
"""Trials that are proposed."""


def recipe_note(trainings: Iterable[Mapping[str, Any]]) -> str:
    """Note beside a comparison of networks by their accuracy; empty where nothing was trained.

    Args:
        trainings: rows of the records.
    """
    trials = {0 if pd.isna(row["tune"]) else int(row["tune"]) for row in trainings if row["mode"] != AS_IS}
    if not trials:
        return ""
    tuned = " or ".join(f"best of {number} on validation images" for number in sorted(trials - {0}))
    if not tuned:
        return (
            "one recipe for all: no learning rate was tuned, and the usual ones may suit some networks better than"
            f" others; evobench run --tune {TUNE} tunes each"
        )
    return f"tuned: {tuned}" + ("; some were not, and have the usual learning rate" if 0 in trials else "")
