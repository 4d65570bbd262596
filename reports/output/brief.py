"""A table of a run on a terminal: what it is read for, what tells its rows apart, the rest where there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from bench.cli import layout
from reports import formats
from reports.tables import Column, Table
from reports.tidy.frame import Frames, rows_of

_EMPTY = frozenset(("", formats.NOTHING))


def brief_table(item: Table, frames: Frames, most: int | None = None) -> RenderableType:
    """A table without its intervals: the columns that have room and of which the run has figures.

    What all its rows share is told in its heading.

    Args:
        item: the table.
        frames: the run.
        most: rows that stand for it, at most, with the columns that a narrow terminal shows: its heading says of
            how many, and what has no room goes without saying; None: all rows, and what has no room is named.
    """
    plain = item.plain(frames)
    if plain.empty:
        return Text(f"\n{item.title}: nothing to show")
    words = item.words(plain, brief=True).map(str)
    chosen = plain if most is None else first_rows(item, plain, most)
    shown, rows = words.loc[chosen.index], rows_of(chosen)
    possible = [one for one in item.columns_of(plain) if most is None or one.brief or one.tells]
    empty = [column for column in possible[1:] if set(shown[column.heading]) <= _EMPTY]
    shared = [column.heading for column in possible[1:] if _is_shared(column, words[column.heading])]
    kept = [column for column in possible if column not in empty and column.heading not in shared]
    grouped = _grouped(item, kept, words.loc[chosen.index])
    columns = [column for column in kept if column.heading not in grouped]
    unknown = [column.heading for column in empty if column.brief and not column.tells and most is None]
    title = [_title(item, len(chosen), len(plain)), *(f"{name.lower()} {words[name].iloc[0]}" for name in shared)]
    fitted = layout.FittedTable(
        tuple(_column(one, tuple(shown[one.heading]), rows, one is columns[0]) for one in columns),
        ", ".join(title),
        "--format csv has all" if most is None else "",
        (f"no figures of: {', '.join(unknown)}",) if unknown else (),
        tuple(_group(row, grouped) for row in rows_of(shown)) if grouped else (),
    )
    return spaced(fitted)


def spaced(table: layout.FittedTable) -> RenderableType:
    """The table with an empty line above."""
    return Group(Text(""), table)


def _title(item: Table, shown: int, whole: int) -> str:
    """The title and, where not all rows are shown, which they are, and what shows all."""
    if shown == whole:
        return item.title
    what = f": {item.short.what}" if item.short else ""
    return f"{item.title}{what}, {shown} of {whole} rows (--table {item.name})"


def _grouped(item: Table, kept: Sequence[Column], words: pd.DataFrame) -> list[str]:
    """The headings that are told above neighbours, where any row has one."""
    headings = [column.heading for column in kept if column.heading in item.groups]
    return headings if len(words[headings].drop_duplicates()) < len(words) else []


def _group(words: Mapping[str, Any], headings: Sequence[str]) -> str:
    """`uci-digits, shots 2`: a word alone tells what it is of, unlike a number, `all` and `none`."""
    told = [(heading, str(words[heading])) for heading in headings if words[heading] not in _EMPTY]
    return ", ".join(
        f"{heading.lower()} {text}" if text[0].isdigit() or text in ("all", "none") else text
        for heading, text in told
    )


def first_rows(item: Table, plain: pd.DataFrame, most: int) -> pd.DataFrame:
    """The rows that stand for a table, `most` at most: those that it names itself, else the first."""
    if len(plain) <= most:
        return plain
    return (item.short.rows(plain, most) if item.short else plain).head(most)


def _is_shared(column: Column, words: pd.Series) -> bool:
    """Whether all rows share the condition."""
    told = column.tells and column.brief and not column.answers
    return told and len(words) > 1 and words.nunique() == 1 and words.iloc[0] not in _EMPTY


def _column(
    column: Column, texts: tuple[str, ...], rows: Sequence[dict[str, Any]], is_first: bool
) -> layout.TextColumn:
    shown = layout.TextColumn(
        column.short or column.heading,
        texts,
        column.is_figure or all(text.isdigit() or not text for text in texts),
        column.brief,
        layout.INDENT if column.tells or is_first else "",
        answers=column.answers,
        apart=texts if column.tells or is_first else (),
    )
    return _marked(shown, column, rows)


def _marked(shown: layout.TextColumn, column: Column, rows: Sequence[dict[str, Any]]) -> layout.TextColumn:
    """Column with a letter behind each figure that differs from what the heading promises, explained below."""
    texts = [_difference(column, row, rows) for row in rows]
    kinds = {text: _letter(i) for i, text in enumerate(dict.fromkeys(text for text in texts if text))}
    if not kinds:
        return shown
    values = tuple(f"{value} {kinds.get(text, ' ')}" for value, text in zip(shown.values, texts, strict=True))
    note = f"{shown.heading} " + "; ".join(f"{letter}: {text}" for text, letter in kinds.items())
    return replace(shown, values=values, note=note, apart=tuple(texts))


def _difference(column: Column, row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    values = {other[column.parted_by] for other in rows} if column.parted_by else set()
    if not pd.isna(row[column.heading]) and len({value for value in values if not pd.isna(value)}) > 1:
        return f"{column.parted_by.lower()} {row[column.parted_by]}"
    return column.differs(row)


def _letter(i: int) -> str:
    return ascii_lowercase[i] if i < len(ascii_lowercase) else "*"
