"""Charts: one decorated function each, in any module of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.declare.loading.discovery import import_all
from bench.declare.registry import Registry, one_line, place_of, several
from bench.errors import EvobenchError
from bench.validity import FILLED, rules
from reports.declared import built, require_section
from reports.drawing.points import distinct_points

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from reports.tidy.frame import Frames

    Build = Callable[[Frames], go.Figure]
    Finding = Callable[[Frames], str]


class NoData(EvobenchError):
    """The run has nothing for this chart; the message says what is missing."""


def nothing_found(frames: Frames) -> str:
    """Heading of a chart without a finding."""
    return ""


@dataclass(frozen=True)
class Chart:
    """A declared chart."""

    name: str
    title: str = field(metadata=rules(FILLED))
    about: str
    """One sentence, from the docstring."""
    section: str
    """Section of the page that shows it."""
    needs: tuple[str, ...]
    """Measures without which there is nothing to draw."""
    build: Callable[[Frames], go.Figure]
    place: str = ""
    headline: bool = False
    """Whether it draws figures under the most common conditions, those of one host among them."""
    finding: Callable[[Frames], str] = nothing_found
    """Finding of its points, as one sentence with figures; empty where they show nothing that holds."""

    def heading(self, frames: Frames) -> str:
        """Heading above it on the page: its finding where that holds, else its title.

        Raises:
            UsageError: the function of its finding fails, or returns no text.
        """
        found = built(f"finding of chart '{self.name}'", self.place, str, lambda: self.finding(frames))
        return found or self.title


FEWEST = 3
"""Points that a chart has at least: fewer are told in a sentence, or by a table."""
HEIGHT = 420
"""Pixels of a chart that sets no height itself."""
CHARTS: Registry[Chart] = Registry("chart")


def chart(
    *,
    title: str,
    section: str,
    needs: Iterable[str] = (),
    headline: bool = False,
    finding: Finding = nothing_found,
) -> Callable[[Build], Build]:
    """Declare a chart: a function from a run's `Frames` to a plotly figure, under the function's name.

    Args:
        title: heading of the chart on the page.
        section: section of the page that the chart stands in.
        needs: measures without which there is nothing to draw.
        headline: whether it draws figures of the `headline` alone, of which those of another host are not part.
        finding: function from a run's `Frames` to a sentence with figures that stands above the chart instead of
            its title; empty where the run's figures support none.

    Raises:
        UsageError: the page has no such section, or the declaration does not hold what `Chart` says.
    """

    def declare(build: Build) -> Build:
        name, place = build.__name__, place_of(build)
        require_section(f"chart '{name}' ({place})", section)
        CHARTS.add(
            name,
            Chart(name, title, one_line(build), section, several(needs), build, place, headline, finding),
            place,
        )
        return build

    return declare


def load_charts() -> Registry[Chart]:
    """Import every module of this package; returns what they declare."""
    import_all(__name__)
    return CHARTS


def missing(item: Chart, frames: Frames) -> list[str]:
    """The measures that a chart needs and of which the run has no figure."""
    return [measure for measure in item.needs if frames.measured(measure).empty]


def draw(item: Chart, frames: Frames) -> go.Figure:
    """The chart of a run.

    Raises:
        NoData: the run has nothing to draw.
        UsageError: the chart's function fails, or returns no figure.
    """
    import plotly.graph_objects as go

    if lacking := missing(item, frames):
        raise NoData(f"this run measured no {' and no '.join(lacking)}")
    figure = built(f"chart '{item.name}'", item.place, go.Figure, lambda: item.build(frames.escaped))
    if (count := distinct_points(figure)) < FEWEST:
        raise NoData(f"a chart needs {FEWEST} points at least, and this run has {count or 'no point'}")
    return figure if figure.layout.height else figure.update_layout(height=HEIGHT)
