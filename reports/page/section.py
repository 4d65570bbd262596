"""Sections of the page, and the material that they are built from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from bench.declare.loading.discovery import import_all
from bench.declare.registry import Registry, place_of
from bench.store.rows import RecordEvidence
from reports.charts import Chart, NoData, draw, load_charts, missing
from reports.comparing.pairing import Compared
from reports.history.overview import History
from reports.page.grid import ColumnHead, Datum, anchor_of, arranged, data, first_rows, heads_of, packed
from reports.page.reading import templates
from reports.tables import Table, load_tables
from reports.tidy.frame import Frames
from reports.tidy.sizes import on_other_hosts

_NONE = {
    "failures": "No failures: every cell that was tried has a figure.",
    "unsupported": "Nothing was unsupported.",
}
"""Text of a table without a row, where that is an answer."""
NOTHING = Markup("")
SAMPLES = 200
"""Raw samples of a record that a page carries, at most: the rest is for `export`."""


class Page:
    """Material of sections: the run, and ways to show its tables and charts."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.figures: dict[str, Any] = {}
        """Figures that the page shows, as plotly's JSON without a template."""
        self.bodies: dict[str, Any] = {}
        """Rows of long tables by the table's id."""
        self.blocks: dict[str, Any] = {}
        """Data that sections packed for the script, by name."""
        self.evidence: tuple[RecordEvidence, ...] = ()
        """The run's records with their first raw samples."""
        self.explained: set[str] = set()
        """Keys of terms that are marked in the section that is being built: each is once."""
        self.terms: set[str] = set()
        """Terms that are marked anywhere."""
        self.placed: set[Chart | Table] = set()
        """Declared charts and tables that stand on the page already."""
        self.headings: dict[str, str] = {}
        """Headings of sections that say more than their titles, by name."""
        self.foot = Markup("")
        """Foot of the page."""
        self.compared: Compared | None = None
        """This run beside an earlier one; None without."""
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
        """All tables that are declared for a section; empty where the run planned nothing of it."""
        tables = [item for item in load_tables() if item.section == section]
        return self._parts(tables) if self.has(section) else NOTHING

    def charts_and_tables(self, section: str, before: Markup = NOTHING) -> Markup:
        """Charts and tables that are declared for a section, behind what it shows itself, where the run planned
        any of it.

        Tables are folded, but for one that would be the first of the section.
        """
        return self._parts(_declared(section), before, folds=True) if self.has(section) else before

    def built(self, section: Section) -> Markup:
        """What a section builds, and behind it the charts and tables declared for it that are not placed yet."""
        self.explained = set()
        content = section.build(self)
        rest = [item for item in _declared(section.name) if item not in self.placed]
        content = self._parts(rest, content, section.part == "results") if content and rest else content
        self.terms |= self.explained
        return content

    def has(self, section: str) -> bool:
        """Whether a table of the section has a row, if only about the status of a cell, or a chart its
        measures."""
        tables = [item for item in load_tables() if item.section == section and not item.background]
        charts = [item for item in load_charts() if item.section == section and item.needs]
        return any(len(item.built(self.frames)) for item in tables) or any(
            not missing(item, self.frames) for item in charts
        )

    def shown(self, item: Chart | Table, folded: bool = False) -> Markup:
        """A chart or a table in its place; nothing, and no place, where the run has nothing for it."""
        with suppress(NoData):
            content = self._table(item, folded) if isinstance(item, Table) else self._drawn(item)
            self.placed.add(item)
            return content
        return NOTHING

    @staticmethod
    def line(tables: Iterable[Markup]) -> Markup:
        """Folded tables behind one line of their titles; nothing where there are none."""
        shown = NOTHING.join(tables)
        return Markup('<div class="folds">{}</div>').format(shown) if shown else shown

    def chart(self, name: str) -> Markup:
        """HTML of one chart."""
        return self._chart(load_charts().get(name))

    def grid(
        self,
        title: str,
        about: str,
        frame: pd.DataFrame,
        *,
        cards: bool = False,
        whole: bool = False,
        otherwise: str = "",
    ) -> Markup:
        """A table of a frame of words and numbers, under its columns' names.

        Args:
            title: heading of the section.
            about: text that a reader needs first.
            frame: rows of the table.
            cards: a narrow page shows the texts of a row one below the other.
            whole: whether the table is as tall as its rows.
            otherwise: text in the place of a table without rows.
        """
        heads = [ColumnHead(str(name)) for name in frame.columns]
        told = {"title": title, "about": about, "cards": cards, "otherwise": otherwise}
        return self._grid(anchor_of(title), heads, data(frame, frame), whole=whole, **told)

    def figure(self, name: str, title: str, about: str, build: Callable[[Frames], go.Figure]) -> Markup:
        """A chart of the section's own, which is not declared for the page of a single run."""
        return self._chart(Chart(name, title, about, "", (), build))

    def _parts(self, items: Iterable[Chart | Table], before: Markup = NOTHING, folds: bool = False) -> Markup:
        """Charts and tables, and one line that names those that have nothing, with why where that is known."""
        shown = [before] if before else []
        folded: list[Markup] = []
        without: dict[str, tuple[Chart | Table, str]] = {}
        for item in items:
            self.placed.add(item)
            try:
                if isinstance(item, Table) and folds and shown:
                    folded.append(self._table(item, folded=True))
                else:
                    shown.append(self._table(item) if isinstance(item, Table) else self._drawn(item))
            except NoData as nothing:
                without.setdefault(item.title, (item, str(nothing)))
        rest = self.render("without.html", without=list(without.values())) if without else NOTHING
        return NOTHING.join([*shown, self.line(folded), rest])

    def _table(self, item: Table, folded: bool = False) -> Markup:
        plain = item.plain(self.frames)
        if plain.empty and item.name not in _NONE:
            raise NoData
        columns, shown = arranged(item.columns_of(plain), item.words(plain))
        return self._grid(
            f"table-{item.name}",
            heads_of(columns, shown),
            data(shown, plain, {column.heading: column.leads for column in item.columns}),
            title=item.title,
            about=item.about,
            cards=item.cards,
            folded=folded,
            otherwise=_NONE.get(item.name, ""),
        )

    def _grid(
        self,
        anchor: str,
        heads: Sequence[ColumnHead],
        rows: Sequence[Sequence[Datum]],
        *,
        whole: bool = False,
        **told: object,
    ) -> Markup:
        """A table by its template, which has what is told beside its rows."""
        most = len(rows) if whole else first_rows(rows)
        if most < len(rows):
            self.bodies[anchor] = packed(rows[most:])
        return self.render(
            "table.html",
            anchor=anchor,
            heads=[head.over([row[i] for row in rows], first=i == 0) for i, head in enumerate(heads)],
            rows=rows[:most],
            count=len(rows),
            whole=whole,
            **{"folded": False, **told},
        )

    def _chart(self, item: Chart) -> Markup:
        self.placed.add(item)
        try:
            return self._drawn(item)
        except NoData as nothing:
            told = {"heading": item.title, "height": 0, "nothing": str(nothing), "absent": "", "elsewhere": ""}
            return self.render("chart.html", chart=item, **told)

    def _drawn(self, item: Chart) -> Markup:
        figure = draw(item, self.frames)
        self.figures[item.name] = _plain(figure)
        told = {"heading": item.heading(self.frames), "height": figure.layout.height, "nothing": ""}
        told |= {"absent": self._absent(item), "elsewhere": self._elsewhere(item)}
        return self.render("chart.html", chart=item, **told)

    def _absent(self, item: Chart) -> str:
        """Architectures that are not on a chart because their cells have no figure, and why."""
        cells = self.frames.records
        missing = cells["measure"].isin(item.needs) & cells["value"].isna()
        cells = cells.loc[missing, ["architecture", "measure", "status"]]
        names = [f"{row.architecture} ({row.measure}: {row.status})" for row in cells.itertuples()]
        return ", ".join(dict.fromkeys(names))

    def _elsewhere(self, item: Chart) -> str:
        """Architectures that are not on a chart because another host of the run measured them, and which."""
        others = on_other_hosts(self.frames, item.needs) if item.headline else {}
        hosts = {host: [name for name in others if others[name] == host] for host in others.values()}
        return "; ".join(f"on {host} {', '.join(names)}" for host, names in hosts.items())


Build = Callable[[Page], Markup]
Part = Literal["story", "results", "appendix"]
"""Part of the page: what a reader is told; what the run's figures show; what they rest on."""
PARTS: tuple[Part, ...] = ("story", "results", "appendix")


@dataclass(frozen=True)
class Section:
    """A declared section."""

    name: str
    title: str
    order: int
    build: Build
    """Returns nothing where the run planned nothing of it: then the page goes without."""
    command: str = ""
    """Command that measures it."""
    part: Part = "results"


SECTIONS: Registry[Section] = Registry("section")


def section(*, title: str, order: int, command: str = "", part: Part = "results") -> Callable[[Build], Build]:
    """Declare a section under its function's name; sections of a part appear by ascending order."""

    def declare(build: Build) -> Build:
        SECTIONS.add(build.__name__, Section(build.__name__, title, order, build, command, part), place_of(build))
        return build

    return declare


def load_sections() -> Iterable[Section]:
    """Import every module of `reports.page.sections`; the sections in the order of the page."""
    import_all("reports.page.sections")
    return sorted(SECTIONS, key=lambda item: (PARTS.index(item.part), item.order))


def _declared(section: str) -> list[Chart | Table]:
    """The charts and then the tables that are declared for a section."""
    return [item for all_ in (load_charts(), load_tables()) for item in all_ if item.section == section]


def _plain(figure: go.Figure) -> Any:
    content = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    return content
