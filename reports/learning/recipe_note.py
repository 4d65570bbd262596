"""Whether networks that are compared had the same chance: one recipe for all, or values chosen for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

TUNE = 8
"""Trials that are proposed."""


def recipe_note(trainings: Iterable[Mapping[str, Any]]) -> str:
    """What is to be said beside a comparison of networks by their accuracy.

    Args:
        trainings: rows of the records, one or more.
    """
    trials = {0 if pd.isna(row["tune"]) else int(row["tune"]) for row in trainings}
    tuned = " or ".join(f"best of {number} on validation images" for number in sorted(trials - {0}))
    if not tuned:
        return (
            "one recipe for all: learning rates are the usual ones, which may suit some networks better than"
            f" others; evobench run --tune {TUNE} chooses for each"
        )
    return f"learning rates: {tuned}" + ("; of some the usual ones, untuned" if 0 in trials else "")
