"""Charts of the course of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.ways import START_COLOURS, TRAINED_SYMBOLS, key_entries
from reports.learning.telling.curves import CurveLine, CurvePanel, panels
from reports.learning.telling.ways import STARTS, TRAINED
from reports.tidy.frame import Frames

COLUMNS = 3
"""Number of columns, and of panels shown: the panels in which ways of learning end furthest apart."""
Kind = Literal["val", "val_loss", "loss"]
_KINDS: dict[Kind, tuple[str, str, float]] = {
    "val": ("Validation accuracy", "Validation accuracy (%)", 100.0),
    "val_loss": ("Validation loss", "Validation loss (log scale)", 1.0),
    "loss": ("Training loss", "Training loss (log scale)", 1.0),
}
"""For each kind of curve its name in the choice, its name along the axis, and the factor of its values."""
_MARKS = 6
"""Markers on a line, at most: a large run has a thousand lines."""
_ROW, _GAP = 190, 95
"""Pixels of a panel, and between two rows of them."""
_TITLE = 40
"""Pixels of a panel's title."""
_ASIDE = 0.06
"""Gap between two panels, as a share of the width."""


def widest(frames: Frames) -> str:
    """Sentence on where the ways of learning end furthest apart, with the lowest and the highest of them."""
    first = next(iter(panels(frames)), None)
    if first is None or not first.spread:
        return ""
    low, high = first.ends
    return (
        f"{first.network} on {first.target}: validation accuracy ends at {100 * low.end:.0f} % ({low.told}), at "
        f"{100 * high.end:.0f} % ({high.told})"
    )


@chart(title="Learning curves", section="transfer", needs=("top1",), finding=widest)
def learning_curves(frames: Frames) -> go.Figure:
    """Means over folds and seeds by optimizer step; dashed: with augmentation. Each panel has its own scale."""
    every = panels(frames)
    kinds = [kind for kind in _KINDS if any(line.has(kind) for panel in every for line in panel.lines)]
    if not kinds:
        raise NoData("no training of this run kept a learning curve")
    lines = [(i, line, kind) for i, panel in enumerate(every) for line in panel.lines for kind in kinds]
    figure = go.Figure([_trace(line, kind, every[i]) for i, line, kind in lines])
    key = [go.Scatter(entry) for entry in _key(every)]
    figure.add_traces(key)
    choices = dict.fromkeys((min(COLUMNS, len(every)), len(every)))
    buttons = [_button(every[:count], kind, lines, key, len(every)) for kind in kinds for count in choices]
    first, layout = buttons[0]["args"]
    for name, values in first.items():
        for trace, value in zip(figure.data, values, strict=True):
            trace[name] = value
    figure.update_layout(layout)
    if len(buttons) > 1:
        # the page makes a field of it; a picture shows the first choice
        figure.update_layout(updatemenus=[{"name": "Curve", "buttons": buttons, "visible": False}])
    return figure


def _button(
    shown: Sequence[CurvePanel],
    kind: Kind,
    lines: Sequence[tuple[int, CurveLine, Kind]],
    key: Sequence[Any],
    of: int,
) -> dict[str, Any]:
    """Button that shows these panels alone, with one kind of curve."""
    is_shown = [i < len(shown) and own == kind for i, _, own in lines]
    # a trace that is not seen has its axes drawn all the same, so it has those of the first panel
    numbers = ["" if i in (0, *range(len(shown), of)) else str(i + 1) for i, _, _ in lines] + [""] * len(key)
    which = f"all {of}" if len(shown) == of else f"the {len(shown)} most telling of {of}"
    place = {"visible": is_shown + [True] * len(key)} | {f"{a}axis": [f"{a}{n}" for n in numbers] for a in "xy"}
    label = f"{_KINDS[kind][0]}, {which}"
    return {"label": label, "method": "update", "args": [place, _layout(shown, kind)]}


def _layout(shown: Sequence[CurvePanel], kind: Kind) -> dict[str, Any]:
    """Axes and titles of panels, row by row."""
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    height = rows * _ROW + (rows - 1) * _GAP
    wide = (1 - _ASIDE * (columns - 1)) / columns
    layout: dict[str, Any] = {
        "height": height + 190,
        "annotations": [],
        "legend": {"y": 1 + _TITLE / height},
        "margin": {"t": 62},
    }
    for i, panel in enumerate(shown):
        row, col = divmod(i, columns)
        left, top = col * (wide + _ASIDE), 1 - row * (_ROW + _GAP) / height
        number = "" if not i else str(i + 1)
        below = {"text": "Step"} if i >= len(shown) - columns else {}
        layout[f"xaxis{number}"] = {"domain": [left, min(1, left + wide)], "anchor": f"y{number}", "title": below}
        layout[f"yaxis{number}"] = {
            "domain": [max(0, top - _ROW / height), top],
            "anchor": f"x{number}",
            "title": {"text": _KINDS[kind][1] if not col else ""},
            **({} if kind == "val" else {"type": "log", "tickformat": "~g", "nticks": 5}),
        }
        layout["annotations"].append(_heading(panel, left + wide / 2, top))
    return layout


def _heading(panel: CurvePanel, x: float, top: float) -> dict[str, Any]:
    where = {"x": x, "y": top, "xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom"}
    return {**where, "text": panel.title, "showarrow": False, "font": {"size": 12}}


def _key(every: Sequence[CurvePanel]) -> Iterator[dict[str, Any]]:
    lines = [line for panel in every for line in panel.lines]
    starts, parts = {line.start for line in lines}, {line.part for line in lines}
    augmented = any(line.augmentation for line in lines)
    yield from key_entries(
        [start for start in STARTS if start in starts], [part for part in TRAINED if part in parts], ""
    )
    if augmented:
        dashed = {"color": style.GREY, "dash": "dash"}
        yield {"x": [None], "y": [None], "mode": "lines", "name": "dashed: with augmentation", "line": dashed}


def _trace(line: CurveLine, kind: Kind, panel: CurvePanel) -> dict[str, Any]:
    """The mean over trainings by step; of those that ended early, as far as they went."""
    part: pd.DataFrame = line.means.dropna(subset=[kind])
    colour = START_COLOURS[line.start]
    words = [""] * (len(part) - 1) + [line.short] if panel.has_twin(line) and len(part) else []
    return {
        "type": "scatter",
        "x": list(part.index),
        "y": [_KINDS[kind][2] * value for value in part[kind]],
        "name": line.told,
        "showlegend": False,
        "mode": "lines+markers+text" if words else "lines+markers",
        **({"text": words, "textposition": "top left", "textfont": {"size": 10}} if words else {}),
        "line": {"color": colour, "dash": "dash" if line.augmentation else "solid"},
        "marker": {"color": colour, "symbol": TRAINED_SYMBOLS[line.part], "size": 6, "maxdisplayed": _MARKS},
        "customdata": [f"n = {n}" for n in part["n"]],
        "meta": style.opens([panel.network] * len(part)),
        "hovertemplate": f"{line.told}<br>step %{{x}}: %{{y:.3~g}}, %{{customdata}}<extra></extra>",
    }
