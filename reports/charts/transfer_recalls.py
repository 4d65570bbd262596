"""Charts of the classes that are recognised worst, where classes are unequal."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import NoData, chart
from reports.drawing import style
from reports.learning.classes.recalls import Recall
from reports.learning.classes.unequal import Unequal, unequal_targets
from reports.learning.scenarios import NO_AUGMENTATION, joined
from reports.learning.telling.ways import way_told
from reports.tidy.frame import Frames, rows_of

_MOST = 12
"""Classes of a panel."""
_ROW = 26
"""Pixels of a class."""
_MARGIN = 3.0
"""Points below the lowest bound."""


def worst_told(frames: Frames) -> str:
    """The class of each target that is recognised worst."""
    found = []
    for item in unequal_targets(frames):
        worst = _worst(item)[0]
        found.append(f"{worst.name} in {item.target} ({100 * worst.share:.0f} % of {worst.images} test images)")
    return f"Recognised worst: {'; '.join(found)}" if 0 < len(found) < 4 else ""


@chart(title="Worst classes where classes are unequal", section="transfer", needs=("top1",), finding=worst_told)
def worst_classes(frames: Frames) -> go.Figure:
    """Share of each class's test images that is recognised; dotted: top-1, dashed: balanced accuracy.

    Of each target the scenario that is best on validation images; the interval is Wilson's.
    """
    targets = unequal_targets(frames)
    if not targets:
        raise NoData("no target of this run has unequal classes")
    figure = make_subplots(rows=len(targets), cols=1, subplot_titles=[_title(item) for item in targets])
    for row, item in enumerate(targets, start=1):
        figure.add_trace(_marks(_worst(item)), row=row, col=1)
        for value, dash in ((item.top1, "dot"), (item.balanced.mean, "dash")):
            figure.add_vline(x=100 * value, line={"dash": dash, "color": style.GREY, "width": 1.5}, row=row, col=1)
        figure.update_xaxes(range=_range(item), ticksuffix=" %", row=row, col=1)
        figure.update_yaxes(type="category", autorange="reversed", row=row, col=1)
    figure.update_xaxes(title_text="Recall (95 % interval)", row=len(targets), col=1)
    height = sum(_ROW * min(_MOST, len(item.recalls)) + 100 for item in targets)
    figure.update_layout(height=height + 40, showlegend=False, margin={"t": 60})
    figure.update_annotations(font_size=12)
    return figure


def _worst(item: Unequal) -> list[Recall]:
    return sorted(item.recalls, key=lambda recall: recall.share)[:_MOST]


def _range(item: Unequal) -> tuple[float, float]:
    """Up to all, from a little below the lowest bound and line."""
    lows = [i.low if (i := recall.interval) else recall.share for recall in _worst(item)]
    return max(-1.0, 100 * min(*lows, item.top1, item.balanced.mean) - _MARGIN), 101.0


def _title(item: Unequal) -> str:
    first = rows_of(item.good.head(1))[0]
    augmentation = str(first["augmentation"])
    augmented = "" if augmentation == NO_AUGMENTATION else f"augmented: {augmentation}"
    words = joined(way_told(first), augmented, str(first["setting"]))
    figures = f"top-1 {100 * item.top1:.1f} %, balanced accuracy {100 * item.balanced.mean:.1f} %"
    return f"<b>{item.target}</b>: {first['architecture']}, {words}<br>{figures}"


def _marks(worst: list[Recall]) -> go.Scatter:
    bounds = pd.DataFrame(
        [(i.low, i.high) if (i := item.interval) else (item.share, item.share) for item in worst],
        columns=["low", "high"],
    )
    shares = [item.share for item in worst]
    return go.Scatter(
        x=[100 * share for share in shares],
        y=[f"{item.name} ({item.images})" for item in worst],
        mode="markers",
        marker={"color": style.COLOURS[0], "size": 8},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": list(100 * (bounds["high"] - shares)),
            "arrayminus": list(100 * (shares - bounds["low"])),
            "thickness": 1.3,
        },
        hovertemplate="%{y} images: %{x:.1f} %<extra></extra>",
    )
