"""Charts of what architectures cost on this host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bench.cell import unusual
from reports.charts import FEWEST, NoData, chart
from reports.charts._pairs import as_fast
from reports.drawing import style
from reports.drawing.eras import Era, eras
from reports.drawing.scatter import Ball, add_balls, noise
from reports.drawing.ticks import linear_axis, log_axis
from reports.formats import quantity, times
from reports.hosts import host_of
from reports.learning.scenarios import groups
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import at_own_size

_HEIGHT = 460
_APART = 1.2
"""Factor of memory from which a difference is worth a sentence."""


def speed_told(frames: Frames) -> str:
    """Two networks of which the one with far fewer multiply-adds is not measurably faster."""
    pair = as_fast(rows_of(_speeds(frames)))
    if not pair:
        return ""
    less, more = pair
    share = 100 * less["counted"] / more["counted"]
    rates = f"{less['value']:.3g} against {more['value']:.3g} images per second{_there(less)}"
    return (
        f"{less['architecture']} has {share:.0f} % of the multiply-adds of {more['architecture']} and is not "
        f"measurably faster: {rates}, both at {less['resolution']} px"
    )


def memory_told(frames: Frames) -> str:
    """The largest and the least peak of an inference, of one input size and batch."""
    cells = rows_of(at_own_size(frames, frames.measured("peak_memory", mode="infer")))
    alike = max(groups(cells, ["resolution", "batch", "device"]), key=len, default=[])
    if len(alike) < FEWEST:
        return ""
    least, most = (pick(alike, key=lambda cell: float(cell["value"])) for pick in (min, max))
    if most["value"] < _APART * least["value"]:
        return ""
    return (
        f"At {most['resolution']} px an inference takes {quantity(most['value'], 'B')} at its peak with "
        f"{most['architecture']}, {times(most['value'] / least['value'])} times that with {least['architecture']}"
        f"{_there(most)}"
    )


def _there(cell: Mapping[str, Any]) -> str:
    """The host of a figure, where a run has several."""
    host = host_of(cell["device"])
    return f" on {host}" if host else ""


@chart(
    title="Measured throughput against multiply-adds",
    section="evolution",
    needs=("throughput", "macs"),
    headline=True,
    finding=speed_told,
)
def throughput_against_macs(frames: Frames) -> go.Figure:
    """Images per second on this host: equal MACs do not mean equal speed."""
    points = _speeds(frames)
    if points.empty:
        raise NoData("no architecture of this run has both a throughput and counted MACs at one input size")
    figure = make_subplots(rows=1, cols=1)
    era = eras(frames)
    told = [row["architecture"] for row in as_fast(rows_of(points)) or ()]
    # the names that the title tells have their places first
    rows = sorted(rows_of(points), key=lambda row: row["architecture"] not in told)
    balls = [_speed(point, era.get(str(point["architecture"]))) for point in rows]
    add_balls(figure, balls, height=_HEIGHT, log_x=True, log_y=True)
    if points["noisy"].notna().any():
        style.shape_key(figure, (style.NOISY, "noisy: something else disturbed it"))
    figure.update_layout(height=_HEIGHT + 120)
    figure.update_xaxes(title_text="MACs of one image, counted (log scale)", **log_axis(points["counted"]))
    figure.update_yaxes(
        title_text=f"Images per second{_on(points)}{noise(points['noisy'].notna())} (log scale)",
        **log_axis(points["value"], "1/s"),
    )
    return figure


def _speeds(frames: Frames) -> pd.DataFrame:
    """Rates of networks with the multiply-adds of the same input size, `counted`."""
    place = ["architecture", "resolution"]
    macs = frames.measured("macs").drop_duplicates(place)[[*place, "value", "bound"]]
    speeds = at_own_size(frames, frames.measured("throughput", mode="infer"))
    return speeds.merge(macs.rename(columns={"value": "counted", "bound": "counted_bound"}), on=place)


def _speed(point: dict[str, Any], era: Era | None) -> Ball:
    bounds = ""
    if not pd.isna(point["low"]):
        bounds = f" [{quantity(point['low'], '1/s')}, {quantity(point['high'], '1/s')}] ({point['interval']})"
    noisy = "" if pd.isna(point["noisy"]) else f"<br>noisy: {point['noisy']}"
    macs = quantity(point["counted"], "1", point["counted_bound"])
    return Ball(
        name=str(point["architecture"]),
        era=era,
        x=float(point["counted"]),
        y=float(point["value"]),
        symbol=style.MEASURED if pd.isna(point["noisy"]) else style.NOISY,
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


@chart(title="Peak memory", section="evolution", needs=("peak_memory",), headline=True, finding=memory_told)
def peak_memory_by_architecture(frames: Frames) -> go.Figure:
    """Measured in inference and in training, the smallest first; unusual input sizes are named."""
    figure = make_subplots(rows=1, cols=1)
    own = dict(zip(frames.architectures["name"], frames.architectures["resolution"], strict=True))
    shown: list[pd.DataFrame] = []
    for (mode, name), colour in zip((("infer", "inference"), ("train", "training")), style.COLOURS, strict=False):
        cells = at_own_size(frames, frames.measured("peak_memory", mode=mode))
        cells = cells.assign(label=[_label(cell, own) for cell in rows_of(cells)])
        batches = cells["batch"].unique()
        shown.append(cells)
        figure.add_bar(
            y=cells["label"],
            x=cells["value"],
            orientation="h",
            name=f"{name}, batch {batches[0]}" if len(batches) == 1 else name,
            marker={"color": colour},
            meta=style.opens(cells["architecture"]),
            customdata=[
                f"{quantity(cell['value'], 'B')}, batch {cell['batch']}, {cell['resolution']} px"
                for cell in rows_of(cells)
            ],
            hovertemplate=f"<b>%{{y}}</b>, {name}<br>%{{customdata}}<extra></extra>",
        )
    drawn = pd.concat(shown)
    order = list(dict.fromkeys(drawn.sort_values("value", kind="stable")["label"]))
    figure.update_layout(height=140 + 26 * len(order), bargap=0.25)
    figure.update_yaxes(categoryorder="array", categoryarray=order, autorange="reversed")
    figure.update_xaxes(title_text=f"Peak memory{_on(drawn)}", **linear_axis(drawn["value"], "B", from_zero=True))
    return figure


def _label(cell: dict[str, Any], own: Mapping[str, int]) -> str:
    name, size = str(cell["architecture"]), cell["resolution"]
    return name if own.get(name, size) == size else f"{name}, {size} px"
