"""Scatter charts of architectures: one marker each, coloured by family, named where there is room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from reports import labels, style

_WIDTH = 860.0
"""Width in pixels that names are placed for."""
_NORMAL = 10.0


@dataclass(frozen=True)
class Ball:
    """One architecture on a chart."""

    name: str
    family: str
    x: float
    y: float
    symbol: str
    hover: str
    """What to say below the name; `<br>` separates lines."""
    diameter: float = _NORMAL


def add_balls(
    figure: go.Figure,
    balls: Sequence[Ball],
    *,
    families: Iterable[str],
    height: float,
    log_x: bool = False,
    log_y: bool = False,
    row: int = 1,
    sides: Sequence[str] = labels.SIDES,
) -> None:
    """Draw balls, one trace a family, so that the legend hides and shows families.

    A ball at zero, such as a model without MACs, has no place on a logarithmic axis and is left out.

    Args:
        figure: made by plotly's `make_subplots`.
        balls: what to draw.
        families: all families of the run, in the order that fixes their colours on every chart.
        height: of the drawing area, in pixels, for which names are placed.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic.
        row: panel to draw into.
        sides: where names may stand, the best place first.
    """
    balls = [ball for ball in balls if (ball.x > 0 or not log_x) and (ball.y > 0 or not log_y)]
    if not balls:
        return
    names = list(families)
    colour, outline = style.colours(names), style.outlines(names)
    found = dict(zip(balls, labels.place(_points(balls, height, log_x, log_y), _WIDTH, sides), strict=True))
    known = {trace.legendgroup for trace in figure.data}
    for family in dict.fromkeys(ball.family for ball in balls):
        members = sorted((ball for ball in balls if ball.family == family), key=lambda ball: ball.symbol)
        figure.add_scatter(
            x=[ball.x for ball in members],
            y=[ball.y for ball in members],
            mode="markers+text",
            name=family,
            legendgroup=family,
            showlegend=family not in known,
            text=[ball.name if found[ball] else "" for ball in members],
            textposition=[found[ball] or "middle right" for ball in members],
            textfont={"size": 10},
            customdata=[[ball.name, ball.hover] for ball in members],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
            marker={
                "symbol": [ball.symbol for ball in members],
                "size": [ball.diameter for ball in members],
                "color": colour.get(family, style.GREY),
                "opacity": 0.85,
                "line": {"width": 1.5, "color": outline.get(family, style.GREY)},
            },
            cliponaxis=False,
            row=row,
            col=1,
        )


def area(value: float, largest: float) -> float:
    """Diameter in pixels of a ball whose area is proportional to `value`, at least 6."""
    return max(6.0, 46.0 * math.sqrt(value / largest))


def _points(balls: Sequence[Ball], height: float, log_x: bool, log_y: bool) -> list[labels.Point]:
    xs = labels.pixels([math.log10(ball.x) if log_x else ball.x for ball in balls], _WIDTH)
    ys = labels.pixels([math.log10(ball.y) if log_y else ball.y for ball in balls], height)
    return [labels.Point(x, y, ball.diameter / 2, ball.name) for x, y, ball in zip(xs, ys, balls, strict=True)]
