"""Charts of the speed of augmentations, and of their effect by the number of training images."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.charts._forest import mark_of, whiskers
from reports.drawing import style
from reports.drawing.ticks import log_axis
from reports.formats import NOISY
from reports.learning.shots import AtShots, by_shots
from reports.tables.transfer_augmentation import PIPELINES
from reports.tables.transfer_augmentation import augmentation_rates as rates
from reports.tidy.frame import Frames

COLUMNS = 3
"""Panels side by side."""
NOTHING = [None]
"""Coordinates of a mark that only the legend shows."""


@chart(title="Images augmented per second", section="transfer", needs=("augmentation_rate",))
def augmentation_rates(frames: Frames) -> go.Figure:
    """Images per second of each augmentation, a batch of tensors at a time and PIL images one by one."""
    rows = rates(frames)
    inputs = list(dict.fromkeys(rows["Input"]))
    figure = make_subplots(
        rows=1, cols=len(inputs), subplot_titles=inputs, shared_yaxes=True, horizontal_spacing=0.04
    )
    colour = style.colours(PIPELINES.values())
    for i, name in enumerate(inputs, start=1):
        part = rows[rows["Input"] == name]
        for pipeline in PIPELINES.values():
            if pipeline in part:
                dots = _rates(part[part[pipeline].notna()], pipeline)
                dots["marker"] = {"color": colour[pipeline], "size": 9}
                figure.add_scatter(**dots, showlegend=i == 1, row=1, col=i)
    figure.update_layout(height=210 + 26 * rows["Augmentation"].nunique())
    style.room_for_titles(figure)
    shown = [value for name in PIPELINES.values() if name in rows for value in rows[name].dropna()]
    figure.update_xaxes(title_text="Images per second", **log_axis(shown, "1/s"))
    figure.update_yaxes(autorange="reversed")
    return figure


def _rates(rows: pd.DataFrame, pipeline: str) -> dict[str, object]:
    return {
        "x": rows[pipeline],
        "y": rows["Augmentation"],
        "mode": "markers",
        "name": pipeline,
        "legendgroup": pipeline,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (rows[f"{pipeline} high"] - rows[pipeline]).fillna(0),
            "arrayminus": (rows[pipeline] - rows[f"{pipeline} low"]).fillna(0),
        },
        "customdata": [f" ({NOISY})" if status == NOISY else "" for status in rows[f"{pipeline} status"]],
        "hovertemplate": f"%{{y}}, {pipeline}<br><b>%{{x:.3s}} images/s</b>%{{customdata}}<extra></extra>",
    }


@chart(title="Accuracy gained by augmentation at several numbers of images", section="transfer", needs=("top1",))
def augmentation_by_shots(frames: Frames) -> go.Figure:
    """Accuracy with an augmentation minus accuracy without, by the number of training images per class."""
    found = [item for item in by_shots(frames) if item.effect.found]
    if not found:
        raise NoData("no augmentation was tried at several numbers of images")
    several = len({item.effect.condition for item in found}) > 1
    panels: dict[str, list[AtShots]] = {}
    for item in found:
        panels.setdefault(_title(item, several), []).append(item)
    columns = min(COLUMNS, len(panels))
    lines = -(-len(panels) // columns)
    figure = make_subplots(
        **style.panels(len(panels), columns),
        subplot_titles=list(panels),
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.04,
        vertical_spacing=0.24 / lines,
    )
    ticks = sorted({str(item.shots or "all") for item in found}, key=lambda text: (text == "all", text.zfill(9)))
    for i, items in enumerate(panels.values()):
        _panel(figure, items, {"row": i // columns + 1, "col": i % columns + 1}, first=i == 0)
    figure.add_hline(y=0, line={"color": style.GREY, "width": 1})
    figure.update_layout(height=190 * lines + 150)
    style.room_for_titles(figure)
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=ticks, showticklabels=True)
    style.title_below(figure, "Training images per class", len(panels), columns)
    figure.update_yaxes(title_text="Difference (points)", col=1)
    return figure


def _title(item: AtShots, with_condition: bool) -> str:
    effect = item.effect
    title = f"<b>{effect.treatment}</b><br>{effect.architecture} → {effect.target}"
    return f"{title}<br>{effect.condition}" if with_condition else title


def _note(item: AtShots) -> str:
    effect = item.effect
    without = "" if effect.accuracy is None else f", without {100 * effect.accuracy:.1f} %"
    return f"<br>{effect.condition}<br>n = {effect.found.n if effect.found else 0}{without}"


def _panel(figure: go.Figure, items: Sequence[AtShots], where: dict[str, int], *, first: bool) -> None:
    """The differences of one augmentation, joined by a line, each with the mark of its answer."""
    line = {"color": style.GREY, "width": 1}
    marks = [mark for item in items if (mark := mark_of(item.effect))]
    x, y = [str(item.shots or "all") for item in items if item.effect.found], [mark.mean for mark in marks]
    figure.add_scatter(x=x, y=y, mode="lines", line=line, showlegend=False, hoverinfo="skip", **where)
    for answer, (colour, symbol) in style.VERDICTS.items():
        some = [item for item in items if item.effect.found and item.effect.answer == answer]
        marks = [mark for item in some if (mark := mark_of(item.effect))]
        figure.add_scatter(
            # without a point of its own in the first panel, the legend still explains the mark
            x=[str(item.shots or "all") for item in some] or NOTHING,
            y=[mark.mean for mark in marks] or NOTHING,
            mode="markers",
            name=answer,
            legendgroup=answer,
            showlegend=first,
            marker={"color": colour, "symbol": symbol, "size": 9},
            error_y=whiskers(marks),
            customdata=[_note(item) for item in some],
            meta=style.opens(item.effect.architecture for item in some),
            hovertemplate=f"%{{x}} per class: <b>%{{y:+.1f}} points</b>, {answer}%{{customdata}}<extra></extra>",
            **where,
        )
