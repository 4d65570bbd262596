"""The figures of cells for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.declare.nature import Nature
from reports import formats

_BOUNDS = ["value", "low", "high"]


def for_people(cells: pd.DataFrame) -> pd.DataFrame:
    """Value, low, high, unit, bound and noise of rows of the records: shares become percent."""
    shares = cells["nature"].isin([nature for nature in Nature if nature.is_share])
    scaled = cells[_BOUNDS].astype(float).mul(shares.map({True: 100.0, False: 1.0}).astype(float), axis=0)
    return scaled.assign(unit=cells["unit"].mask(shares, "%"), bound=cells["bound"], noisy=cells["noisy"])


def at_inference(cell: Mapping[str, Any]) -> Any:
    """The figure of a row of the records; of parameters those of an inference, without auxiliary heads."""
    bare = cell["without_auxiliary"]
    return cell["value"] if pd.isna(bare) else float(bare)


def auxiliary_heads(cell: Mapping[str, Any]) -> float | None:
    """Parameters that it has beside them in heads that only training runs; None where there are none."""
    return None if pd.isna(cell["value"]) else float(cell["value"] - at_inference(cell)) or None


def left_out(cell: Mapping[str, Any]) -> str:
    """Note behind the figure of a row of the records: what it lacks, and what is not counted in it."""
    lacks = f", without {cell['incomplete']}" if cell["bound"] else ""
    heads = auxiliary_heads(cell)
    return lacks + (f", {formats.quantity(heads, '1')} more in auxiliary heads" if heads else "")


def in_words(figures: pd.DataFrame) -> list[str]:
    """Text of each value with its unit."""
    statuses = figures["noisy"].isna().map({True: "", False: formats.NOISY})
    rows = zip(figures["value"], figures["unit"], figures["bound"], statuses, strict=True)
    return [formats.quantity(*row) for row in rows]
