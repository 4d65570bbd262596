"""What a terminal shows of a run, as wide as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from bench.audit.errata import for_terminal
from bench.cell import STATUSES
from bench.cli import layout
from bench.store.outcome import UNTRIED
from bench.store.rows import AUDIT, STUDY
from reports import formats
from reports.figures import for_people, in_words
from reports.highlights.findings import findings
from reports.highlights.left_out import fills_its_time, left_out
from reports.lessons.words import lines
from reports.tables import Column, Table, load_tables, without_table
from reports.tables.audit import counts_told, judged
from reports.tidy.frame import Frames, rows_of

_REASONS = 5
FIRST = 10
"""Rows of each table that the end of a run shows."""
_BY_SUITE = {
    "augmentation_rates": ("augmentation_rates",),
    "augmentations": ("over_networks", "augmentation_effect"),
    "blocks": ("comparisons", "comparison_accuracy"),
    "cost": ("speed", "memory", "roofline"),
    "counts": ("counts",),
    "lecture": ("comparisons",),
    "digits": ("augmentation_by_shots",),
    "quadrants": ("quadrants", "quadrant_strategies"),
    "scaling": ("scaling",),
    "transfer": ("over_networks", "scenarios", "accuracy_and_cost"),
    "evaluation": ("evaluation",),
}
"""The tables that tell most of a suite."""
_BY_KIND = {"cost": "evolution", "learning": "scenarios"}
"""The same of any other suite, by the kind of its cells."""


def summary_of(frames: Frames) -> RenderableType:
    """Cells by suite and status, the first failures with their reasons, and the findings."""
    run = frames.run
    seconds = formats.elapsed(run.started, run.finished)
    took = f", {formats.duration(seconds)}" if seconds is not None else ""
    state = "complete within its time" if fills_its_time(frames) else run.state
    parts: list[RenderableType] = [Text(f"Run {run.id}: {state}, profile {run.profile}{took}", style="bold")]
    if run.profile == AUDIT:
        return Group(*parts, Text(for_terminal(judged(frames), 80, everything=False).rstrip()))
    if STUDY in run.settings:
        file = run.settings[STUDY]["file"]
        parts.append(Text(f"asked for by the study {file}: evobench show {run.id} --table study"))
    parts.append(_coverage(frames))
    taken_over = int((frames.records["reused_from"] != "").sum())
    if taken_over:
        parts.append(Text(f"{taken_over} taken over from earlier runs (--fresh measures them anew)"))
    if len(frames.hosts) > 1:
        parts.append(
            Text(f"speeds are of {len(frames.hosts)} hosts, and compare within one: {', '.join(frames.hosts)}")
        )
    bad = frames.failures
    parts += [Text(f"{row.status}: {row.cell}: {row.reason}") for row in bad.head(_REASONS).itertuples()]
    if len(bad) > _REASONS:
        parts.append(Text(f"... and {len(bad) - _REASONS} more"))
    parts += [Text(f"left out for want of time: {what}") for what in left_out(frames)]
    parts += map(Text, lines(frames))
    parts += [Text(f"- {finding.text}") for finding in findings(frames)]
    if frames.counts_from:
        parts.append(Text(f"- {counts_told(frames)}."))
    return Group(*parts)


def tables_of(frames: Frames) -> tuple[Table, ...]:
    """The tables that tell most of what a run measured, that of further measures first; none of an audit.

    None either of what lessons alone asked for: the summary has a line for each of them.
    """
    names: dict[str, None] = {}
    others = frames.records["suites"] != "lessons"
    cells = frames.records[others & ~without_table(frames)]
    for suites, kind in cells[["suites", "kind"]].drop_duplicates().itertuples(index=False):
        for suite in suites.split():
            names |= dict.fromkeys(_BY_SUITE.get(suite, (_BY_KIND[kind],)))
    tables = load_tables()
    shown = [item for item in map(tables.get, names) if len(item.plain(frames))]
    plain = [_BY_KIND[kind] for kind in dict.fromkeys(cells["kind"])]
    first = () if len(cells) == others.sum() else (tables.get("further"),)
    return (*first, *(shown or map(tables.get, plain)))


def first_rows(frames: Frames, command: str) -> Iterator[RenderableType]:
    """The beginning of each main table, and how to see the rest.

    Args:
        frames: the run.
        command: what shows the run.
    """
    for item in tables_of(frames):
        yield brief_table(item, frames, FIRST, f"{command} --table {item.name}")


def records_table(frames: Frames) -> RenderableType:
    """Every planned cell with its figure; what else is known of it is in the other formats."""
    cells = frames.records
    columns = [
        layout.Column("cell", tuple(cells["cell"]), indent=layout.INDENT),
        layout.Column("figure", _figures(cells), number=True),
        layout.Column("status", tuple(cells["status"])),
        layout.Column("n", _texts(cells["n"]), number=True),
        layout.Column("processes", _texts(cells["processes"]), number=True),
    ]
    noisy = _texts(cells["noisy"])
    if any(noisy):
        columns.append(layout.Column("noisy", noisy))
    if len(frames.hosts) > 1:
        columns.append(layout.Column("host", tuple(cells["host"])))
    notes = ("intervals, conditions, reasons and all else: --format csv",)
    return _spaced(layout.Fitted(tuple(columns), "Records", notes=notes))


def brief_table(
    item: Table, frames: Frames, most: int | None = None, command: str = "", rest: str = ""
) -> RenderableType:
    """A table without its intervals: the columns that have room and of which the run has figures.

    Args:
        item: the table.
        frames: the run.
        most: rows to show; None: all.
        command: what shows the rest.
        rest: where the columns are that have no room.
    """
    plain = item.plain(frames)
    if plain.empty:
        return Text(f"\n{item.title}: nothing to show")
    count = len(plain)
    plain = plain.head(count if most is None else most)
    words = item.words(plain, brief=True)
    rows = rows_of(plain)
    columns, empty = [], []
    shared, needed = _conditions(item, words)
    for i, column in enumerate(item.columns_of(plain)):
        if column.heading in shared:
            continue
        texts = tuple(map(str, words[column.heading]))
        if i and set(texts) <= {"", formats.NOTHING}:
            empty += [column.heading] if column.brief and not column.tells else []
            continue
        number = column.is_figure or all(text.isdigit() or not text for text in texts)
        shown = layout.Column(
            column.short or column.heading,
            texts,
            number,
            column.brief or column.heading in needed,
            layout.INDENT if column.tells or not i else "",
        )
        columns.append(_marked(shown, column, rows))
    notes = _rest(count - len(plain), command) + ((f"no figures of: {', '.join(empty)}",) if empty else ())
    rest = rest or f"--table {item.name} --format csv has all"
    title = ", ".join([item.title, *(f"{heading.lower()} {text}" for heading, text in shared.items() if text)])
    return _spaced(layout.Fitted(tuple(columns), title, rest, notes))


def _conditions(item: Table, words: pd.DataFrame) -> tuple[dict[str, str], frozenset[str]]:
    """Of the columns that tell rows apart, those that all rows share, and those without which rows look alike."""
    told = [column for column in item.columns if column.tells and column.heading in words]
    shared = {
        column.heading: str(words[column.heading].iloc[0])
        for column in told[1:]
        if column.brief and len(words) > 1 and words[column.heading].nunique() == 1
    }
    needed = [column.heading for column in told if column.brief and column.heading not in shared]
    for column in told:
        if not column.brief and words[needed].duplicated().any():
            wider = [*needed, column.heading]
            if len(words[wider].drop_duplicates()) > len(words[needed].drop_duplicates()):
                needed = wider
    return shared, frozenset(needed)


def _marked(shown: layout.Column, column: Column, rows: Sequence[dict[str, Any]]) -> layout.Column:
    """With a letter behind each figure that differs from what the heading promises, and below in what."""
    texts = ["" if pd.isna(row[column.heading]) else _difference(column, row, rows) for row in rows]
    kinds = {text: _letter(i) for i, text in enumerate(dict.fromkeys(text for text in texts if text))}
    if not kinds:
        return shown
    values = tuple(f"{value} {kinds.get(text, ' ')}" for value, text in zip(shown.values, texts, strict=True))
    note = f"{shown.heading} " + "; ".join(f"{letter}: {text}" for text, letter in kinds.items())
    return replace(shown, values=values, note=note)


def _difference(column: Column, row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    values = {other[column.parted_by] for other in rows} if column.parted_by else set()
    if len({value for value in values if not pd.isna(value)}) > 1:
        return f"{column.parted_by.lower()} {row[column.parted_by]}"
    return column.differs(row)


def _letter(i: int) -> str:
    return ascii_lowercase[i] if i < len(ascii_lowercase) else "*"


def _rest(rows: int, command: str) -> tuple[str, ...]:
    return (f"... and {rows} more: {command}",) if rows else ()


def _spaced(table: layout.Fitted) -> RenderableType:
    return Group(Text(""), table)


def _figures(cells: pd.DataFrame) -> tuple[str, ...]:
    """The figure of each cell, or its status where it has none."""
    words = in_words(for_people(cells))
    pairs = zip(cells["value"], cells["status"], words, strict=True)
    return tuple(status if pd.isna(value) else word for value, status, word in pairs)


def _texts(values: pd.Series) -> tuple[str, ...]:
    return tuple("" if pd.isna(value) else str(value) for value in values)


def _coverage(frames: Frames) -> RichTable:
    table = RichTable(box=None, pad_edge=False)
    table.add_column("suite")
    counts = frames.coverage
    shown = [name for name in (*STATUSES, *UNTRIED) if name == "ok" or counts[name].sum()]
    for name in ("planned", *shown):
        table.add_column(name, justify="right")
    for _, row in counts.iterrows():
        table.add_row(str(row["suite"]), *(str(row[name]) for name in ("planned", *shown)))
    return table
