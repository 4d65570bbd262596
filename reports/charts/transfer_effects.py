"""What one changed condition does to accuracy, with the interval of each difference."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from bench.compare.experiments.contrasts import Family
from bench.statistics.intervals import Interval
from reports.charts import NoData, chart
from reports.drawing import style
from reports.learning.effects import Effect, design, effects_of
from reports.learning.overall import Overall, whole
from reports.tidy.frame import Frames

_LINE = 64
"""Characters."""
_BAND = "rgba(138, 138, 138, 0.18)"
"""Behind differences that are within the margin."""


@dataclass(frozen=True)
class Mark:
    """A difference and its bounds, in points."""

    mean: float
    low: float
    high: float


@chart(title="Effect of pretraining", section="transfer", needs=("top1",))
def pretraining_effect(frames: Frames) -> go.Figure:
    """Accuracy fine-tuned from a checkpoint less from scratch, with intervals that all hold at once."""
    return _forest(frames, "pretraining", "no architecture was trained both from a checkpoint and from scratch")


@chart(title="Effect of augmentation", section="transfer", needs=("top1",))
def augmentation_effect(frames: Frames) -> go.Figure:
    """Accuracy with an augmentation less without, with intervals that all hold at once."""
    return _forest(frames, "augmentation", "no cell was trained both with and without augmentation")


@chart(title="Fine-tuning against fixed features", section="transfer", needs=("top1",))
def tuning_effect(frames: Frames) -> go.Figure:
    """Accuracy fine-tuned less that of a head on fixed features, with intervals that all hold at once."""
    return _forest(frames, "tuning", "no architecture was both fine-tuned and used for its fixed features")


@chart(title="Effect of the strategy", section="transfer", needs=("top1",))
def strategy_effect(frames: Frames) -> go.Figure:
    """Accuracy with another way of transfer less that of the plain one, with intervals that all hold at once."""
    return _forest(frames, "strategy", "no architecture was transferred in two ways that differ in one thing")


def mark_of(effect: Effect) -> Mark | None:
    """Where a chart has an effect; None without a pair."""
    if effect.found is None:
        return None
    return _mark(effect.found.mean, effect.found.interval)


def whiskers(marks: Sequence[Mark]) -> dict[str, Any]:
    """The bounds of marks, as plotly draws them."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [mark.high - mark.mean for mark in marks],
        "arrayminus": [mark.mean - mark.low for mark in marks],
        "thickness": 1.3,
    }


def _mark(mean: float, interval: Interval | None) -> Mark:
    """Without an interval the bounds are the mean itself: there are no whiskers."""
    low, high = (interval.low, interval.high) if interval else (mean, mean)
    return Mark(100 * mean, 100 * low, 100 * high)


def _forest(frames: Frames, family: Family, nothing: str) -> go.Figure:
    effects = [effect for effect in effects_of(frames, family) if effect.found]
    if not effects:
        raise NoData(nothing)
    over = whole(frames, family)
    names = {_name(effect): effect for effect in effects}
    figure = go.Figure()
    for answer in style.VERDICTS:
        _answers(figure, answer, {name: effect for name, effect in names.items() if effect.answer == answer})
    rows = [*names, *(_pooled(figure, over) if over else ())]
    margin = 100 * design(frames).margin
    figure.add_vrect(-margin, margin, fillcolor=_BAND, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": style.GREY, "width": 1})
    lines = max(1 + name.count("<br>") for name in rows)
    figure.update_layout(height=150 + max(36, 15 * lines) * len(rows), meta={"long_names": True})
    figure.update_yaxes(categoryorder="array", categoryarray=rows[::-1], range=[-0.7, len(rows) - 0.3])
    figure.update_xaxes(title_text=f"Difference (points; grey: within {margin:g})")
    return figure


def _answers(figure: go.Figure, answer: Any, effects: dict[str, Effect]) -> None:
    """The effects of one answer, with the mark of it."""
    colour, symbol = style.VERDICTS[answer]
    marks = [mark for effect in effects.values() if (mark := mark_of(effect))]
    figure.add_scatter(
        x=[mark.mean for mark in marks],
        y=list(effects),
        mode="markers+text",
        # what few seeds show is told where it is seen
        text=[e.told.partition(": ")[2] for e in effects.values()],
        textposition=["middle left" if mark.mean > 0 else "middle right" for mark in marks],
        name=answer,
        marker={"color": colour, "symbol": symbol, "size": 10},
        error_x=whiskers(marks),
        customdata=[f"{e.told}, n = {e.found.n if e.found else 0} pairs" for e in effects.values()],
        hovertemplate="%{y}<br><b>%{x:+.1f} points</b>: %{customdata}<extra></extra>",
    )


def _pooled(figure: go.Figure, over: Overall) -> Sequence[str]:
    """The effect over all networks, in a row of its own; returns the row's name."""
    if over.pooled is None:
        return ()
    mark = _mark(over.pooled.mean, over.pooled.interval)
    name = f"<b>over {over.pooled.n} networks</b><br>higher in {over.higher} of {over.compared}"
    colour, symbol = style.POOLED
    figure.add_scatter(
        x=[mark.mean],
        y=[name],
        mode="markers",
        name="over networks (95 %)",
        marker={"color": colour, "symbol": symbol, "size": 14},
        error_x=whiskers([mark]),
        hovertemplate="%{y}<br><b>%{x:+.1f} points</b>, random effects<extra></extra>",
    )
    return (name,)


def _name(effect: Effect) -> str:
    """In lines that a phone has room for."""
    words = f"{effect.treatment} ({effect.condition})" if effect.condition else effect.treatment
    lines = textwrap.wrap(words, _LINE, break_long_words=False, break_on_hyphens=False)
    return "<br>".join([f"{effect.architecture} → {effect.target}", *lines])
