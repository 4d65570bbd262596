"""Charts of the classes that are confused with each other."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.charts._texts import cut
from reports.drawing import style
from reports.learning.accuracy import best_scenarios
from reports.learning.scenarios import NO_AUGMENTATION, joined, with_names
from reports.learning.telling.ways import way_told
from reports.tidy.frame import Frames, rows_of

_COLUMNS = 2
_SIDE = 400
"""Pixels of a panel."""
_LINE = 44
"""Characters of a line of a title that a panel has room for."""
_NAME = 20
"""Characters of a class's name along an axis: pointing at a tile shows the whole."""
_NUMBERS_UP_TO = 20
"""Classes up to which every tile has its share."""


def most_confused(frames: Frames) -> str:
    """The pair of classes that the best scenario of a target takes most often for each other, by share."""
    found = []
    for panel in _panels(frames):
        shares, _, names = _shares(panel)
        wrong = [
            (share, names[i], names[j])
            for i, row in enumerate(shares)
            for j, share in enumerate(row)
            if i != j and share
        ]
        if wrong:
            share, true, named = max(wrong)
            found.append(f"{share:.0f} % of class {true} are taken for {named} ({panel.iloc[0]['target']})")
    return f"Most confused: {'; '.join(found)}" if 0 < len(found) < 4 else ""


@chart(title="Confusion matrices", section="transfer", needs=("top1",), finding=most_confused)
def confusion_matrices(frames: Frames) -> go.Figure:
    """Share of a class's test images (%), over all trainings of the scenario that is best on validation images."""
    panels = _panels(frames)
    if not panels:
        raise NoData("no training of this run kept a whole confusion matrix")
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = make_subplots(
        **style.panels(len(panels), columns),
        subplot_titles=[_title(panel) for panel in panels],
        vertical_spacing=0.36 / rows,
        horizontal_spacing=0.16,
    )
    for i, panel in enumerate(panels):
        place = {"row": i // columns + 1, "col": i % columns + 1}
        figure.add_trace(_matrix(panel), **place)
        axis = {"type": "category", "tickmode": "array", **_ticks(panel)}
        figure.update_xaxes(title_text="Predicted class", **axis, **place)
        figure.update_yaxes(title_text="True class", autorange="reversed", **axis, **place)
    figure.update_layout(
        height=_SIDE * rows + 110,
        coloraxis={"colorscale": style.HEAT, "cmin": 0, "cmax": 100, "colorbar": {"title": "%"}},
        margin={"t": 85},
    )
    figure.update_annotations(font_size=12)
    return figure


def _panels(frames: Frames) -> list[pd.DataFrame]:
    """The entries of the best scenario of each target."""
    entries = with_names(frames, frames.confusions[frames.confusions["whole"].isin([True])])
    return [] if entries.empty else best_scenarios(frames, entries)


def _title(panel: pd.DataFrame) -> str:
    first = rows_of(panel.head(1))[0]
    n = panel["key"].nunique()
    augmentation = first["augmentation"]
    words = joined(
        way_told(first),
        "" if augmentation == NO_AUGMENTATION else f"augmented: {augmentation}",
        str(first["setting"]),
        "1 training" if n == 1 else f"{n} trainings",
    )
    return "<br>".join([f"<b>{first['target']}</b>: {first['architecture']}", *wrap(words, _LINE)])


def _shares(panel: pd.DataFrame) -> tuple[list[list[float | None]], list[list[int]], list[str]]:
    """Shares of the true class's images in percent by true and predicted class; their numbers; the names."""
    classes = int(panel["classes"].iloc[0])
    counts = panel.groupby(["true", "named"])["images"].sum().unstack(fill_value=0)
    counts = counts.reindex(index=range(classes), columns=range(classes), fill_value=0)
    total = counts.sum(axis=1)
    shares = 100 * counts.div(total.where(total > 0), axis=0)
    names = dict(zip(panel["true"], panel["true_name"], strict=True))
    names |= dict(zip(panel["named"], panel["named_name"], strict=True))
    known = [[None if pd.isna(value) else float(value) for value in row] for row in shares.to_numpy()]
    return known, counts.to_numpy().tolist(), [str(names.get(i, i)) for i in range(classes)]


def _ticks(panel: pd.DataFrame) -> dict[str, Any]:
    names = _shares(panel)[2]
    return {"tickvals": names, "ticktext": [cut(name, _NAME) for name in names]}


def _percent(value: float | None) -> str:
    """A share that is there, whole; a small one is not shown as none."""
    if not value:
        return ""
    return f"{value:.0f}" if value >= 1 else "&lt;1"


def _matrix(panel: pd.DataFrame) -> go.Heatmap:
    shares, counts, names = _shares(panel)
    return go.Heatmap(
        x=names,
        y=names,
        z=shares,
        text=[[_percent(value) for value in row] for row in shares],
        texttemplate="%{text}" if len(names) <= _NUMBERS_UP_TO else "",
        customdata=counts,
        hovertemplate="%{y} taken for %{x}: %{z:.1f} %, %{customdata} images<extra></extra>",
        coloraxis="coloraxis",
        xgap=1,
        ygap=1,
    )
