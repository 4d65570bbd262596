"""Which classes are taken for which."""

from __future__ import annotations

import textwrap

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.drawing import style
from reports.learning.accuracy import best_scenarios
from reports.learning.scenarios import joined, with_names
from reports.tidy.frame import Frames

_COLUMNS = 2
_SIDE = 400
"""Pixels of a panel."""
_LINE = 60
"""Characters of a line that a panel has room for."""
_NUMBERS_UP_TO = 20
"""Classes up to which every tile has its number of images."""


@chart(title="Confusion matrices", section="transfer", needs=("top1",))
def confusion_matrices(frames: Frames) -> go.Figure:
    """Test images by class, of each target's best scenario (on validation images), summed over its trainings."""
    entries = with_names(frames, frames.confusions[frames.confusions["whole"].isin([True])])
    if entries.empty:
        raise NoData("no training of this run kept a whole confusion matrix")
    panels = best_scenarios(frames, entries)
    rows = -(-len(panels) // _COLUMNS)
    figure = make_subplots(
        **style.panels(len(panels), _COLUMNS),
        subplot_titles=[_title(panel) for panel in panels],
        vertical_spacing=0.28 / rows,
        horizontal_spacing=0.18,
    )
    for i, panel in enumerate(panels):
        row, col = i // _COLUMNS + 1, i % _COLUMNS + 1
        figure.add_trace(_matrix(panel), row=row, col=col)
        figure.update_xaxes(title_text="Named class", type="category", row=row, col=col)
        figure.update_yaxes(title_text="True class", type="category", autorange="reversed", row=row, col=col)
    bar = {"title": "% of the<br>true class"}
    figure.update_layout(
        height=_SIDE * rows + 110,
        coloraxis={"colorscale": style.HEAT, "cmin": 0, "cmax": 100, "colorbar": bar},
        margin={"t": 85},
    )
    figure.update_annotations(font_size=12)
    return figure


def _title(panel: pd.DataFrame) -> str:
    first = panel.iloc[0]
    n = panel["key"].nunique()
    trainings = "1 training" if n == 1 else f"{n} trainings"
    words = joined(first["scenario"], f"augmentation {first['augmentation']}", first["setting"], trainings)
    return "<br>".join([f"{first['target']}: {first['architecture']}", *textwrap.wrap(words, _LINE)])


def _matrix(panel: pd.DataFrame) -> go.Heatmap:
    classes = int(panel["classes"].iloc[0])
    counts = panel.groupby(["true", "named"])["images"].sum().unstack(fill_value=0)
    counts = counts.reindex(index=range(classes), columns=range(classes), fill_value=0)
    total = counts.sum(axis=1)
    shares = 100 * counts.div(total.where(total > 0), axis=0)
    names = dict(zip(panel["true"], panel["true_name"], strict=True))
    names |= dict(zip(panel["named"], panel["named_name"], strict=True))
    labels = [names.get(i, str(i)) for i in range(classes)]
    return go.Heatmap(
        x=labels,
        y=labels,
        z=[[None if pd.isna(value) else value for value in row] for row in shares.to_numpy().tolist()],
        text=counts.astype(str).to_numpy().tolist(),
        texttemplate="%{text}" if classes <= _NUMBERS_UP_TO else "",
        hovertemplate="%{y} named %{x}: %{text} images, %{z:.1f} % of the class<extra></extra>",
        coloraxis="coloraxis",
    )
