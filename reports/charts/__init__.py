"""Charts: one decorated function each, in any module of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import plotly.graph_objects as go

from bench.declare.discovery import import_all
from bench.declare.registry import Registry, one_line, place_of
from reports.tidy.frame import Frames

Build = Callable[[Frames], go.Figure]


class NoData(Exception):
    """The run has nothing for this chart; the message says what is missing."""


@dataclass(frozen=True)
class Chart:
    """A declared chart."""

    name: str
    title: str
    about: str
    """One sentence, from the docstring."""
    section: str
    """Section of the page that shows it."""
    needs: tuple[str, ...]
    """Measures without which there is nothing to draw."""
    build: Build


CHARTS: Registry[Chart] = Registry("chart")


def chart(*, title: str, section: str, needs: Iterable[str] = ()) -> Callable[[Build], Build]:
    """Declare a chart under its function's name."""

    def declare(build: Build) -> Build:
        name = build.__name__
        CHARTS.add(name, Chart(name, title, one_line(build), section, tuple(needs), build), place_of(build))
        return build

    return declare


def load_charts() -> Registry[Chart]:
    """Import every module of this package; returns what they declare."""
    import_all(__name__)
    return CHARTS


def draw(item: Chart, frames: Frames) -> go.Figure:
    """The chart of a run.

    Raises:
        NoData: the run has nothing to draw.
    """
    missing = [measure for measure in item.needs if frames.measured(measure).empty]
    if missing:
        raise NoData(f"this run measured no {' and no '.join(missing)}")
    return item.build(frames.escaped)
