"""Scatter charts of architectures: one marker each, coloured by era, named where there is room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from reports.drawing import labels, style
from reports.drawing.eras import ERAS, Era
from reports.drawing.style import opens
from reports.formats import NOISY

_WIDTH = 860.0
"""Width in pixels that names are placed for."""
_NORMAL = 10.0
UNKNOWN = "era not known"
"""Legend's name for the era of networks whose layers the run did not count."""


@dataclass(frozen=True)
class Ball:
    """One architecture on a chart."""

    name: str
    era: Era | None
    """Era; None where it is not known, so that the ball is grey."""
    x: float | None
    """Place on the x axis; None where there is none: the ball is not drawn, but keeps its place among the
    others."""
    y: float | None
    """The same."""
    symbol: str
    hover: str
    """Text below the name; `<br>` separates lines."""
    diameter: float = _NORMAL
    low: float | None = None
    high: float | None = None
    """Bounds of y, drawn where they are known."""
    named: bool = True
    """Whether its name stands beside it, where there is room."""
    card: str = ""
    """The architecture whose card a click opens, where the name is not that of an architecture alone."""


def add_balls(
    figure: go.Figure,
    balls: Sequence[Ball],
    *,
    height: float,
    log_x: bool = False,
    log_y: bool = False,
    row: int = 1,
    sides: Sequence[str] = labels.SIDES,
) -> None:
    """Draw balls, one trace per era, so that the legend hides and shows eras.

    A ball at zero, such as a model without MACs, has no place on a logarithmic axis and is left out.

    Args:
        figure: made by plotly's `make_subplots`.
        balls: points to draw.
        height: height in pixels of the drawing area for which names are placed.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic.
        row: panel to draw into.
        sides: sides of a point on which its name may stand, the best first.
    """
    balls = [ball for ball in balls if _shown(ball.x, log_x) and _shown(ball.y, log_y)]
    add_all_balls(figure, balls, height=height, log=(log_x, log_y), row=row, sides=sides)


def add_all_balls(
    figure: go.Figure,
    balls: Sequence[Ball],
    *,
    height: float,
    log: tuple[bool, bool] = (False, False),
    row: int = 1,
    sides: Sequence[str] = labels.SIDES,
) -> None:
    """Draw balls as `add_balls` does, those without x too: the traces are the same whatever the x axis shows.

    Args:
        figure: made by plotly's `make_subplots`.
        balls: points to draw.
        height: height in pixels of the drawing area for which names are placed.
        log: whether the x axis and the y axis are logarithmic.
        row: panel to draw into.
        sides: sides of a point on which its name may stand, the best first.
    """
    found = _places(balls, height, log, sides)
    known = {trace.legendgroup for trace in figure.data}
    for era in (*ERAS, None):
        members = sorted((ball for ball in balls if ball.era == era), key=lambda ball: ball.symbol)
        if not members:
            continue
        name = era or UNKNOWN
        colour = style.ERA_COLOURS[era] if era else style.GREY
        figure.add_scatter(
            x=[ball.x for ball in members],
            y=[ball.y for ball in members],
            mode="markers+text",
            name=name,
            legendgroup=name,
            showlegend=name not in known,
            text=[ball.name if found.get(ball) else "" for ball in members],
            textposition=[found.get(ball) or "middle right" for ball in members],
            textfont={"size": 11},
            customdata=[[ball.name, ball.hover] for ball in members],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
            meta=opens(ball.card or ball.name for ball in members),
            marker={
                "symbol": [ball.symbol for ball in members],
                "size": [ball.diameter for ball in members],
                "color": colour,
                "opacity": 0.85,
                "line": {"width": 1.5, "color": colour},
            },
            error_y=_bars(members, colour),
            cliponaxis=False,
            row=row,
            col=1,
        )


def noise(noisy: Iterable[bool]) -> str:
    """Note for the title of an axis on its noisy figures: `, 2 noisy`; empty without any."""
    count = sum(noisy)
    return f", {count} {NOISY}" if count else ""


def area(value: float, largest: float) -> float:
    """Diameter in pixels of a ball whose area is proportional to `value`, at least 6."""
    return max(6.0, 46.0 * math.sqrt(value / largest))


def _bars(balls: Sequence[Ball], colour: str) -> dict[str, Any] | None:
    """plotly's error bars, for those balls that have bounds; None where none has."""
    if all(ball.low is None or ball.high is None for ball in balls):
        return None
    over = [None if ball.high is None or ball.y is None else ball.high - ball.y for ball in balls]
    under = [None if ball.low is None or ball.y is None else ball.y - ball.low for ball in balls]
    bars = {"type": "data", "symmetric": False, "array": over, "arrayminus": under}
    return bars | {"color": colour, "thickness": 1, "width": 3}


def _shown(value: float | None, log: bool) -> bool:
    return value is not None and (value > 0 or not log)


def _places(balls: Iterable[Ball], height: float, log: tuple[bool, bool], sides: Sequence[str]) -> dict[Ball, str]:
    """Place of the name of each ball; empty where it has no room."""
    shown = [(ball, ball.x, ball.y) for ball in balls if ball.x is not None and ball.y is not None]
    if not shown:
        return {}
    xs = labels.pixels([math.log10(x) if log[0] else x for _, x, _ in shown], _WIDTH)
    ys = labels.pixels([math.log10(y) if log[1] else y for _, _, y in shown], height)
    points = [
        labels.MarkerPoint(x, y, ball.diameter / 2, ball.name if ball.named else "")
        for x, y, (ball, _, _) in zip(xs, ys, shown, strict=True)
    ]
    found = labels.place(points, _WIDTH, sides)
    return {ball: side for (ball, _, _), side in zip(shown, found, strict=True) if ball.named}
