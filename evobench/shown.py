"""Tables and figures of a stored run, by name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from bench.errors import UnknownName
from reports.charts import CHARTS, Chart, NoData, draw
from reports.output.declared import load_declared
from reports.output.drawings import on_paper
from reports.tables import TABLES
from reports.tidy.frame import Frames

if TYPE_CHECKING:
    import plotly.graph_objects as go


V = TypeVar("V")


class _UnknownKey(UnknownName, KeyError):
    """A name that a mapping does not have: `get` and `in` expect a `KeyError`."""

    __str__ = Exception.__str__


class _NothingDrawn(NoData, KeyError):
    """A figure that a run has no data for."""

    __str__ = Exception.__str__


class _Shown(Mapping[str, V]):
    """What a run has of the report, by name."""

    _kind: str

    def __init__(self, frames: Frames) -> None:
        load_declared()
        self._frames = frames

    @property
    @abstractmethod
    def _names(self) -> tuple[str, ...]:
        """Names of those that have something to show."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names  # without making it, as a mapping would by itself

    def __repr__(self) -> str:
        return f"<{self._kind}: {', '.join(self)}>"


class Tables(_Shown[pd.DataFrame]):
    """The tables of a run by name, each made when it is asked for.

    A table has the headings that it has in the report, with the SI unit of their figures: `Latency (s)`. Iterating
    gives the names of the tables that have rows. Asking for one without rows gives its headings.

    Raises:
        UnknownName: no table has that name. The error is a `KeyError`, too.
    """

    _kind = "tables"

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in TABLES:
            raise _UnknownKey("table", str(name), TABLES.names())
        # what tables are made of is kept, and columns of pandas are shared until they are copied
        return TABLES.get(name).raw(self._frames).copy()

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(item.name for item in TABLES if len(item.plain(self._frames)))


class Figures(_Shown["go.Figure"]):
    """The figures of a run by name, in the style of the report, each drawn when it is asked for.

    Iterating gives the names of those that the run has data for. Every figure is a copy: changing it changes no
    other.

    Raises:
        UnknownName: no figure has that name. The error is a `KeyError`, too.
        NoData: the run has nothing to draw; the message says what is missing. It is a `KeyError`, too.
    """

    _kind = "figures"

    def __init__(self, frames: Frames) -> None:
        super().__init__(frames)
        self._drawn: dict[str, go.Figure] = {}

    def __getitem__(self, name: str) -> go.Figure:
        if name not in CHARTS:
            raise _UnknownKey("figure", str(name), CHARTS.names())
        return on_paper(self._draw(CHARTS.get(name)))

    def _draw(self, item: Chart) -> go.Figure:
        if item.name not in self._drawn:
            try:
                self._drawn[item.name] = draw(item, self._frames)
            except NoData as error:
                raise _NothingDrawn(f"figure '{item.name}': {error}") from None
        return self._drawn[item.name]

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(item.name for item in CHARTS if self._has(item))

    def _has(self, item: Chart) -> bool:
        try:
            self._draw(item)
        except NoData:
            return False
        return True
