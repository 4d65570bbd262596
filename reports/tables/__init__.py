"""Tables: one decorated function each, in any module of this package; shown raw (CSV) or formatted (people)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.declare.loading.discovery import import_all
from bench.declare.registry import Registry, place_of, several
from bench.lazy import lazy
from bench.store.outcome import UNTRIED
from bench.validity import FILLED, rules
from reports import formats
from reports.declared import built, require_section
from reports.tidy.once import once

if TYPE_CHECKING:
    import pandas as pd

    from reports.tidy.frame import Frames

    Build = Callable[[Frames], pd.DataFrame]
else:
    pd = lazy("pandas")


def _as_built(rows: pd.DataFrame) -> pd.DataFrame:
    return rows


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    heading: str
    unit: str = ""
    """SI unit, `%`, `px`, or `points`; empty for words and plain whole numbers."""
    units: str = ""
    """Column with the unit of each row, where they have different ones."""
    low: str = ""
    high: str = ""
    """Columns with the bounds of its interval, which people read beside it."""
    status: str = ""
    """Column with the status to show where there is no figure; `NOISY` there marks the figure."""
    marked_by: str = ""
    """Column whose `NOISY` marks the figure, where that is not `status`."""
    bound: str = ""
    """Column that says where its figure is only a lower bound."""
    brief: bool = True
    """Whether a terminal of 80 columns shows it."""
    short: str = ""
    """Heading on a terminal, where the full one is too long."""
    tells: bool = False
    """Whether it is a condition that tells rows apart: a terminal shows it where nothing else does, and says a
    condition that all rows share in the title."""
    parted_by: str = ""
    """Column of a condition of its figure alone: a terminal tells it of each row, where rows differ in it."""
    leads: str = ""
    """Prefix of its text in the id of what it links to on the page; empty: it is not a link."""
    answers: bool = False
    """Whether the table is read for this column: the page shows it behind the first column, and a terminal before
    all other columns."""
    optional: bool = False
    """Whether a run that has nothing in it goes without the column everywhere."""
    differs: Callable[[Mapping[str, Any]], str] = lambda row: ""
    """How a row's figure differs from what the heading promises: a terminal marks it, and explains it below."""

    @property
    def is_figure(self) -> bool:
        """Whether it has figures, with units."""
        return bool(self.unit or self.units)

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns that it is made of; empty names among them."""
        return (
            self.heading,
            self.bound,
            self.low,
            self.high,
            self.status,
            self.marked_by,
            self.units,
            self.parted_by,
        )

    def bound_and_status(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Bound and status of its figure in a row of plain values: `AT_LEAST`, and `NOISY`, or empty."""
        names = (self.bound, self.marked_by or self.status)
        bound, status = ("" if not name or formats.is_missing(row[name]) else str(row[name]) for name in names)
        return bound, status

    def missing(self, row: Mapping[str, Any]) -> str:
        """Reason why it has no figure in a row of plain values; empty where none is known."""
        status = row[self.status] if self.status else ""
        return "" if formats.is_missing(status) or status == formats.NOISY else str(status)

    @property
    def raw_heading(self) -> str:
        """Heading of the raw column: a figure without a prefix needs its unit."""
        return f"{self.heading} ({self.unit})" if self.unit and self.unit != "1" else self.heading


@dataclass(frozen=True)
class Short:
    """The rows that stand for a table where there is no room for all."""

    what: str
    """Description of the rows, behind the table's title."""
    rows: Callable[[pd.DataFrame, int], pd.DataFrame]
    """Picks them from the plain values, the most telling first where there are more than the given number."""


@dataclass(frozen=True)
class Table:
    """A declared table."""

    name: str
    title: str = field(metadata=rules(FILLED))
    about: str
    """Explanation that a reader needs."""
    section: str
    """Section of the page that shows it."""
    columns: tuple[Column, ...]
    build: Callable[[Frames], pd.DataFrame]
    """Returns plain values under the columns' headings; None or NaN where there is none."""
    measures: tuple[str, ...] = ()
    """Measures whose figures have their place in it, each planned cell of them."""
    cards: bool = False
    """Whether its rows are texts, which a narrow page shows one below the other."""
    background: bool = False
    """Whether it is about the plan and holds no result: it makes no section of its own."""
    place: str = ""
    short: Short | None = None
    """Rows of the short form; None: the first rows."""
    groups: tuple[str, ...] = ()
    """Headings of columns in which neighbours agree: a terminal tells them once, above the rows."""
    ordered: Callable[[pd.DataFrame], pd.DataFrame] = _as_built
    """Puts the telling rows first, those of a group together."""

    def raw(self, frames: Frames) -> pd.DataFrame:
        """Every column in SI units, the units in the header."""
        frame = self.plain(frames)
        frame = frame.drop(columns=[c.heading for c in self.columns if c not in self.columns_of(frame)])
        units = {column.heading: column.raw_heading for column in self.columns}
        for column in self.columns:
            bounds = [name for name in (column.low, column.high) if name]
            units |= {name: Column(name, column.unit).raw_heading for name in bounds}
        return frame.rename(columns=units)

    def formatted(self, frames: Frames, brief: bool = False) -> pd.DataFrame:
        """Text for people: SI prefixes, intervals in brackets, and the status where a figure is missing."""
        return self.words(self.plain(frames), brief)

    def words(self, frame: pd.DataFrame, brief: bool = False) -> pd.DataFrame:
        """Words that `formatted` makes of the plain values; `brief`: no intervals, a status up to its first
        comma."""
        from reports.tidy.frame import rows_of

        rows = rows_of(frame)
        columns = self.columns_of(frame)
        words = {column.heading: [_show(column, row, brief) for row in rows] for column in columns}
        return pd.DataFrame(words, dtype="object")

    def columns_of(self, plain: pd.DataFrame) -> tuple[Column, ...]:
        """Columns, without the optional ones that have nothing to show of these plain values."""
        return tuple(c for c in self.columns if not c.optional or plain[c.heading].notna().any())

    def filled(self, plain: pd.DataFrame) -> tuple[Column, ...]:
        """The columns with anything to show of these plain values; the first always."""
        columns = [(column, [name for name in (column.heading, column.status) if name]) for column in self.columns]
        return tuple(
            column
            for i, (column, names) in enumerate(columns)
            if i == 0 or any(plain[name].notna().any() for name in names)
        )

    def plain(self, frames: Frames) -> pd.DataFrame:
        """The values under the columns' headings, in SI units: made once, so that nobody may change them."""
        return once(self._plain)(frames)

    def _plain(self, frames: Frames) -> pd.DataFrame:
        names = [name for c in self.columns for name in c.asked if name]
        frame = self.built(frames).reindex(columns=list(dict.fromkeys(names)))
        return frame.convert_dtypes()

    def built(self, frames: Frames) -> pd.DataFrame:
        """Frame that the declared function makes of a run.

        Raises:
            UsageError: the function fails, or does not return a data frame.
        """
        found = built(f"table '{self.name}'", self.place, pd.DataFrame, lambda: self.build(frames))
        return self.ordered(found).reset_index(drop=True) if len(found) else found


TABLES: Registry[Table] = Registry("table")


def table(
    *,
    title: str,
    section: str,
    about: str,
    columns: Iterable[Column],
    measures: Iterable[str] = (),
    short: Short | None = None,
    groups: Iterable[str] = (),
    ordered: Callable[[pd.DataFrame], pd.DataFrame] = _as_built,
    **how: bool,
) -> Callable[[Build], Build]:
    """Declare a table: a function from a run's `Frames` to a data frame, under the function's name.

    Args:
        title: heading of the table on the page.
        section: section of the page that the table stands in.
        about: text that a reader needs to understand the table.
        columns: those that are shown, by the names that they have in the data frame.
        measures: measures whose planned cells all have a place in the table.
        short: the rows that stand for it where there is no room for all; None: the first ones.
        groups: headings of columns in which neighbouring rows agree.
        ordered: puts the telling rows first.
        how: may set `cards` and `background`.

    Raises:
        UsageError: the page has no such section, or the declaration does not hold what `Table` says.
    """

    def declare(build: Build) -> Build:
        name, place = build.__name__, place_of(build)
        require_section(f"table '{name}' ({place})", section)
        kept = once(build)
        item = Table(
            name,
            title,
            about,
            section,
            several(columns),
            kept,
            several(measures),
            place=place,
            short=short,
            groups=several(groups),
            ordered=ordered,
            **how,
        )
        TABLES.add(name, item, place)
        return kept

    return declare


def load_tables() -> Registry[Table]:
    """Import every module of this package; returns what they declare."""
    import_all(__name__)
    return TABLES


def without_table(frames: Frames) -> pd.Series:
    """Whether each record's measure stands in no table but that of all further measures."""
    return ~frames.records["measure"].isin([name for item in load_tables() for name in item.measures])


def _show(column: Column, row: Mapping[str, Any], brief: bool) -> str:
    value = row[column.heading]
    if formats.is_missing(value):
        status = column.missing(row)
        if not status:
            return formats.NOTHING if column.is_figure else ""
        return status.partition(",")[0] if brief else status
    if not column.is_figure:
        return str(value)
    unit = row[column.units] if column.units else column.unit
    text = formats.quantity(float(value), unit, *column.bound_and_status(row))
    if brief or not column.low or formats.is_missing(row[column.low]):
        return text
    return f"{text} {formats.span(float(row[column.low]), float(row[column.high]), unit)}"


def is_noisy(cells: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a figure of these records was disturbed."""
    return any(not (formats.is_missing(cell["value"]) or formats.is_missing(cell["noisy"])) for cell in cells)


def status_of(cells: Sequence[Mapping[str, Any]]) -> str:
    """Status of planned cells: that a figure is noisy, or why there is none; else empty."""
    if is_noisy(cells):
        return formats.NOISY
    words = [cell["status"] for cell in cells if cell["status"] != "ok"]
    return next((status for status in words if status not in UNTRIED), words[0] if words else "")
