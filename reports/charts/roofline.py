"""The host's roof, and where architectures stand under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.charts.scaling import ticks
from reports.drawing import style
from reports.drawing.scatter import Ball, add_balls
from reports.formats import quantity, span
from reports.tables.roofline import attained, roofline
from reports.tidy.frame import Frames, rows_of

_HEIGHT = 420
_LOOKS = tuple(zip(("solid", "dash", "dot", "dashdot"), ("circle", "square", "triangle-up", "cross"), strict=True))
"""Line of the roof and shape of the balls, by condition."""


@chart(title="Roofline of this host", section="cost", needs=("roofline",))
def roofline_of_host(frames: Frames) -> go.Figure:
    """Arithmetic a second against arithmetic for each byte of the least traffic, under what this host allows.

    The roof is drawn at the median rates of all processes; each share is by the rates of its own.
    """
    rows = roofline(frames)
    rows = rows[rows["Intensity"] > 0]
    if rows.empty:
        raise NoData("this run counted no MACs of what has a roofline")
    families = dict(zip(frames.records["architecture"], frames.records["family"], strict=True))
    figure = make_subplots(rows=1, cols=1)
    distinct = list(dict.fromkeys(map(str, rows["Conditions"])))
    looks = {condition: _LOOKS[i % len(_LOOKS)] for i, condition in enumerate(distinct)}
    for condition, (dash, _) in looks.items():
        _add_roof(figure, rows[rows["Conditions"] == condition], condition, dash, rows["Intensity"])
    balls = [_ball(row, families, looks[str(row["Conditions"])][1]) for row in rows_of(rows)]
    add_balls(figure, balls, families=frames.architectures["family"], height=_HEIGHT, log_x=True, log_y=True)
    figure.update_layout(height=_HEIGHT + 130)
    if len(looks) > 1:
        style.shape_key(figure, *((symbol, condition or "plain") for condition, (_, symbol) in looks.items()))
    xs, ys = ticks(rows["Intensity"]), ticks([*rows["Attained"], *rows["Matmul rate"]])
    title = "FLOP for each byte of least traffic (log scale)"
    figure.update_xaxes(title_text=title, type="log", tickvals=xs, ticktext=[f"{x:g}" for x in xs])
    figure.update_yaxes(
        title_text="Attained (log scale)", type="log", tickvals=ys, ticktext=[_rate(y) for y in ys]
    )
    return figure


def _rate(flops: float) -> str:
    number, _, unit = quantity(flops, "FLOP/s").partition(" ")
    return f"{float(number):g} {unit}"


def _add_roof(figure: go.Figure, rows: pd.DataFrame, condition: str, dash: str, intensities: pd.Series) -> None:
    rate, bandwidth = float(rows["Matmul rate"].median()), float(rows["Copy bandwidth"].median())
    ridge = rate / bandwidth
    xs = [min(ridge, float(intensities.min())) / 1.5, ridge, max(ridge, float(intensities.max())) * 1.5]
    figure.add_scatter(
        x=xs,
        y=[min(rate, bandwidth * x) for x in xs],
        mode="lines",
        name=f"roof{f', {condition}' if condition else ''}: {quantity(bandwidth, 'B/s')} copied, "
        f"{quantity(rate, 'FLOP/s')} of matmul",
        line={"color": style.GREY, "width": 2, "dash": dash},
        hoverinfo="skip",
    )


def _ball(row: Mapping[str, Any], families: Mapping[str, str], symbol: str) -> Ball:
    name = str(row["Architecture"])
    batch = f" x {row['Batch']}" if row["Batch"] > 1 else ""
    words = [f"batch {row['Batch']}", row["Input"], *([row["Conditions"]] if row["Conditions"] else [])]
    bounds = "" if pd.isna(row["Low"]) else f" {span(row['Low'], row['High'], '%')}"
    share = quantity(row["Share attained"], "%", row["Bound"], row["Status"]) + bounds
    return Ball(
        name=f"{name}{batch}",
        family=families[name],
        x=float(row["Intensity"]),
        y=float(row["Attained"]),
        symbol=symbol,
        hover=(
            f"{attained(share, row['Limit'])}<br>"
            f"{quantity(row['Attained'], 'FLOP/s', row['Bound'], row['Status'])} at "
            f"{quantity(row['Intensity'], 'FLOP/B', row['Bound'])}<br>"
            f"{', '.join(words)}"
        ),
    )
