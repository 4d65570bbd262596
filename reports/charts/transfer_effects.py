"""Charts of the effect of one changed condition on accuracy, with the interval of each difference."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go

from bench.compare.experiments.contrasts import Family
from reports.charts import NoData, chart
from reports.charts._forest import ForestLine, Mark, PooledRow, forest, grouped, mark_of, telling
from reports.learning.effects import design, effects_of
from reports.learning.overall import whole
from reports.learning.telling.gains import gain, is_mixed
from reports.learning.telling.labels import short_labels
from reports.tidy.frame import Frames

MOST = 14
"""Rows that a chart shows; the table has all."""


@chart(
    title="Accuracy gained by pretraining",
    section="transfer",
    needs=("top1",),
    finding=partial(gain, family="pretraining"),
)
def pretraining_effect(frames: Frames) -> go.Figure:
    """Accuracy after fine-tuning pretrained weights minus accuracy after training from scratch."""
    return _forest(frames, "pretraining", "no architecture was trained both from a checkpoint and from scratch")


@chart(
    title="Accuracy gained by augmentation",
    section="transfer",
    needs=("top1",),
    finding=partial(gain, family="augmentation"),
)
def augmentation_effect(frames: Frames) -> go.Figure:
    """Accuracy with augmented training images minus accuracy without augmentation."""
    return _forest(frames, "augmentation", "no cell was trained both with and without augmentation")


@chart(
    title="Accuracy gained by fine-tuning",
    section="transfer",
    needs=("top1",),
    finding=partial(gain, family="tuning"),
)
def tuning_effect(frames: Frames) -> go.Figure:
    """Accuracy after fine-tuning minus accuracy of a head on the fixed features of the same weights."""
    return _forest(frames, "tuning", "no architecture was both fine-tuned and used for its fixed features")


@chart(
    title="Accuracy gained by other strategies",
    section="transfer",
    needs=("top1",),
    finding=partial(gain, family="strategy"),
)
def strategy_effect(frames: Frames) -> go.Figure:
    """Accuracy with another strategy minus accuracy with the usual one; the two differ in one thing."""
    return _forest(frames, "strategy", "no architecture was transferred in two ways that differ in one thing")


def _forest(frames: Frames, family: Family, nothing: str) -> go.Figure:
    every = [(effect, mark) for effect in effects_of(frames, family) if (mark := mark_of(effect))]
    if not every:
        raise NoData(nothing)
    labels = short_labels(frames, family, [effect for effect, _ in every])
    lines = [ForestLine(effect, label, mark) for (effect, mark), label in zip(every, labels, strict=True)]
    shown = telling(lines, MOST)
    margin = 100 * design(frames).margin
    part = f"{len(shown)} of {len(lines)} comparisons, decided ones and the largest first; the table has all"
    note = part if len(shown) < len(lines) else ""
    return forest(grouped(shown), _pooled(frames, family), margin, note)


def _pooled(frames: Frames, family: Family) -> PooledRow | None:
    over = whole(frames, family)
    if over is None or over.pooled is None or is_mixed(over):
        return None
    label = f"higher in {over.higher} of {over.compared}"
    mark = Mark.of(over.pooled.mean, over.pooled.interval)
    return PooledRow(mark, f"over {over.pooled.n} networks", label)
