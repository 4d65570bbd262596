"""The figures of cells for people."""

from __future__ import annotations

import pandas as pd

from bench.declare.nature import Nature
from reports import formats

_BOUNDS = ["value", "low", "high"]


def for_people(cells: pd.DataFrame) -> pd.DataFrame:
    """Value, low, high, unit, bound and noise of rows of the records: shares become percent."""
    shares = cells["nature"].isin([nature for nature in Nature if nature.is_share])
    scaled = cells[_BOUNDS].astype(float).mul(shares.map({True: 100.0, False: 1.0}).astype(float), axis=0)
    return scaled.assign(unit=cells["unit"].mask(shares, "%"), bound=cells["bound"], noisy=cells["noisy"])


def in_words(figures: pd.DataFrame) -> list[str]:
    """Each value with its unit."""
    statuses = figures["noisy"].isna().map({True: "", False: formats.NOISY})
    rows = zip(figures["value"], figures["unit"], figures["bound"], statuses, strict=True)
    return [formats.quantity(*row) for row in rows]
