"""Blocks, options and scalings: what each side costs, as a ratio to the first."""

from __future__ import annotations

from math import log

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.ticks import labelled, ticks
from reports.formats import NOISY, times
from reports.tables.comparisons import comparisons
from reports.tidy.frame import Frames, rows_of

_SHAPES = {"Parameters": "square", "MACs": "circle", "Activations": "diamond", "Latency": "x"}
_FACTOR = 1.2
"""Factor from which a difference is worth a sentence."""
_ROW, _TITLE = 26, 46
"""Pixels of a side, and of a comparison's title."""


def side_told(frames: Frames) -> str:
    """The side whose multiply-adds are farthest from those of its comparison's first, of the same input size."""
    rows = comparisons(frames)
    if "MACs ratio" not in rows:
        return ""
    first = {row["Comparison"]: row for row in reversed(rows_of(rows))}
    known = [row for row in rows_of(rows) if row["Input"] == first[row["Comparison"]]["Input"]]
    known = [row for row in known if not pd.isna(row["MACs ratio"]) and row["MACs ratio"] > 0]
    far = max(known, key=lambda row: abs(log(row["MACs ratio"])), default=None)
    if far is None or abs(log(far["MACs ratio"])) < log(_FACTOR):
        return ""
    ratio, base = far["MACs ratio"], first[far["Comparison"]]
    words = f"{times(ratio)} times" if ratio > 1 else f"{100 * ratio:.0f} % of"
    return f"{far['Comparison']}: {far['Side']} takes {words} the multiply-adds of {base['Side']}"


@chart(title="Cost side by side", section="blocks", finding=side_told)
def cost_side_by_side(frames: Frames) -> go.Figure:
    """Each side's cost over that of the comparison's first side, which stands at 1; the scale is logarithmic."""
    rows = comparisons(frames)
    if rows.empty:
        raise NoData("this run measured no two sides of a comparison")
    groups = [(str(title), group) for title, group in rows.groupby("Comparison", sort=False)]
    panels = [
        (title, group) for title, group in groups if group[[f"{n} ratio" for n in _SHAPES]].notna().any(axis=None)
    ]
    if not panels:
        raise NoData("no side of a comparison has a figure")
    sizes = [len(group) for _, group in panels]
    height = _ROW * sum(sizes) + _TITLE * len(panels) + 150
    figure = make_subplots(
        rows=len(panels),
        cols=1,
        shared_xaxes="all",
        row_heights=sizes,
        vertical_spacing=_TITLE / (height - 150) if len(panels) > 1 else 0,
        subplot_titles=[title for title, _ in panels],
    )
    for i, (_, group) in enumerate(panels, start=1):
        _add(figure, group, i)
    figure.update_layout(height=height)
    style.room_for_titles(figure)
    shown = [value for name in _SHAPES for value in rows[f"{name} ratio"].dropna() if value > 0]
    figure.update_xaxes(type="log", **labelled(ticks([1.0, *shown]), "times"), showticklabels=True)
    figure.update_xaxes(title_text="Ratio to the first side", row=len(panels), col=1)
    return figure


def _add(figure: go.Figure, group: pd.DataFrame, row: int) -> None:
    colour = style.colours(_SHAPES)
    for name, symbol in _SHAPES.items():
        figure.add_scatter(
            x=group[f"{name} ratio"],
            y=group["Side"],
            mode="markers",
            name=name,
            legendgroup=name,
            showlegend=row == 1,
            marker={"symbol": symbol, "size": 9, "color": colour[name]},
            customdata=[
                [architecture, f" ({status})" if status == NOISY else ""]
                for architecture, status in zip(group["Architecture"], group[f"{name} ratio status"], strict=True)
            ],
            meta=style.opens(group["Architecture"]),
            hovertemplate=(
                f"<b>%{{y}}</b>: {name} %{{x:.3g}} times%{{customdata[1]}}<br>%{{customdata[0]}}<extra></extra>"
            ),
            row=row,
            col=1,
        )
    figure.add_vline(x=1, line={"color": style.GREY, "width": 1}, row=row, col=1)
    figure.update_yaxes(autorange="reversed", row=row, col=1)
