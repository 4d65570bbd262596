"""Tables as CSV, of which a spreadsheet takes no text for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")
"""Beginnings of what a spreadsheet takes for a formula, or drops before it looks for one."""


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns and rows as CSV; a text that would be a formula has an apostrophe before it, a number has none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([inert(value) for value in row] for row in (columns, *rows))
    return out.getvalue()


def frame_as_csv(frame: pd.DataFrame) -> str:
    """The same of a table of pandas, without its index."""
    texts = {name: _inert(frame[name]) for name in frame.columns if frame[name].dtype.kind == "O"}
    return frame.assign(**texts).rename(columns=inert).to_csv(index=False)


def inert(value: object) -> object:
    """The value, before which an apostrophe stands where it is a text that a spreadsheet would compute."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # which `csv` puts into quotes, unlike the former
    return f"'{text}" if text.startswith(FORMULA) else text


def _inert(column: pd.Series) -> pd.Series:
    """A column of which each different text is looked at once."""
    known: dict[object, object] = {}

    def seen(value: object) -> object:
        if not isinstance(value, str):
            return value
        if value not in known:
            known[value] = inert(value)
        return known[value]

    return column.map(seen)
