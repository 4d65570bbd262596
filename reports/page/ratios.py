"""Two runs side by side, as ratios and as differences with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log

import plotly.graph_objects as go

from bench.compare.verdict import VERDICTS, Comparison
from reports import formats
from reports.charts import NoData
from reports.comparing.pairing import Compared, figure
from reports.drawing import style
from reports.drawing.ticks import labelled, linear_axis, ticks

MOST = 40
"""Rows of a chart; those beyond are in the table."""
_LOOKS = {
    "regression": ("#D55E00", "triangle-down"),
    "erratic": ("#CC79A7", "square"),
    "improvement": ("#009E73", "triangle-up"),
    "changed": ("#0072B2", "diamond"),
    "undecided": (style.GREY, "circle-open"),
    "fine": (style.GREY, "circle"),
}


def ratios(compared: Compared) -> go.Figure:
    """Second run over first run, of every cell whose figures were compared; the gravest verdict first.

    Raises:
        NoData: no figures were compared.
    """
    known = [item for item in compared.found if item.ratio and not item.share and _decides(item)]
    items = sorted(known, key=lambda item: (VERDICTS.index(item.verdict), -abs(log(item.ratio or 1.0))))[:MOST]
    if not items:
        raise NoData("the runs have no figures whose ratio would say something")
    bounds = [(item.low, item.high) if item.low and item.high else None for item in items]
    drawn = _forest(items, [item.ratio or 1.0 for item in items], bounds, "%{x:.3f}")
    low, high = 1 / (1 + compared.tolerance), 1 + compared.tolerance
    drawn.add_vrect(x0=low, x1=high, fillcolor=style.GREY, opacity=0.14, line_width=0, layer="below")
    drawn.add_vline(x=1, line={"color": style.GREY, "width": 1})
    ends = [ratio for item in items for ratio in (item.low, item.high, item.ratio) if ratio]
    axis = labelled(ticks([*ends, low, high]), formats.TIMES)
    drawn.update_xaxes(type="log", title_text="Second run over first run", **axis)
    return drawn


def differences(compared: Compared) -> go.Figure:
    """Second run less first run in points, of every training that both have; the gravest verdict first.

    Raises:
        NoData: the runs share no training.
    """
    both = [item for item in compared.found if item.share and item.base is not None and item.head is not None]
    known = [item for item in both if _decides(item)]
    items = sorted(known, key=lambda item: (VERDICTS.index(item.verdict), -abs(_change(item))))[:MOST]
    if not items:
        raise NoData("no training came out differently" if both else "the runs have no training in common")
    values = [_change(item) for item in items]
    bounds = [
        (100 * item.low, 100 * item.high) if item.low is not None and item.high is not None else None
        for item in items
    ]
    drawn = _forest(items, values, bounds, "%{x:+.1f} points")
    drawn.add_vline(x=0, line={"color": style.GREY, "width": 1})
    ends = [end for pair in bounds if pair for end in pair]
    axis = linear_axis([*values, *ends, 0.0], "points")
    drawn.update_xaxes(title_text="Second run minus first run (points)", **axis)
    return drawn


def _change(item: Comparison) -> float:
    """Change in points."""
    return 100 * ((item.head or 0.0) - (item.base or 0.0))


def _decides(item: Comparison) -> bool:
    """Whether its point could stand anywhere but at "equal"."""
    return item.low is not None or item.base != item.head


def _forest(
    items: Sequence[Comparison],
    values: Sequence[float],
    bounds: Sequence[tuple[float, float] | None],
    form: str,
) -> go.Figure:
    names = [escape(item.cell, quote=False) for item in items]
    drawn = go.Figure()
    for verdict, (colour, symbol) in _LOOKS.items():
        chosen = [i for i, item in enumerate(items) if item.verdict == verdict]
        if not chosen:
            continue
        spans = [bounds[i] or (values[i], values[i]) for i in chosen]
        drawn.add_scatter(
            x=[values[i] for i in chosen],
            y=[names[i] for i in chosen],
            mode="markers",
            name=verdict,
            marker={"color": colour, "symbol": symbol, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - values[i] for i, (_, high) in zip(chosen, spans, strict=True)],
                "arrayminus": [values[i] - low for i, (low, _) in zip(chosen, spans, strict=True)],
                "thickness": 1.4,
            },
            customdata=[_words(items[i]) for i in chosen],
            hovertemplate=f"%{{y}}<br><b>{form}</b>: {verdict}<br>%{{customdata}}<extra></extra>",
        )
    drawn.update_layout(height=150 + 26 * len(names), meta={"long_names": True}, showlegend=True)
    drawn.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.7, len(names) - 0.3])
    return drawn


def _words(item: Comparison) -> str:
    words = f"{figure(item, item.base)} → {figure(item, item.head)}; {item.note}"
    return escape(words, quote=False)
