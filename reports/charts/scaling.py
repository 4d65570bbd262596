"""Charts of how cost grows along the axes that were swept."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import FEWEST, NoData, chart
from reports.drawing import style
from reports.drawing.ticks import log_axis
from reports.formats import NOISY, quantity, span
from reports.tables.scaling import QUANTITIES, ScalingSeries, growth
from reports.tidy.frame import Frames

_UNITS = {"MACs": "1", "latency": "s", "peak memory": "B"}
_SYMBOLS = {"MACs": "square", "latency": "circle", "peak memory": "diamond"}
_DASHES = ("solid", "dot", "dash", "dashdot")
"""Dashes of the lines of one quantity under several conditions."""
_COLUMNS = 2
_PANEL, _GAP = 250, 80
"""Pixels of a panel, and of what lies between two rows of them."""


def growth_told(frames: Frames) -> str:
    """The steepest and the least steep growth of multiply-adds, each with its exponent's meaning."""
    counted = [
        series
        for series in growth(frames)
        if series.fit and series.quantity == "MACs" and not series.incomplete and len(series.points) >= FEWEST
    ]
    if not counted:
        return ""
    ordered = sorted(counted, key=lambda series: series.fit.exponent if series.fit else 0.0)
    steep, flat = ordered[-1], ordered[0]
    words = f"{steep.title}: {steep.meaning.replace(': ', ' means ', 1)}"
    same = flat is steep or flat.unit != steep.unit
    return words if same else f"{words}; {flat.title}: {flat.meaning.partition(': ')[2]}"


@chart(title="Growth of cost along one axis", section="cost", finding=growth_told)
def growth_of_cost(frames: Frames) -> go.Figure:
    """MACs counted, latency and peak memory measured, each over its smallest point; both scales are logarithmic.

    The lines are the fitted power laws, whose exponents are in the table.
    """
    every = [series for series in growth(frames) if series.fit and len(series.points) >= FEWEST]
    if not every:
        raise NoData("this run measured no three points of a sweep; evobench run --suite scaling does")
    panels = {series.title: [s for s in every if s.sweep == series.sweep] for series in every}
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    height = rows * _PANEL + (rows - 1) * _GAP
    figure = make_subplots(
        **style.panels(len(panels), columns),
        subplot_titles=list(panels),
        vertical_spacing=_GAP / height if rows > 1 else 0,
        horizontal_spacing=0.09,
    )
    names = dict.fromkeys(_name(series) for series in every)
    for i, panel in enumerate(panels.values()):
        _add(figure, panel, list(names), i // columns + 1, i % columns + 1)
    figure.update_layout(height=height + 150)
    style.room_for_titles(figure)
    return figure


def _name(series: ScalingSeries) -> str:
    return ", ".join(
        [
            series.quantity,
            *["incomplete"] * series.incomplete,
            *[NOISY] * series.noisy,
            *filter(None, [series.conditions]),
        ]
    )


def _add(figure: go.Figure, panel: Sequence[ScalingSeries], names: Sequence[str], row: int, col: int) -> None:
    xs = sorted({point["x"] for series in panel for point in series.points})
    known = {trace.legendgroup for trace in figure.data}
    for series in panel:
        name = _name(series)
        colour = style.colours(QUANTITIES.values())[series.quantity]
        dash = _DASHES[[n for n in names if n.partition(",")[0] == series.quantity].index(name) % len(_DASHES)]
        base = series.points[0]["y"]
        figure.add_scatter(
            x=[point["x"] for point in series.points],
            y=[point["y"] / base for point in series.points],
            error_y=_bars(series),
            mode="markers",
            name=name,
            legendgroup=name,
            showlegend=name not in known,
            marker={"symbol": _SYMBOLS[series.quantity], "size": 8, "color": colour},
            customdata=[[point["name"], _hover(series, i)] for i, point in enumerate(series.points)],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
            row=row,
            col=col,
        )
        if series.fit:
            ends = [series.points[0]["x"], series.points[-1]["x"]]
            figure.add_scatter(
                x=ends,
                y=[series.fit.at(x) / base for x in ends],
                mode="lines",
                legendgroup=name,
                showlegend=False,
                line={"color": colour, "width": 1, "dash": dash},
                hoverinfo="skip",
                row=row,
                col=col,
            )
    figure.update_xaxes(
        type="log",
        title_text=panel[0].unit,
        title_standoff=4,
        tickvals=xs,
        ticktext=[f"{x:g}" for x in xs],
        row=row,
        col=col,
    )
    ratios = [point["y"] / series.points[0]["y"] for series in panel for point in series.points]
    figure.update_yaxes(**log_axis(ratios, "times"), row=row, col=col)
    if col == 1:
        figure.update_yaxes(title_text="times the first", row=row, col=col)


def _bars(series: ScalingSeries) -> dict[str, object]:
    """Bars over what is known of a point: the interval of its processes, or the quantiles of its samples."""
    base = series.points[0]["y"]
    above = [0 if pd.isna(point["high"]) else (point["high"] - point["y"]) / base for point in series.points]
    below = [0 if pd.isna(point["low"]) else (point["y"] - point["low"]) / base for point in series.points]
    return {"array": above, "arrayminus": below, "thickness": 1, "width": 3, "visible": any(above + below)}


def _hover(series: ScalingSeries, i: int) -> str:
    point, unit = series.points[i], _UNITS[series.quantity]
    bounds, status = "", NOISY if point["noisy"] else ""
    if not pd.isna(point["low"]):
        bounds = f" {span(point['low'], point['high'], unit)} ({point['interval']})"
    times = point["y"] / series.points[0]["y"]
    return f"{_name(series)} {quantity(point['y'], unit, status=status)}{bounds}<br>{times:.3g} times the first"
