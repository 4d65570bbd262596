"""The evolution at a glance: error, size and speed by year, with the best so far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from reports.charts import NoData, chart
from reports.drawing import labels, style
from reports.drawing.eras import ERAS, eras
from reports.drawing.ticks import log_axis
from reports.drawing.views import switchable
from reports.figures import at_inference, left_out
from reports.formats import NOISY, quantity
from reports.story.milestones import FEWEST, Error, best_of_each, best_so_far, by_weights, entries, finding, human
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import at_own_size

_HEIGHT, _WIDTH = 340.0, 860.0
"""Pixels of the drawing area that names are placed for; the page places them anew for other widths."""
_ABOVE = 34
"""Pixels above it, for the names of the eras."""
_MARK, _RING, _SMALL = 10, 8, 6
"""Sizes of filled marks, of hollow ones, and of those without a name."""
_YEARS = "Year of the first publication (years with a new network only)"
_COSTS: tuple[tuple[str, str, Mapping[str, str], str, str], ...] = (
    ("Parameters", "parameters", {}, "1", "Parameters, counted"),
    ("Multiply-adds", "macs", {}, "1", "Multiply-adds (MACs), counted"),
    ("Latency", "latency", {"mode": "infer"}, "s", "Latency, measured on this host"),
)
"""Name, measure, scenario, unit and title of an axis."""
_LANES = (*ERAS, "")
"""A trace each; the last is of points whose era is not known."""
_SIDES = ("top right", "bottom right", "middle right", "bottom center", "top center", "middle left")


@dataclass(frozen=True)
class _Point:
    year: int
    y: float
    label: str
    """Label beside it; empty: none."""
    hover: str
    lane: str
    architecture: str
    hollow: bool = False


@dataclass(frozen=True)
class _View:
    name: str
    title: str
    points: Sequence[_Point]
    course: Sequence[Error] = ()
    """Errors that are the best so far: in the challenge, else by published weights."""
    person: Error | None = None
    unit: str = ""
    """Unit of a logarithmic axis; empty: the axis is linear, in percent."""
    says: str = ""
    """Statement about the points, where the chart's heading is about others."""


@chart(title="Errors, sizes and speed by year", section="start", headline=True, finding=finding)
def evolution(frames: Frames) -> go.Figure:
    """Filled: several networks combined, test set. Hollow: one network, validation set. Do not compare the two."""
    views = [*_errors(frames), *_costs(frames)]
    if not views:
        raise NoData(f"no {FEWEST} networks of this run have a year and a published error, a count or a latency")
    years = sorted({str(point.year) for view in views for point in view.points})
    return switchable([(view.name, _drawn(view, years)) for view in views], "By year")


def _errors(frames: Frames) -> Iterator[_View]:
    """Published top-5 errors, where they are enough."""
    era, challenge, weights = eras(frames), entries(frames), by_weights(frames)
    if len(challenge) + len(weights) < FEWEST:
        return
    in_challenge = [
        _Point(
            year=item.year,
            y=item.percent,
            label=f"{item.name}, {item.percent:.3g} %",
            hover=f"{item.percent:.3g} %<br>{item.how}",
            lane=era.get(item.architecture, ""),
            architecture=item.architecture,
        )
        for item in challenge
    ]
    by_one = [
        _Point(
            year=item.year,
            y=item.percent,
            label=item.family,
            hover=f"{item.percent:.3g} %<br>{item.how}",
            lane=era.get(item.architecture, ""),
            architecture=item.architecture,
            hollow=True,
        )
        for item in best_of_each(weights)
    ]
    known = {item.family for item in challenge if item.architecture}
    points = [*in_challenge, *_named_once(by_one, known)]
    course = best_so_far(challenge if len(challenge) >= FEWEST else weights)
    yield _View("Top-5 error", "Top-5 error on ImageNet (%)", points, course, human(frames))


def _costs(frames: Frames) -> Iterator[_View]:
    """Views of what the run counted or measured of networks with a year, where there are enough of them."""
    era = eras(frames)
    errors = {item.architecture: item.percent for item in by_weights(frames)}
    own = dict(zip(frames.architectures["name"], frames.architectures["resolution"], strict=True))
    for name, measure, scenario, unit, title in _COSTS:
        cells = frames.measured(measure, **scenario)
        cells = cells[cells["year"].notna() & ~cells["architecture"].isin(frames.blocks)]
        rows = [row for row in rows_of(at_own_size(frames, cells)) if at_inference(row) > 0]
        # a network that was timed on small pictures alone is not faster for it
        rows = [row for row in rows if measure == "parameters" or row["resolution"] == own[row["architecture"]]]
        points = [_cost(row, unit, era.get(row["architecture"], "")) for row in rows]
        points.sort(key=lambda point: -point.y)
        if len(points) >= FEWEST:
            shown = list(_named_once(points, ()))
            yield _View(name, f"{title} (log scale)", shown, unit=unit, says=_most(rows, unit, errors))


def _most(rows: Sequence[Mapping[str, Any]], unit: str, errors: Mapping[str, float]) -> str:
    """Sentence on the network that costs the most, and the cheapest of those that err less, by published
    errors."""
    cost = {row["architecture"]: row for row in sorted(rows, key=at_inference)}
    *_, most = cost
    better = [name for name in cost if errors.get(name, math.inf) < errors.get(most, 0.0)]
    told = {name: f"{quantity(at_inference(cost[name]), unit)}" for name in cost}
    text = f"{most} ({cost[most]['year']}) {'takes longest' if unit == 's' else 'has the most'}, {told[most]}"
    less = (
        f"; {better[0]} ({cost[better[0]]['year']}) has a lower top-5 error with {told[better[0]]}"
        if better
        else ""
    )
    return text + less


def _cost(row: Mapping[str, Any], unit: str, lane: str) -> _Point:
    value = at_inference(row)
    where = f"{row['resolution']} px" + (f", batch {row['batch']}, {row['device']}" if unit == "s" else "")
    told = quantity(value, unit, row["bound"], "" if pd.isna(row["noisy"]) else NOISY)
    hover = f"{told}<br>{where}{left_out(row)}"
    return _Point(int(row["year"]), value, row["family"], hover, lane, row["architecture"])


def _named_once(points: Sequence[_Point], known: Sequence[str] | set[str]) -> Iterator[_Point]:
    """The points, of each family the first alone with its name, and none of those that are known."""
    seen = set(known)
    for point in points:
        yield replace(point, label="" if point.label in seen else point.label)
        seen.add(point.label)


def _drawn(view: _View, years: Sequence[str]) -> go.Figure:
    """The traces are the same in each view: the best so far, people, and points by era, filled and hollow."""
    figure = go.Figure()
    _line(figure, [str(item.year) for item in view.course], [item.percent for item in view.course])
    _person(figure, view)
    sides = dict(zip(view.points, _places(view, years), strict=True))
    for (symbol, size), lane in product(
        (("circle", _MARK), ("circle-open", _RING), ("circle-open", _SMALL)), _LANES
    ):
        points = [point for point in view.points if point.lane == lane and _look(point) == (symbol, size)]
        _marks(figure, points, sides, lane, symbol, size)
    figure.update_traces(showlegend=False)
    figure.update_layout(height=int(_HEIGHT) + _ABOVE + 64, showlegend=False, margin={"t": _ABOVE})
    figure.update_xaxes(
        title_text="<br>".join(filter(None, [_YEARS, view.says])),
        type="category",
        categoryorder="array",
        categoryarray=list(years),
    )
    figure.update_xaxes(tickangle=0, tickfont={"size": 11})
    heights = [point.y for point in view.points]
    linear = {"type": "linear", "range": [0, _top(view)]}
    figure.update_yaxes(title_text=view.title, **(log_axis(heights, view.unit) if view.unit else linear))
    firsts = {
        era: min(years.index(str(point.year)) for point in view.points if point.lane == era)
        for era in ERAS
        if any(point.lane == era for point in view.points)
    }
    style.name_eras(figure, firsts, len(years))
    return figure


def _top(view: _View) -> float:
    """Upper end of a linear axis."""
    return 1.09 * max(point.y for point in view.points)


def _line(figure: go.Figure, x: Sequence[str], y: Sequence[float]) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        name="best so far",
        line={"color": style.GREY, "shape": "hv", "width": 2},
        hoverinfo="skip",
    )


def _person(figure: go.Figure, view: _View) -> None:
    """A line over all years, named below its left end, where errors are above it."""
    item = view.person
    years = sorted({str(point.year) for point in view.points})
    ends = [years[0], years[-1]] if item else []
    figure.add_scatter(
        x=ends,
        y=[item.percent] * 2 if item else [],
        mode="lines+markers+text",
        # marks that are not seen keep the text clear of the line
        marker={"size": 8, "opacity": 0},
        name=item.name if item else "",
        text=[_named(item), ""] if item else [],
        textposition=["bottom right", "bottom left"] if item else [],
        customdata=[item.how] * 2 if item else [],
        hovertemplate="%{customdata}<extra></extra>",
        line={"color": style.COLOURS[2], "dash": "dash", "width": 1.5},
    )


def _marks(
    figure: go.Figure,
    points: Sequence[_Point],
    sides: Mapping[_Point, str],
    lane: str,
    symbol: str,
    size: int,
) -> None:
    colour = next((style.ERA_COLOURS[era] for era in ERAS if era == lane), style.GREY)
    figure.add_scatter(
        x=[str(point.year) for point in points],
        y=[point.y for point in points],
        mode="markers+text",
        name=lane or "no era",
        text=[point.label if sides[point] else "" for point in points],
        textposition=[sides[point] or "middle right" for point in points],
        customdata=[[point.architecture or point.label, point.hover] for point in points],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        marker={
            "color": colour,
            "symbol": symbol,
            "size": size,
            "line": {"width": 2.5 if symbol == "circle-open" else 0},
        },
        meta=style.opens(point.architecture for point in points),
        cliponaxis=False,
    )


def _named(item: Error) -> str:
    return f"human<br>{item.percent:.3g} %"


def _look(point: _Point) -> tuple[str, int]:
    """Symbol and size of a mark: hollow ones without a name are smaller."""
    if point.hollow:
        return "circle-open", _RING if point.label else _SMALL
    return "circle", _MARK


def _places(view: _View, years: Sequence[str]) -> list[str]:
    """Places of the points' names, empty where one has no room; the name of the last entry stands below it."""
    if not view.points:
        return []
    ys = [math.log10(point.y) if view.unit else point.y for point in view.points]
    heights = labels.pixels(ys, _HEIGHT) if view.unit else [y / _top(view) * _HEIGHT for y in ys]
    step = _WIDTH / len(years)
    ends = {(item.year, item.percent) for item in view.course[-1:]}
    under = [not point.hollow and (point.year, point.y) in ends for point in view.points]
    found = [
        labels.MarkerPoint(
            step * (years.index(str(point.year)) + 0.5), y, _look(point)[1] / 2, "" if below else point.label
        )
        for point, y, below in zip(view.points, heights, under, strict=True)
    ]
    lines = [] if view.unit else list(_lines(view, years, step))
    sides = labels.place([*found, *lines], _WIDTH, _SIDES)[: len(found)]
    return ["bottom center" if below else side for side, below in zip(sides, under, strict=True)]


def _lines(view: _View, years: Sequence[str], step: float) -> Iterator[labels.MarkerPoint]:
    """Places on the lines, and on the name of that of people: names of points keep clear of them."""
    scale = _HEIGHT / _top(view)
    steps = [(step * (years.index(str(item.year)) + 0.5), scale * item.percent) for item in view.course]
    corners = [corner for (x, y), (x2, y2) in pairwise(steps) for corner in ((x, y), (x2, y), (x2, y2))]
    yield from labels.along(corners)
    if view.person:
        y, x = scale * view.person.percent, step / 2
        yield from labels.along([(x, y), (step * (len(years) - 0.5), y)])
        yield from labels.along([(x + 12, y - 12), (x + 42, y - 12), (x + 42, y - 26), (x + 12, y - 26)])
