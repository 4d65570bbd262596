"""The host's roof, and where architectures stand under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import FEWEST, NoData, chart
from reports.drawing import style
from reports.drawing.eras import Era, eras
from reports.drawing.scatter import Ball, add_balls
from reports.drawing.ticks import log_axis
from reports.formats import NOISY, quantity, span
from reports.tables.roofline import attained, roofline
from reports.tidy.frame import Frames, rows_of

_HEIGHT = 420
_LOOKS = tuple(zip(("solid", "dash", "dot", "dashdot"), ("circle", "square", "triangle-up", "cross"), strict=True))
"""Line of the roof and shape of the balls, by condition."""


def share_told(frames: Frames) -> str:
    """Sentence on the networks nearest to and farthest from their limits, by undisturbed figures."""
    rows = roofline(frames)
    if "Share attained" not in rows:
        return ""
    rows = rows[rows["Share attained"].notna() & (rows["Status"] != NOISY) & (rows["Bound"] == "")]
    for _, alike in rows.groupby(["Input", "Batch", "Conditions"], sort=False):
        if alike["Architecture"].nunique() >= FEWEST:
            ordered = alike.sort_values("Share attained", kind="stable")
            least, most = ordered.iloc[0], ordered.iloc[-1]
            return (
                f"{most['Architecture']} attains {most['Share attained']:.0f} % of what this host's roof allows, "
                f"{least['Architecture']} {least['Share attained']:.0f} % ({most['Input']}, batch {most['Batch']})"
            )
    return ""


@chart(title="Roofline of this host", section="cost", needs=("roofline",), finding=share_told)
def roofline_of_host(frames: Frames) -> go.Figure:
    """Arithmetic per second against arithmetic per byte of least traffic, below the limits of this host.

    The roof is drawn at the median rates of all processes; each share is by the rates of its own.
    """
    rows = roofline(frames)
    rows = rows[rows["Intensity"] > 0]
    if rows.empty:
        raise NoData("this run counted no MACs of what has a roofline")
    era = eras(frames)
    figure = make_subplots(rows=1, cols=1)
    distinct = list(dict.fromkeys(map(str, rows["Conditions"])))
    looks = {condition: _LOOKS[i % len(_LOOKS)] for i, condition in enumerate(distinct)}
    for condition, (dash, _) in looks.items():
        _add_roof(figure, rows[rows["Conditions"] == condition], condition, dash, rows["Intensity"])
    balls = [_ball(row, era, looks[str(row["Conditions"])][1]) for row in rows_of(rows)]
    add_balls(figure, balls, height=_HEIGHT, log_x=True, log_y=True)
    figure.update_layout(height=_HEIGHT + 130)
    if len(looks) > 1:
        style.shape_key(figure, *((symbol, condition or "plain") for condition, (_, symbol) in looks.items()))
    figure.update_xaxes(
        title_text="FLOP per byte of least traffic (log scale)", **log_axis(rows["Intensity"], "FLOP/B")
    )
    rates = [*rows["Attained"], *rows["Matmul rate"]]
    figure.update_yaxes(title_text="Attained (log scale)", **log_axis(rates, "FLOP/s"))
    return figure


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


def _ball(row: Mapping[str, Any], era: Mapping[str, Era], symbol: str) -> Ball:
    name = str(row["Architecture"])
    batch = f" x {row['Batch']}" if row["Batch"] > 1 else ""
    words = [f"batch {row['Batch']}", f"{row['Input']} px", *([row["Conditions"]] if row["Conditions"] else [])]
    bounds = "" if pd.isna(row["Low"]) else f" {span(row['Low'], row['High'], '%')}"
    share = quantity(row["Share attained"], "%", row["Bound"], row["Status"]) + bounds
    return Ball(
        name=f"{name}{batch}",
        era=era.get(name),
        card=name,
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
