"""What one changed condition does to accuracy, with the interval of each difference."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from reports.charts import NoData, chart
from reports.drawing import style
from reports.learning.effects import Effect, augmentation_effects, pretraining_effects
from reports.learning.strategies import strategy_effects
from reports.tidy.frame import Frames

_LINE = 64
"""Characters."""


@chart(title="Effect of augmentation", section="transfer", needs=("top1",))
def augmentation_effect(frames: Frames) -> go.Figure:
    """Accuracy with less without, paired by fold and seed, with the 95 % interval of each difference alone."""
    return _forest(augmentation_effects(frames), "no cell was trained both with and without augmentation")


@chart(title="Effect of pretraining", section="transfer", needs=("top1",))
def pretraining_effect(frames: Frames) -> go.Figure:
    """Accuracy fine-tuned from a checkpoint less from scratch, paired by fold and seed."""
    return _forest(
        pretraining_effects(frames), "no architecture was trained both from a checkpoint and from scratch"
    )


@chart(title="Effect of the strategy", section="transfer", needs=("top1",))
def strategy_effect(frames: Frames) -> go.Figure:
    """Accuracy with another way of transfer less that of the plain one, paired by fold and seed."""
    return _forest(
        strategy_effects(frames), "no architecture was transferred in two ways that differ in one thing"
    )


def _forest(effects: Sequence[Effect], nothing: str) -> go.Figure:
    if not effects:
        raise NoData(nothing)
    names = [_name(effect) for effect in effects]
    lines = max(1 + name.count("<br>") for name in names)
    figure = go.Figure()
    for verdict, (colour, symbol) in style.VERDICTS.items():
        chosen = [(name, e.difference) for name, e in zip(names, effects, strict=True)]
        chosen = [(name, difference) for name, difference in chosen if difference.verdict == verdict]
        means = [100 * difference.mean for _, difference in chosen]
        bounds = [difference.interval for _, difference in chosen]
        figure.add_scatter(
            x=means,
            y=[name for name, _ in chosen],
            mode="markers",
            name=verdict,
            marker={"color": colour, "symbol": symbol, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * b.high - m if b else 0 for b, m in zip(bounds, means, strict=True)],
                "arrayminus": [m - 100 * b.low if b else 0 for b, m in zip(bounds, means, strict=True)],
                "thickness": 1.4,
            },
            customdata=[f"n = {difference.n} pairs" for _, difference in chosen],
            hovertemplate=f"%{{y}}<br><b>%{{x:+.1f}} points</b>: {verdict}, %{{customdata}}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": style.GREY, "width": 1})
    figure.update_layout(height=150 + max(36, 15 * lines) * len(names), meta={"long_names": True})
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.7, len(names) - 0.3])
    figure.update_xaxes(title_text="Difference in accuracy (points)")
    return figure


def _name(effect: Effect) -> str:
    """In lines that a phone has room for."""
    words = f"{effect.treatment} ({effect.condition})"
    lines = textwrap.wrap(words, _LINE, break_long_words=False, break_on_hyphens=False)
    return "<br>".join([f"{effect.architecture} → {effect.target}", *lines])
