"""The lineage over the years."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.scatter import Ball, add_balls
from reports.figures import at_inference, left_out
from reports.formats import quantity
from reports.learning.scenarios import groups
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of
from reports.tidy.sizes import at_own_size

_HEIGHT = 300
_LANE = 34
"""Pixels of a family's lane."""
_WRAP = 64
"""Characters of a line of the hover text."""
_ROWS = 3
"""Of the points of one family and year, which stand below each other before others stand beside them."""
_STEP = (0.28, 0.3)
"""Between these points: years, and parts of a lane."""
_WIDTH = 860.0
"""Pixels of the drawing area that names are placed for."""
_CHARACTER = 5.4
"""Pixels of a character of a name."""
_FIRST = "Year of the first publication (preprint or venue)"
"""The year on every axis here."""


@chart(title="Timeline of the lineage", section="evolution")
def timeline(frames: Frames) -> go.Figure:
    """What each architecture brought, by year and family; those of one family and year stand together."""
    measured = set(frames.records.loc[frames.records["value"].notna(), "architecture"])
    rows = [row for row in rows_of(frames.architectures) if row["name"] in measured and not pd.isna(row["year"])]
    if not rows:
        raise NoData("no architecture of this run has a figure and a year")
    rows.sort(key=lambda row: int(row["year"]))
    colour = style.colours(frames.architectures["family"])
    lanes = list(groups(rows, ["family"]))
    # room for the names right of the last points
    years = [rows[0]["year"] - 1, rows[-1]["year"] + 5]
    figure = go.Figure()
    for lane, members in enumerate(lanes):
        _add_lane(figure, members, lane, colour[members[0]["family"]], _WIDTH / (years[1] - years[0]))
    figure.update_layout(height=len(lanes) * _LANE + 120, showlegend=False)
    figure.update_xaxes(title_text=_FIRST, range=years, tickformat="d")
    names = [members[0]["family"] for members in lanes]
    figure.update_yaxes(tickvals=list(range(len(lanes))), ticktext=names, range=[len(lanes) - 0.4, -0.6])
    return figure


def _add_lane(
    figure: go.Figure, rows: Sequence[Mapping[str, Any]], lane: int, colour: str, per_year: float
) -> None:
    """The points of a family, named once a year; `per_year` are the pixels of a year."""
    years = [same[0]["year"] for same in groups(rows, ["year"])]
    points = [
        point
        for same in groups(rows, ["year"])
        for point in _of_a_year(same, lane, *_sides(_label([row["name"] for row in same]), same, years, per_year))
    ]
    figure.add_scatter(
        x=[x for x, *_ in points],
        y=[y for _, y, *_ in points],
        mode="markers+text",
        name=rows[0]["family"],
        text=[label for *_, label, _, _ in points],
        textposition=[side for *_, side, _ in points],
        textfont={"size": 10},
        customdata=[[row["name"], _brought(row)] for *_, row in points],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        marker={"symbol": "square", "size": 7, "color": colour},
        cliponaxis=False,
    )


def _sides(
    label: str, same: Sequence[Mapping[str, Any]], years: Sequence[int], per_year: float
) -> tuple[str, str]:
    """The label and where it stands: right, or left where the family's next year is too near, or nowhere."""
    year = same[0]["year"]
    length = _CHARACTER * len(label) / per_year + 1
    if not any(year < other < year + length for other in years):
        return label, "middle right"
    return ("" if any(year - 2 * length < other < year for other in years) else label), "middle left"


def _of_a_year(
    same: Sequence[Mapping[str, Any]], lane: int, label: str, side: str
) -> Iterable[tuple[float, float, str, str, Mapping[str, Any]]]:
    """x, y, text, its place and row of each point: in columns, the text beside the outermost one."""
    columns = -(-len(same) // _ROWS)
    named = (columns - 1) * _ROWS if side == "middle right" else 0
    for i, row in enumerate(same):
        column, below = divmod(i, _ROWS)
        height = min(_ROWS, len(same) - column * _ROWS)
        x = row["year"] + _STEP[0] * (column - (columns - 1) / 2)
        y = lane + _STEP[1] * (below - (height - 1) / 2)
        yield x, y, label if i == named else "", side, row


def _label(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 3 else f"{names[0]} … {names[-1]} ({len(names)})"


def _brought(row: Mapping[str, Any]) -> str:
    reduced = f", a reduced form of {row['reduced_of']}" if row["reduced_of"] else ""
    idea = textwrap.wrap(str(row["idea"]), _WRAP, break_long_words=False)
    venue = "" if pd.isna(row["venue_year"]) else f", at its venue {row['venue_year']}"
    return "<br>".join([f"{row['year']}{venue}, {row['family']}{reduced}", *idea, str(row["paper"])])


@chart(title="Published error against year", section="evolution")
def error_against_year(frames: Frames) -> go.Figure:
    """What papers and weights state for ImageNet; errors of different protocols do not compare."""
    dated = frames.published[frames.published["year"].notna()]
    if dated.empty:
        raise NoData("no architecture of this run has a published error and a year")
    panels = {"top1_error": "Top-1 error (%)", "top5_error": "Top-5 error (%)"}
    figure = _two_panels(*panels.values())
    for row, quantity_name in enumerate(panels, start=1):
        figures = dated[dated["quantity"] == quantity_name]
        balls = [
            Ball(
                name=item["architecture"],
                family=item["family"],
                x=float(item["year"]),
                y=item["value"],
                symbol=style.PUBLISHED if item["protocol"] == SINGLE_CROP else style.PUBLISHED_OTHERWISE,
                hover=(
                    f"{item['year']}, published: {item['value']:.2f} %<br>"
                    f"{item['protocol']}, {item['resolution']} px<br>{item['source']}"
                ),
            )
            for item in rows_of(figures)
        ]
        add_balls(figure, balls, families=frames.architectures["family"], height=_HEIGHT, row=row)
    style.shape_key(
        figure,
        (style.PUBLISHED, f"published, {SINGLE_CROP}"),
        (style.PUBLISHED_OTHERWISE, "published, other protocol"),
    )
    return figure


@chart(
    title="Parameters and multiply-adds against year",
    section="evolution",
    needs=("parameters", "macs"),
)
def parameters_and_macs_against_year(frames: Frames) -> go.Figure:
    """Counted here, at each architecture's own input size; parameters without auxiliary heads."""
    figure = _two_panels("Parameters", "MACs")
    for row, measure in enumerate(("parameters", "macs"), start=1):
        figure.update_yaxes(**style.log_axis(frames.measured(measure)["value"]), row=row, col=1)
        cells = at_own_size(frames, frames.measured(measure))
        balls = [_counted(cell) for cell in rows_of(cells) if not pd.isna(cell["year"])]
        add_balls(figure, balls, families=frames.architectures["family"], height=_HEIGHT, log_y=True, row=row)
    style.shape_key(figure, (style.MEASURED, "counted in this run"))
    return figure


def _counted(cell: dict[str, Any]) -> Ball:
    name, value = str(cell["architecture"]), at_inference(cell)
    count = quantity(value, "1", cell["bound"])
    return Ball(
        name=name,
        family=str(cell["family"]),
        x=float(cell["year"]),
        y=value,
        symbol=style.MEASURED,
        hover=f"{cell['year']}: {count} {cell['measure']} at {cell['resolution']} px{left_out(cell)}",
    )


def _two_panels(first: str, second: str) -> go.Figure:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_layout(height=2 * _HEIGHT + 120)
    figure.update_yaxes(title_text=first, row=1, col=1)
    figure.update_yaxes(title_text=second, row=2, col=1)
    figure.update_xaxes(title_text=_FIRST, nticks=12, tickformat="d", row=2, col=1)
    return figure
