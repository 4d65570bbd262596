"""The lineage over the years."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports import style
from reports.charts import NoData, chart
from reports.formats import quantity
from reports.frame import SINGLE_CROP, Frames, rows_of
from reports.scatter import Ball, add_balls

_HEIGHT = 300


@chart(title="Published error against year", section="evolution")
def error_against_year(frames: Frames) -> go.Figure:
    """What papers and weights state for ImageNet; errors of different protocols do not compare."""
    found = frames.published[["architecture"]].merge(frames.architectures, left_on="architecture", right_on="name")
    if found.empty:
        raise NoData("no architecture of this run has a published error")
    panels = {"top1_error": "Top-1 error (%)", "top5_error": "Top-5 error (%)"}
    figure = _two_panels(*panels.values())
    for row, quantity_name in enumerate(panels, start=1):
        figures = frames.published[frames.published["quantity"] == quantity_name]
        balls = [
            Ball(
                name=item["architecture"],
                family=item["family"],
                x=float(item["year"]),
                y=item["value"],
                symbol=style.PUBLISHED if item["protocol"] == SINGLE_CROP else style.PUBLISHED_OTHERWISE,
                hover=(
                    f"{item['year']}, published: {item['value']:.2f} %<br>{item['protocol']}<br>{item['source']}"
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
    """Counted here, at each architecture's own input size."""
    figure = _two_panels("Parameters", "MACs")
    for row, measure in enumerate(("parameters", "macs"), start=1):
        cells = frames.measured(measure).drop_duplicates("architecture")
        balls = [_counted(cell) for cell in rows_of(cells) if not pd.isna(cell["year"])]
        add_balls(figure, balls, families=frames.architectures["family"], height=_HEIGHT, log_y=True, row=row)
    figure.update_yaxes(type="log", exponentformat="SI", dtick=1)
    style.shape_key(figure, (style.MEASURED, "counted in this run"))
    return figure


def _counted(cell: dict[str, Any]) -> Ball:
    name, value = str(cell["architecture"]), float(cell["value"])
    return Ball(
        name=name,
        family=str(cell["family"]),
        x=float(cell["year"]),
        y=value,
        symbol=style.MEASURED,
        hover=f"{cell['year']}: {quantity(value, '1')} {cell['measure']} at {cell['resolution']} px",
    )


def _two_panels(first: str, second: str) -> go.Figure:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_layout(height=2 * _HEIGHT + 120)
    figure.update_yaxes(title_text=first, row=1, col=1)
    figure.update_yaxes(title_text=second, row=2, col=1)
    figure.update_xaxes(title_text="Year of publication", nticks=12, tickformat="d", row=2, col=1)
    return figure
