"""How training went."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.drawing import style
from reports.learning.scenarios import NO_AUGMENTATION, joined, trainings, with_names
from reports.tidy.frame import Frames

COLUMNS = 2
"""Of panels."""
_MARKS = 6
"""Markers on a line, at most: a large run has a thousand lines."""
_LINE = ["panel", "scenario", "augmentation"]
"""What a line is of."""


@chart(title="Learning curves", section="transfer", needs=("top1",))
def learning_curves(frames: Frames) -> go.Figure:
    """Accuracy on validation images while training, mean over folds and seeds."""
    return _curves(frames, "val", "Validation accuracy (%)", lambda share: 100 * share)


@chart(title="Training loss", section="transfer", needs=("top1",))
def loss_curves(frames: Frames) -> go.Figure:
    """Loss on the training batches, mean over folds and seeds."""
    return _curves(frames, "loss", "Training loss", lambda loss: loss)


@chart(title="Validation loss", section="transfer", needs=("top1",))
def validation_loss_curves(frames: Frames) -> go.Figure:
    """Loss on validation images while training, mean over folds and seeds: where it rises, the model overfits."""
    return _curves(frames, "val_loss", "Validation loss", lambda loss: loss)


def _curves(frames: Frames, column: str, label: str, convert: Callable[[float], float]) -> go.Figure:
    points = with_names(frames, frames.curves.dropna(subset=[column]))
    if points.empty:
        raise NoData(f"no training of this run kept a curve of the {label.removesuffix(' (%)').lower()}")
    rows = zip(points["architecture"], points["target"], points["setting"], strict=True)
    points = points.assign(panel=[joined(f"{name}<br>→ {target}", setting) for name, target, setting in rows])
    panels = list(dict.fromkeys(points["panel"]))
    figure = _panels(panels, label)
    by_epoch = bool(points["epoch"].notna().all())
    looks = style.looks(trainings(frames)["scenario"])
    shown: set[str] = set()
    # one pass for all lines: a large run has a thousand
    means = points.groupby([*_LINE, "step"], sort=False).agg(
        mean=(column, "mean"), epoch=("epoch", "mean"), n=("key", "nunique")
    )
    lines, places = [], []
    for names, part in means.groupby(level=[0, 1, 2], sort=False):
        panel, scenario, augmentation = map(str, names)
        line = _line(part.droplevel([0, 1, 2]).sort_index(), scenario, augmentation, convert, by_epoch=by_epoch)
        drawn = _drawn(looks[scenario], "solid" if augmentation == NO_AUGMENTATION else "dash")
        lines.append(line | drawn | {"showlegend": scenario not in shown})
        places.append(divmod(panels.index(panel), COLUMNS))
        shown.add(scenario)
    # all at once: plotly checks a trace twice that is added by itself
    figure.add_traces(lines, rows=[row + 1 for row, _ in places], cols=[col + 1 for _, col in places])
    figure.add_scatter(
        x=[None], y=[None], mode="lines", name="with augmentation", line={"color": style.GREY, "dash": "dash"}
    )
    style.title_below(figure, "Epoch" if by_epoch else "Step", len(panels), min(COLUMNS, len(panels)))
    return figure


def _panels(panels: Sequence[str], label: str) -> go.Figure:
    rows = -(-len(panels) // COLUMNS)
    figure = make_subplots(
        **style.panels(len(panels), min(COLUMNS, len(panels))),
        subplot_titles=panels,
        vertical_spacing=0.3 / rows,
        horizontal_spacing=0.08,
        shared_yaxes="all",
    )
    figure.update_layout(height=270 * rows + 120)
    style.room_for_titles(figure)
    figure.update_yaxes(title_text=label, col=1)
    return figure


def _drawn(look: style.Look, dash: str) -> dict[str, object]:
    marker = {"color": look.colour, "symbol": look.symbol, "size": 6, "maxdisplayed": _MARKS}
    return {"mode": "lines+markers", "line": {"color": look.colour, "dash": dash}, "marker": marker}


def _line(
    mean: pd.DataFrame,
    name: str,
    augmentation: str,
    convert: Callable[[float], float],
    *,
    by_epoch: bool,
) -> dict[str, object]:
    """The mean over trainings by step; of those that ended early, as far as they went."""
    return {
        "type": "scatter",
        "x": mean["epoch"] if by_epoch else mean.index,
        "y": [convert(value) for value in mean["mean"]],
        "name": name,
        "legendgroup": name,
        "customdata": [f"step {step}, n = {n}" for step, n in mean["n"].items()],
        "hovertemplate": (
            f"{name}, augmentation {augmentation}<br>{'epoch' if by_epoch else 'step'} %{{x:.3g}}: %{{y:.2f}}, "
            "%{customdata}<extra></extra>"
        ),
    }
