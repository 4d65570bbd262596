"""Cells of the page's tables: their text, what they sort by, and how long tables are packed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import pandas as pd

from bench.cell import STATUSES
from bench.store.outcome import UNTRIED
from reports.formats import NOTHING

LONG = 60
"""Rows of a table up to which they stand in the HTML; those of a longer one are packed, and made when needed."""
_LINE = 40
"""Letters of a text that stand in one line."""
_WORDS = {*STATUSES, *UNTRIED} - {"ok"}
STYLES = {
    "confirmed": "helps",
    "refuted": "hurts",
    "not tested": "undecided",
    "helps": "helps",
    "hurts": "hurts",
    "undecided": "undecided",
    "no difference": "equal",
    "contradicted": "hurts",
    "published: disagrees": "hurts",
    "reproduced": "helps",
    "published: agrees": "helps",
    "not checkable": "undecided",
    "regression": "hurts",
    "dropped": "hurts",
    "erratic": "hurts",
    "worse": "hurts",
    "better": "helps",
    "improvement": "helps",
    "fine": "alike",
    "same": "alike",
}
"""Styles of verdicts: those on claims and on lessons have the colours of those on effects."""


@dataclass(frozen=True)
class Datum:
    """One cell of an HTML table."""

    text: str
    sort: str = ""
    """A number to sort by; empty: by the text."""
    kind: str = ""
    """Class of its style."""

    @property
    def packed(self) -> str | list[str]:
        """As short as it goes: its text alone, where there is no more to it."""
        return [self.text, self.sort, self.kind] if self.sort or self.kind else self.text


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    text: str
    raw: str = ""
    """Its name over plain values: with their unit."""
    more: bool = False
    """Whether a narrow page hides the column at first."""
    numeric: bool = False
    empty: bool = False
    """Whether it has nothing in this run: then it is hidden at first."""
    wide: bool = False
    """Whether it has texts that take several lines in a narrow column."""

    def over(self, cells: Sequence[Datum], first: bool) -> Head:
        """With what its cells tell; the first column names the rows and always stays."""
        return replace(
            self,
            numeric=any(cell.sort for cell in cells),
            empty=not first and all(cell.text in ("", NOTHING) for cell in cells),
            wide=any(len(cell.text) > _LINE for cell in cells),
        )


def datum(text: Any, value: Any) -> Datum:
    """The cell of a text and the value behind it, which it sorts by if that is a number."""
    shown = "" if pd.isna(text) else str(text)
    number = not pd.isna(value) and isinstance(value, Real)
    word = shown.partition(":")[0]
    kind = "bad" if word in _WORDS else STYLES.get(shown) or STYLES.get(word, "")
    return Datum(shown, str(value) if number else "", kind)


def data(shown: pd.DataFrame, plain: pd.DataFrame) -> list[list[Datum]]:
    """The cells of a table, row by row, from its texts and from the values behind them, by the same columns."""
    columns = [
        [datum(text, value) for text, value in zip(shown[name], plain[name], strict=True)]
        for name in shown.columns
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def packed(rows: Iterable[Sequence[Datum]]) -> list[list[str | list[str]]]:
    """Rows for the packed block."""
    return [[cell.packed for cell in row] for row in rows]


def anchor_of(title: str) -> str:
    """The id of a table with that title."""
    return "table-" + "-".join(title.lower().split())
