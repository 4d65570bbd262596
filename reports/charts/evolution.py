"""The lineage over the years."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.eras import Era, eras
from reports.drawing.scatter import Ball, add_balls
from reports.drawing.ticks import log_axis, step_axis, steps_of
from reports.figures import at_inference, left_out
from reports.formats import quantity, times
from reports.learning.scenarios import groups
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of
from reports.tidy.sizes import at_own_size

_HEIGHT = 300
_LANE = 40
"""Pixels of a family's lane."""
_WRAP = 64
"""Characters of a line of the hover text."""
_ROWS = 3
"""Number of points of one family and year that are stacked before others are put beside them."""
_STEP = (0.11, 0.22)
"""Between these points: parts of the step of a year, and parts of a lane."""
_ESSENCE = 36
"""Letters of what stands beside a mark, at most."""
_COUNTED = {"Parameters": "parameters", "Multiply-adds": "macs"}
_GAP = 5
"""Years without a network that are worth a sentence."""
FIRST = "Year of the first publication (preprint or venue)"
"""The year on every axis here."""


def years_told(frames: Frames) -> str:
    """The longest time without a network, and how many families came after it."""
    dated = sorted(_dated(frames), key=lambda row: int(row["year"]))
    gaps = [(int(b["year"]) - int(a["year"]), a, b) for a, b in pairwise(dated)]
    years, before, after = max(gaps, key=lambda gap: gap[0], default=(0, {}, {}))
    if years < _GAP:
        return ""
    families = {row["family"] for row in dated if row["year"] >= after["year"]}
    span = int(dated[-1]["year"]) - int(after["year"]) + 1
    ends = [f"{row['name']} ({row['year']})" for row in (before, after)]
    lie = f"{years} years lie between {' and '.join(ends)}"
    few = len(families) < 2 or span < 2
    return lie if few else f"{lie}; then {len(families)} families come within {span} years"


def _is_more(less: Mapping[str, Any], more: Mapping[str, Any], cells: Mapping[str, dict[str, Any]]) -> bool:
    """Whether one network takes more parameters than another, by complete figures."""
    few, many = (cells[row["architecture"]] for row in (less, more))
    return not few["bound"] and not many["bound"] and at_inference(many) > at_inference(few)


@chart(title="Timeline of the lineage", section="evolution", finding=years_told)
def timeline(frames: Frames) -> go.Figure:
    """What each family brought, by the year of its first network; a click on a mark opens its card."""
    rows = _dated(frames)
    if not rows:
        raise NoData("no architecture of this run has a figure and a year")
    rows.sort(key=lambda row: int(row["year"]))
    era = eras(frames)
    steps = steps_of(int(row["year"]) for row in rows)
    lanes = list(groups(rows, ["family"]))
    figure = go.Figure()
    for lane, members in enumerate(lanes):
        _add_lane(figure, members, lane, steps, era.get(members[0]["name"]))
    figure.update_layout(height=len(lanes) * _LANE + 120, showlegend=False)
    figure.update_xaxes(title_text=FIRST, range=[-0.5, len(steps) - 0.5], **step_axis(steps))
    names = [members[0]["family"] for members in lanes]
    figure.update_yaxes(
        tickvals=list(range(len(lanes))), ticktext=names, range=[len(lanes) - 0.4, -0.6], showgrid=False
    )
    return figure


def _dated(frames: Frames) -> list[dict[str, Any]]:
    """The architectures with a figure and a year; without building blocks, which are not networks."""
    measured = frames.measured_networks
    return [row for row in rows_of(frames.architectures) if row["name"] in measured and not pd.isna(row["year"])]


def _add_lane(
    figure: go.Figure, rows: Sequence[Mapping[str, Any]], lane: int, steps: Mapping[int, int], era: Era | None
) -> None:
    """The points of a family; beside its first year stands what it brought."""
    points = [point for same in groups(rows, ["year"]) for point in _of_a_year(same, lane, steps[same[0]["year"]])]
    first = sum(row["year"] == rows[0]["year"] for row in rows) - 1
    later = steps[rows[0]["year"]] >= len(steps) / 2
    named = 0 if later else first
    figure.add_scatter(
        x=[x for x, _, _ in points],
        y=[y for _, y, _ in points],
        mode="markers+text",
        name=rows[0]["family"],
        text=[essence(rows[0]) if i == named else "" for i in range(len(points))],
        textposition="middle left" if later else "middle right",
        textfont={"size": 11},
        customdata=[[row["name"], _brought(row)] for _, _, row in points],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        meta=style.opens(row["name"] for _, _, row in points),
        marker={"symbol": "square", "size": 8, "color": style.ERA_COLOURS[era] if era else style.GREY},
        cliponaxis=False,
    )


def _of_a_year(
    same: Sequence[Mapping[str, Any]], lane: int, step: int
) -> Iterable[tuple[float, float, Mapping[str, Any]]]:
    """x, y and row of each point: in columns beside each other."""
    columns = -(-len(same) // _ROWS)
    for i, row in enumerate(same):
        column, below = divmod(i, _ROWS)
        height = min(_ROWS, len(same) - column * _ROWS)
        x = step + _STEP[0] * (column - (columns - 1) / 2)
        yield x, lane + _STEP[1] * (below - (height - 1) / 2), row


def essence(row: Mapping[str, Any]) -> str:
    """An idea in a few words: those before its colon; its name where it has no colon."""
    words, colon, _ = str(row["idea"]).partition(":")
    return words if colon and len(words) <= _ESSENCE else str(row["name"])


def _brought(row: Mapping[str, Any]) -> str:
    reduced = f", a reduced form of {row['reduced_of']}" if row["reduced_of"] else ""
    idea = textwrap.wrap(str(row["idea"]), _WRAP, break_long_words=False)
    venue = "" if pd.isna(row["venue_year"]) else f", at its venue {row['venue_year']}"
    return "<br>".join([f"{row['year']}{venue}, {row['family']}{reduced}", *idea, str(row["paper"])])


def growth_told(frames: Frames) -> str:
    """Sentence on two networks of one year and input size: how many times the parameters of the smaller one the
    larger one takes, and what they buy."""
    cells = {row["architecture"]: row for row in _counts(frames, "parameters")}
    errors = frames.published
    errors = errors[(errors["quantity"] == "top5_error") & (errors["protocol"] == SINGLE_CROP)]
    known = [row for row in rows_of(errors.drop_duplicates("architecture")) if row["architecture"] in cells]
    pairs = [
        sorted(pair, key=lambda row: at_inference(cells[row["architecture"]]))
        for pair in combinations(known, 2)
        if (pair[0]["year"], pair[0]["resolution"]) == (pair[1]["year"], pair[1]["resolution"])
    ]
    pairs = [
        [less, more]
        for less, more in pairs
        if round(less["value"] - more["value"], 1) > 0 and _is_more(less, more, cells)
    ]
    if not pairs:
        return ""
    values = [[at_inference(cells[row["architecture"]]) for row in pair] for pair in pairs]
    (few, many), (less, more) = max(
        zip(values, pairs, strict=True), key=lambda found: float(found[0][1] / found[0][0])
    )
    return (
        f"{more['architecture']} takes {times(many / few)} times the parameters of {less['architecture']}, of the "
        f"same year ({less['year']}), for {less['value'] - more['value']:.1f} points of published top-5 accuracy"
    )


@chart(
    title="Parameters and multiply-adds against year",
    section="evolution",
    needs=("parameters", "macs"),
    finding=growth_told,
)
def parameters_and_macs_against_year(frames: Frames) -> go.Figure:
    """Counted at the input size of each architecture, without auxiliary heads; each year is one step."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_layout(height=2 * _HEIGHT + 120)
    era = eras(frames)
    counted = {title: _counts(frames, measure) for title, measure in _COUNTED.items()}
    steps = steps_of(int(cell["year"]) for cells in counted.values() for cell in cells)
    for row, (title, cells) in enumerate(counted.items(), start=1):
        balls = [_counted(cell, steps, era) for cell in cells]
        add_balls(figure, balls, height=_HEIGHT, log_y=True, row=row)
        figure.update_yaxes(title_text=title, **log_axis(map(at_inference, cells)), row=row, col=1)
    figure.update_xaxes(step_axis(steps))
    figure.update_xaxes(title_text=FIRST, row=2, col=1)
    return figure


def _counts(frames: Frames, measure: str) -> list[dict[str, Any]]:
    """The counts of networks with a year, each at its own input size; parameters are the same at any."""
    own = {row["name"]: row["resolution"] for row in _dated(frames)}
    cells = rows_of(at_own_size(frames, frames.measured(measure)))
    cells = [cell for cell in cells if cell["architecture"] in own]
    return [cell for cell in cells if measure == "parameters" or cell["resolution"] == own[cell["architecture"]]]


def _counted(cell: dict[str, Any], steps: Mapping[int, int], era: Mapping[str, Era]) -> Ball:
    name, value = str(cell["architecture"]), at_inference(cell)
    count = quantity(value, "1", cell["bound"])
    return Ball(
        name=name,
        era=era.get(name),
        x=float(steps[int(cell["year"])]),
        y=value,
        symbol=style.MEASURED,
        hover=f"{cell['year']}: {count} {cell['measure']} at {cell['resolution']} px{left_out(cell)}",
    )
