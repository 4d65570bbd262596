"""The evolution at a glance: error, size and speed by year, with the best so far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from reports.charts import NoData, chart
from reports.drawing import labels, style
from reports.drawing.eras import ERAS, eras
from reports.drawing.views import switchable
from reports.figures import at_inference, left_out
from reports.formats import NOISY, quantity
from reports.story.milestones import FEWEST, Error, best_of_each, best_so_far, by_weights, entries, finding, human
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import at_own_size

_HEIGHT, _WIDTH = 320.0, 860.0
"""Pixels of the drawing area that names are placed for."""
_MARK = 10
_YEARS = "Year of the first publication"
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
    """What stands beside it; empty: nothing."""
    hover: str
    lane: str
    architecture: str
    hollow: bool = False


@dataclass(frozen=True)
class _View:
    name: str
    title: str
    points: Sequence[_Point]
    courses: tuple[Sequence[Error], Sequence[Error]] = ((), ())
    """What is the best so far in the challenge, and by published weights."""
    person: Error | None = None
    unit: str = ""
    """Of a logarithmic axis; empty: the axis is linear, in percent."""
    says: str = ""
    """What the points show, where the chart's heading speaks of others."""


@chart(title="Errors, sizes and speed by year", section="start", headline=True, finding=finding)
def milestones(frames: Frames) -> go.Figure:
    """Filled: ensembles, the test set. Hollow: one network and crop, validation set. The two do not compare."""
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
    courses = (best_so_far(challenge), best_so_far(weights))
    yield _View("Top-5 error", "Top-5 error on ImageNet (%)", points, courses, human(frames))


def _costs(frames: Frames) -> Iterator[_View]:
    """What the run counted or measured of networks with a year, where they are enough."""
    era = eras(frames)
    errors = {item.architecture: item.percent for item in by_weights(frames)}
    own = dict(zip(frames.architectures["name"], frames.architectures["resolution"], strict=True))
    for name, measure, scenario, unit, title in _COSTS:
        cells = frames.measured(measure, **scenario)
        cells = cells[cells["year"].notna() & ~cells["architecture"].isin(frames.blocks)]
        rows = [row for row in rows_of(at_own_size(frames, cells)) if at_inference(row) > 0]
        # a network that was timed on small pictures alone is no faster for it
        rows = [row for row in rows if measure == "parameters" or row["resolution"] == own[row["architecture"]]]
        points = [_cost(row, unit, era.get(row["architecture"], "")) for row in rows]
        points.sort(key=lambda point: -point.y)
        if len(points) >= FEWEST:
            shown = list(_named_once(points, ()))
            yield _View(name, f"{title} (log scale)", shown, unit=unit, says=_most(rows, unit, errors))


def _most(rows: Sequence[Mapping[str, Any]], unit: str, errors: Mapping[str, float]) -> str:
    """Which network costs the most, and the cheapest of those that err less, by published errors."""
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
    """The traces are the same in each view: two lines, that of people, and points by era, filled and hollow."""
    figure = go.Figure()
    names = ("best so far", "best so far, one crop")
    for course, dash, name in zip(view.courses, ("solid", "dot"), names, strict=True):
        _line(figure, [str(item.year) for item in course], [item.percent for item in course], dash, name)
    _person(figure, view)
    sides = dict(zip(view.points, _places(view, years), strict=True))
    for hollow in (False, True):
        for lane in _LANES:
            points = [point for point in view.points if point.lane == lane and point.hollow is hollow]
            _marks(figure, points, sides, lane, hollow)
    figure.update_layout(height=int(_HEIGHT) + 110, showlegend=False, margin={"t": 42})
    figure.update_xaxes(title_text=_YEARS, type="category", categoryorder="array", categoryarray=list(years))
    figure.update_xaxes(tickangle=0, tickfont={"size": 11})
    heights = [point.y for point in view.points]
    linear = {"type": "linear", "range": [0, 1.08 * max(heights)]}
    figure.update_yaxes(title_text=view.title, **(style.log_axis(heights, view.unit) if view.unit else linear))
    if view.says:
        where = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1.02, "yref": "paper", "yanchor": "bottom"}
        figure.add_annotation(text=view.says, align="left", showarrow=False, **where)
    return figure


def _line(figure: go.Figure, x: Sequence[str], y: Sequence[float], dash: str, name: str) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={"color": style.GREY, "dash": dash, "shape": "hv", "width": 2 if dash == "solid" else 1.5},
        hoverinfo="skip",
    )


def _person(figure: go.Figure, view: _View) -> None:
    """A line over all years, named at its left end."""
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
        text=[f"{item.name}, {item.percent:.3g} %", ""] if item else [],
        textposition=["bottom right", "bottom left"] if item else [],
        customdata=[item.how] * 2 if item else [],
        hovertemplate="%{customdata}<extra></extra>",
        line={"color": style.COLOURS[2], "dash": "dash", "width": 1.5},
    )


def _marks(
    figure: go.Figure, points: Sequence[_Point], sides: Mapping[_Point, str], lane: str, hollow: bool
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
            "symbol": "circle-open" if hollow else "circle",
            "size": _MARK - 2 if hollow else _MARK,
        },
        meta={"cards": [point.architecture for point in points]},
        cliponaxis=False,
    )


def _places(view: _View, years: Sequence[str]) -> list[str]:
    """Where the names of points stand, empty where one has no room; that of the last entry stands below it."""
    if not view.points:
        return []
    ys = [math.log10(point.y) if view.unit else point.y for point in view.points]
    step = _WIDTH / len(years)
    ends = {(item.year, item.percent) for item in view.courses[0][-1:]}
    under = [(point.year, point.y) in ends for point in view.points]
    found = [
        labels.Point(step * (years.index(str(point.year)) + 0.5), y, _MARK / 2, "" if below else point.label)
        for point, y, below in zip(view.points, labels.pixels(ys, _HEIGHT), under, strict=True)
    ]
    sides = labels.place(found, _WIDTH, _SIDES)
    return ["bottom center" if below else side for side, below in zip(sides, under, strict=True)]
