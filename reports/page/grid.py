"""Tables of the page: order and heads of columns, cells with what they sort by and lead to, packed long tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from bench.cell import STATUSES
from bench.store.outcome import UNTRIED
from reports.formats import NOTHING, is_missing
from reports.highlights.cards import address_of
from reports.tables import Column

LONG = 60
"""Rows of a table up to which they stand in the HTML; those of a longer one are packed, and made when needed."""
_FIRST = 10
"""Number of rows of a longer table that stand in the HTML too, for readers whose browser or server runs no
script."""
_VERDICTS = 400
"""The same of a table that gives verdicts, which is to be read whole without a script."""
NOWHERE: Mapping[str, str] = MappingProxyType({})
LINE = 40
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
    "lesson: confirmed": "helps",
    "lesson: refuted": "hurts",
    "lesson: no difference": "equal",
    "lesson: undecided": "undecided",
    "not measured": "undecided",
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


class Datum(NamedTuple):
    """One cell of an HTML table."""

    text: str
    sort: str = ""
    """A number to sort by; empty: by the text."""
    kind: str = ""
    """Class of its style."""
    link: str = ""
    """Target of the link: an address, or `#` and an id of the page."""

    @property
    def words(self) -> bool:
        """Whether it has the letters of more than a line."""
        return len(self.text) > LINE

    @property
    def packed(self) -> str | list[str]:
        """Shortest form: its text alone, where there is no more to it."""
        more = [self.sort, self.kind, self.link]
        while more and not more[-1]:
            more.pop()
        return [self.text, *more] if more else self.text


@dataclass(frozen=True)
class ColumnHead:
    """The head of a column."""

    text: str
    raw: str = ""
    """Name over plain values: with their unit."""
    more: bool = False
    """Whether a narrow page hides the column at first."""
    answers: bool = False
    """Whether the table is read for this column: then it is never hidden at first."""
    numeric: bool = False
    empty: bool = False
    """Whether the column has nothing in this run: then it is hidden at first."""
    same: str = ""
    """Value that all rows have in the column: then it is hidden at first, and said above the table."""

    @property
    def hidden(self) -> bool:
        """Whether the column is hidden at first at every width."""
        return self.empty or bool(self.same)

    @property
    def said(self) -> str:
        """Value that all rows share, within a sentence: `batch 2`; names such as MACs keep their letters."""
        name = self.text if self.text[1:2].isupper() else self.text[:1].lower() + self.text[1:]
        return f"{name} {self.same}"

    def over(self, cells: Sequence[Datum], first: bool) -> ColumnHead:
        """Head with what its cells tell; the first column names the rows and always stays."""
        texts = {cell.text for cell in cells}
        stays = first or self.answers or len(texts) > 1
        return replace(
            self,
            numeric=any(cell.sort for cell in cells),
            empty=not first and texts <= {"", NOTHING},
            same="" if stays or len(cells) < 2 else "".join(texts - {"", NOTHING}),
        )


def arranged(columns: Sequence[Column], words: pd.DataFrame) -> tuple[list[Column], pd.DataFrame]:
    """The first column, what the table is read for, what tells its rows apart, then the rest; and their texts."""
    told = telling(columns, words)

    def place(column: Column) -> int:
        if column.answers:
            return 0
        return 1 if column.heading in told else 2

    found = [*columns[:1], *sorted(columns[1:], key=place)]
    return found, words[[column.heading for column in found]]


def telling(columns: Sequence[Column], words: pd.DataFrame) -> list[str]:
    """Headings of the conditions in which rows differ, and of other words without which rows would look alike."""
    conditions = [column.heading for column in columns if column.tells]
    told = [name for i, name in enumerate(conditions) if not i or words[name].nunique() > 1]
    others = [column.heading for column in columns if not (column.tells or column.answers or column.is_figure)]
    return _parting(told, [name for name in others if not words[name].str.isdigit().all()], words) if told else []


def _parting(told: list[str], others: Iterable[str], words: pd.DataFrame) -> list[str]:
    """Columns that, with the others, tell apart rows which look alike."""
    for name in others:
        alike = words[told].duplicated()
        if alike.any() and words[[*told, name]].duplicated().sum() < alike.sum():
            told = [*told, name]
    return told


def heads_of(columns: Sequence[Column], words: pd.DataFrame) -> list[ColumnHead]:
    """Their heads; a narrow page shows what is brief, what answers, and enough to tell the rows apart."""
    told = telling(columns, words)
    brief = [column.heading for column in columns if column.brief and column.heading in told]
    needed = _parting(brief, [name for name in told if name not in brief], words) if brief else told
    return [
        ColumnHead(
            column.heading,
            column.raw_heading,
            more=not (column.brief or column.answers or column.heading in needed),
            answers=column.answers,
        )
        for column in columns
    ]


def datum(text: Any, value: Any) -> Datum:
    """The cell of a text and the value behind it, which it sorts by if that is a number."""
    shown = "" if is_missing(text) else str(text)
    number = not is_missing(value) and isinstance(value, Real) and not isinstance(value, bool)
    word = shown.partition(":")[0]
    kind = "bad" if word in _WORDS else STYLES.get(shown) or STYLES.get(word, "")
    return Datum(shown, str(value) if number else "", kind)


def data(shown: pd.DataFrame, plain: pd.DataFrame, leads: Mapping[str, str] = NOWHERE) -> list[list[Datum]]:
    """The cells of a table, row by row, from its texts and from the values behind them, by the same columns.

    Args:
        shown: the texts.
        plain: the values.
        leads: prefix of the ids that the texts of a column lead to, by column.

    Texts that name a paper by its arXiv number or its DOI lead to it.
    """
    columns = [
        [
            _leading(datum(text, value), leads.get(str(name), ""))
            for text, value in zip(shown[name].tolist(), plain[name].tolist(), strict=True)
        ]
        for name in shown.columns
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _leading(cell: Datum, before: str) -> Datum:
    """The cell with where it leads, if it leads anywhere and has a text."""
    link = f"#{before}{cell.text}" if before and cell.text else _paper(cell.text)
    return cell._replace(link=link) if link else cell


def _paper(text: str) -> str:
    """The address of the one paper that a text names."""
    return address_of(text) if ":" in text and text.count("arXiv:") + text.count("doi:") == 1 else ""


def packed(rows: Iterable[Sequence[Datum]]) -> list[list[str | list[str]]]:
    """Rows for the packed block."""
    return [[cell.packed for cell in row] for row in rows]


def first_rows(rows: Sequence[Sequence[Datum]]) -> int:
    """Number of rows of a table that stand in the HTML."""
    most = _VERDICTS if any(cell.kind not in ("", "bad") for row in rows for cell in row) else LONG
    return len(rows) if len(rows) <= most else most if most == _VERDICTS else _FIRST


def anchor_of(title: str) -> str:
    """The id of a table with that title."""
    return "table-" + "-".join(title.lower().split())
