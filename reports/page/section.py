"""What a section of the page is, and what it is built with."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.registry import Registry, place_of
from bench.rows import Evidence
from reports.charts import Chart, NoData, draw, load_charts
from reports.frame import Frames
from reports.history import History
from reports.page.grid import LONG, Datum, anchor_of, data, packed
from reports.pairing import Compared
from reports.tables import Table, load_tables

SAMPLES = 200
"""Raw samples of a record that a page carries, at most: the rest is for `export`."""


class Page:
    """What sections draw from: the run, and ways to show its tables and charts."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.figures: dict[str, Any] = {}
        """Figures that the page shows, as plotly's JSON without a template."""
        self.bodies: dict[str, Any] = {}
        """Rows of long tables by the table's id."""
        self.blocks: dict[str, Any] = {}
        """What sections packed for the script, by name."""
        self.evidence: tuple[Evidence, ...] = ()
        """The run's records with their first raw samples."""
        self.compared: Compared | None = None
        """This run beside an earlier one."""
        self.history: History | None = None
        """The runs of the store, on the page that shows them."""

    def render(self, template: str, **values: object) -> Markup:
        """A template of this folder, filled in; values are escaped."""
        return Markup(templates().get_template(template).render(page=self, **values))

    def pack(self, name: str, content: object) -> None:
        """Give the page's script JSON-plain data, gzipped with the figures: in `(await evo.data).blocks[name]`.

        Raises:
            ValueError: another section has taken the name.
        """
        if name in self.blocks:
            raise ValueError(f"data '{name}' are packed twice")
        self.blocks[name] = content

    def tables(self, section: str) -> Markup:
        """All tables that are declared for a section; nothing where the run planned nothing of it."""
        if not self._planned(section):
            return Markup("")
        return Markup("").join(self._table(item) for item in load_tables() if item.section == section)

    def charts(self, section: str) -> Markup:
        """All charts that are declared for a section; nothing where the run planned nothing of it."""
        if not self._planned(section):
            return Markup("")
        return Markup("").join(self._chart(item) for item in load_charts() if item.section == section)

    def chart(self, name: str) -> Markup:
        """One chart."""
        return self._chart(load_charts().get(name))

    def grid(
        self, title: str, about: str, frame: pd.DataFrame, *, cards: bool = False, whole: bool = False
    ) -> Markup:
        """A table of a frame of words and numbers, under its columns' names.

        Args:
            title: its heading.
            about: what a reader must know.
            frame: its rows.
            cards: a narrow page shows the texts of a row one below the other.
            whole: it is as tall as its rows.
        """
        rows = data(frame, frame)
        return self._grid(anchor_of(title), title, about, list(frame.columns), rows, cards=cards, whole=whole)

    def figure(self, name: str, title: str, about: str, build: Callable[[Frames], go.Figure]) -> Markup:
        """A chart of the section's own, which is not declared for the page of a single run."""
        return self._chart(Chart(name, title, about, "", (), build))

    def _planned(self, section: str) -> bool:
        """Whether a table of the section has a row, if only to say what became of a planned cell."""
        tables = [item for item in load_tables() if item.section == section and not item.background]
        return any(len(item.build(self.frames)) for item in tables)

    def _table(self, item: Table) -> Markup:
        plain = item.plain(self.frames)
        shown = item.words(plain)
        more = [column.heading for column in item.columns if not column.brief]
        return self._grid(
            f"table-{item.name}",
            item.title,
            item.about,
            list(shown.columns),
            data(shown, plain),
            more=more,
            cards=item.cards,
        )

    def _grid(
        self,
        anchor: str,
        title: str,
        about: str,
        headings: Sequence[str],
        rows: Sequence[Sequence[Datum]],
        *,
        more: Sequence[str] = (),
        cards: bool = False,
        whole: bool = False,
    ) -> Markup:
        """A table; `more` are the columns that a narrow page hides at first."""
        numeric = [any(row[i].sort for row in rows) for i in range(len(headings))]
        long = len(rows) > LONG and not whole
        if long:
            self.bodies[anchor] = packed(rows)
        return self.render(
            "table.html",
            anchor=anchor,
            title=title,
            about=about,
            headings=[(name, number, name in more) for name, number in zip(headings, numeric, strict=True)],
            rows=[] if long else rows,
            count=len(rows),
            cards=cards,
            whole=whole,
        )

    def _chart(self, item: Chart) -> Markup:
        try:
            figure = draw(item, self.frames)
        except NoData as nothing:
            return self.render("chart.html", chart=item, height=0, nothing=str(nothing), absent="")
        self.figures[item.name] = _plain(figure)
        return self.render(
            "chart.html", chart=item, height=figure.layout.height, nothing="", absent=self._absent(item)
        )

    def _absent(self, item: Chart) -> str:
        """Who is not on a chart because its cell has no figure, and why."""
        cells = self.frames.records
        missing = cells["measure"].isin(item.needs) & cells["value"].isna()
        cells = cells.loc[missing, ["architecture", "measure", "status"]]
        names = [f"{row.architecture} ({row.measure}: {row.status})" for row in cells.itertuples()]
        return ", ".join(dict.fromkeys(names))


Build = Callable[[Page], Markup]


@dataclass(frozen=True)
class Section:
    """A declared section."""

    name: str
    title: str
    order: int
    build: Build
    """Returns nothing where the run planned nothing of it: then the page goes without."""
    command: str = ""
    """What measures it."""


SECTIONS: Registry[Section] = Registry("section")


def section(*, title: str, order: int, command: str = "") -> Callable[[Build], Build]:
    """Declare a section under its function's name; sections appear by ascending order."""

    def declare(build: Build) -> Build:
        SECTIONS.add(build.__name__, Section(build.__name__, title, order, build, command), place_of(build))
        return build

    return declare


def load_sections() -> Iterable[Section]:
    """Import every module of `reports.page.sections`; the sections in the order of the page."""
    package = importlib.import_module("reports.page.sections")
    for info in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{info.name}")
    return sorted(SECTIONS, key=lambda item: item.order)


@cache
def templates() -> Environment:
    """The templates; everything that is put into them is escaped."""
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def as_json(data: object) -> Markup:
    """JSON for a data block in HTML: no text in it can end the block."""
    return Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"))


def _plain(figure: go.Figure) -> Any:
    content = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    return content
