"""What architectures cost, and what they give for it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports import style
from reports.charts import NoData, chart
from reports.formats import quantity
from reports.frame import SINGLE_CROP, Frames, rows_of
from reports.pareto import pareto_front, published_accuracies
from reports.scatter import Ball, add_balls, area

_HEIGHT = 460


@chart(title="Published accuracy against multiply-adds", section="evolution", needs=("macs", "parameters"))
def accuracy_against_macs(frames: Frames) -> go.Figure:
    """Accuracy on ImageNet as published, MACs and parameters (the ball's area) as counted here."""
    points = published_accuracies(frames)
    if points.empty:
        raise NoData("no architecture of this run has both a published top-1 error and counted MACs")
    largest = float(points["parameters"].max())
    balls = [
        Ball(
            name=point["architecture"],
            family=point["family"],
            x=point["macs"],
            y=point["accuracy"],
            symbol=style.PUBLISHED if point["protocol"] == SINGLE_CROP else style.PUBLISHED_OTHERWISE,
            hover=(
                f"published top-1 {point['accuracy']:.2f} % ({point['protocol']}, {point['source']})<br>"
                f"counted {quantity(point['macs'], '1')} MACs, {quantity(point['parameters'], '1')} parameters"
            ),
            diameter=area(point["parameters"], largest),
        )
        for point in rows_of(points)
    ]
    figure = make_subplots(rows=1, cols=1)
    front = pareto_front(points[points["protocol"] == SINGLE_CROP])
    figure.add_scatter(
        x=front["macs"],
        y=front["accuracy"],
        mode="lines",
        name=f"Pareto front ({SINGLE_CROP})",
        line={"color": style.GREY, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
    )
    add_balls(
        figure,
        balls,
        families=frames.architectures["family"],
        height=_HEIGHT,
        log_x=True,
        sides=("top left", "bottom right", "middle right"),
    )
    style.shape_key(
        figure,
        (style.PUBLISHED, f"published accuracy, {SINGLE_CROP}"),
        (style.PUBLISHED_OTHERWISE, "published accuracy, other protocol: not comparable"),
    )
    figure.update_layout(height=_HEIGHT + 150)
    figure.update_xaxes(
        title_text="MACs of one image, counted (log scale)", type="log", exponentformat="SI", dtick=1
    )
    figure.update_yaxes(title_text="Top-1 accuracy, published (%)")
    return figure


@chart(title="Measured throughput against multiply-adds", section="evolution", needs=("throughput", "macs"))
def throughput_against_macs(frames: Frames) -> go.Figure:
    """Images per second on this host: equal MACs do not mean equal speed."""
    macs = frames.measured("macs").drop_duplicates("architecture")[["architecture", "value"]]
    speeds = frames.measured("throughput", mode="infer").drop_duplicates("architecture")
    points = speeds.merge(macs.rename(columns={"value": "macs"}), on="architecture")
    if points.empty:
        raise NoData("no architecture of this run has both a throughput and counted MACs")
    figure = make_subplots(rows=1, cols=1)
    balls = [_speed(point) for point in rows_of(points)]
    add_balls(figure, balls, families=frames.architectures["family"], height=_HEIGHT, log_x=True, log_y=True)
    style.shape_key(figure, (style.MEASURED, "measured in this run"))
    figure.update_layout(height=_HEIGHT + 120)
    figure.update_xaxes(
        title_text="MACs of one image, counted (log scale)", type="log", exponentformat="SI", dtick=1
    )
    figure.update_yaxes(title_text="Images per second (log scale)", type="log", exponentformat="SI", dtick=1)
    return figure


def _speed(point: dict[str, Any]) -> Ball:
    bounds = ""
    if not pd.isna(point["low"]):
        bounds = f" [{quantity(point['low'], '1/s')}, {quantity(point['high'], '1/s')}] ({point['interval']})"
    return Ball(
        name=str(point["architecture"]),
        family=str(point["family"]),
        x=float(point["macs"]),
        y=float(point["value"]),
        symbol=style.MEASURED,
        hover=(
            f"{quantity(point['value'], '1/s')}{bounds}<br>batch {point['batch']}, {point['resolution']} px, "
            f"{point['precision']}, {point['threads']} threads<br>{quantity(point['macs'], '1')} MACs"
        ),
    )


@chart(title="Peak memory", section="evolution", needs=("peak_memory",))
def peak_memory_by_architecture(frames: Frames) -> go.Figure:
    """Measured while inferring and while training, in the order of the plan."""
    figure = make_subplots(rows=1, cols=1)
    for (mode, name), colour in zip((("infer", "inference"), ("train", "training")), style.COLOURS, strict=False):
        cells = frames.measured("peak_memory", mode=mode).drop_duplicates("architecture")
        figure.add_bar(
            y=cells["architecture"],
            x=cells["value"],
            orientation="h",
            name=f"{name}, measured",
            marker={"color": colour},
            customdata=[
                f"{quantity(cell['value'], 'B')}, batch {cell['batch']}, {cell['resolution']} px"
                for cell in rows_of(cells)
            ],
            hovertemplate=f"<b>%{{y}}</b>, {name}<br>%{{customdata}}<extra></extra>",
        )
    count = frames.measured("peak_memory")["architecture"].nunique()
    order = list(dict.fromkeys(frames.measured("peak_memory")["architecture"]))
    figure.update_layout(height=140 + 26 * count, bargap=0.25)
    figure.update_yaxes(categoryorder="array", categoryarray=order, autorange="reversed")
    figure.update_xaxes(title_text="Peak memory", exponentformat="SI", ticksuffix="B", rangemode="tozero")
    return figure
