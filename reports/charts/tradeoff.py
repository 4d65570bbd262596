"""What architectures cost on this host."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bench.cell import unusual
from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.scatter import Ball, add_balls, noise
from reports.formats import quantity
from reports.hosts import host_of
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import at_own_size

_HEIGHT = 460


@chart(
    title="Measured throughput against multiply-adds",
    section="evolution",
    needs=("throughput", "macs"),
    headline=True,
)
def throughput_against_macs(frames: Frames) -> go.Figure:
    """Images per second on this host: equal MACs do not mean equal speed."""
    place = ["architecture", "resolution"]
    macs = frames.measured("macs").drop_duplicates(place)[[*place, "value", "bound"]]
    speeds = at_own_size(frames, frames.measured("throughput", mode="infer"))
    points = speeds.merge(macs.rename(columns={"value": "counted", "bound": "counted_bound"}), on=place)
    if points.empty:
        raise NoData("no architecture of this run has both a throughput and counted MACs at one input size")
    figure = make_subplots(rows=1, cols=1)
    balls = [_speed(point) for point in rows_of(points)]
    add_balls(figure, balls, families=frames.architectures["family"], height=_HEIGHT, log_x=True, log_y=True)
    style.shape_key(figure, (style.MEASURED, "measured in this run"))
    figure.update_layout(height=_HEIGHT + 120)
    figure.update_xaxes(title_text="MACs of one image, counted (log scale)", **style.log_axis(points["counted"]))
    figure.update_yaxes(
        title_text=f"Images per second{_on(points)}{noise(points['noisy'].notna())} (log scale)",
        **style.log_axis(points["value"], "1/s"),
    )
    return figure


def _speed(point: dict[str, Any]) -> Ball:
    bounds = ""
    if not pd.isna(point["low"]):
        bounds = f" [{quantity(point['low'], '1/s')}, {quantity(point['high'], '1/s')}] ({point['interval']})"
    noisy = "" if pd.isna(point["noisy"]) else f"<br>noisy: {point['noisy']}"
    macs = quantity(point["counted"], "1", point["counted_bound"])
    return Ball(
        name=str(point["architecture"]),
        family=str(point["family"]),
        x=float(point["counted"]),
        y=float(point["value"]),
        symbol=style.MEASURED,
        hover=(
            f"{quantity(point['value'], '1/s')}{bounds}<br>batch {point['batch']}, {point['resolution']} px, "
            f"{', '.join(dict.fromkeys([point['precision'], *unusual(point)]))}, {point['threads']} threads"
            f"<br>{macs} MACs{noisy}"
        ),
    )


def _on(cells: pd.DataFrame) -> str:
    """The hosts of figures, where the run has speeds of several."""
    hosts = [host for host in map(host_of, cells["device"].unique()) if host]
    return f" on {' and '.join(hosts)}" if hosts else ""


@chart(title="Peak memory", section="evolution", needs=("peak_memory",), headline=True)
def peak_memory_by_architecture(frames: Frames) -> go.Figure:
    """Measured while inferring and while training, in the order of the plan."""
    figure = make_subplots(rows=1, cols=1)
    shown: list[pd.DataFrame] = []
    for (mode, name), colour in zip((("infer", "inference"), ("train", "training")), style.COLOURS, strict=False):
        cells = at_own_size(frames, frames.measured("peak_memory", mode=mode))
        shown.append(cells)
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
    drawn = pd.concat(shown).sort_index()
    order = list(dict.fromkeys(drawn["architecture"]))
    figure.update_layout(height=140 + 26 * len(order), bargap=0.25)
    figure.update_yaxes(categoryorder="array", categoryarray=order, autorange="reversed")
    figure.update_xaxes(
        title_text=f"Peak memory{_on(drawn)}", exponentformat="SI", ticksuffix="B", rangemode="tozero"
    )
    return figure
