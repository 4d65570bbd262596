"""Chart of the figures of the lessons' arms, seed by seed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from statistics import fmean
from typing import Any

import plotly.graph_objects as go

from bench.compare.lessons.tested import Figures, Tested
from bench.compare.lessons.verdict import Taught
from bench.declare.lessons.study import StudiedArm
from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.ticks import linear_axis
from reports.drawing.views import switchable
from reports.lessons.words import FigureScale, effect_words, scale_of_arm
from reports.tables.lessons import interval_of, taught
from reports.tidy.frame import Frames

_ROW, _LINE = 26, 16
"""Pixels of an arm, and of a line above the arms of a hypothesis."""
_FRAME = 170
"""Pixels of what is around the rows: the legend, the numbers and the title of the axis."""
_NAME, _HEADING = 18, 38
"""Letters of a line of an arm's name, and of a heading on a phone."""


@dataclass
class _Rows:
    """The rows of a view, from the top: arms under the headings of their hypotheses."""

    names: dict[float, str] = field(default_factory=dict)
    """Name of each row, by its place in rows."""
    headings: list[tuple[float, str]] = field(default_factory=list)
    arms: list[tuple[float, Figures]] = field(default_factory=list)
    height: float = 0.0


@chart(title="Figures of the lessons", section="lessons")
def lesson_figures(frames: Frames) -> go.Figure:
    """What the arms of each hypothesis reached: every seed or process, and the mean with its 95 % interval."""
    if frames.lessons is None:
        raise NoData("no run of this store holds lessons")
    measures = frames.lessons.measures
    views = [view for item in taught(frames) for view in _views(item, measures)]
    if not views:
        raise NoData("no arm of a lesson has a figure yet")
    return switchable(views, "Lesson")


def _views(item: Taught, measures: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, go.Figure]]:
    """One view for each sort of figure that the lesson's hypotheses compare."""
    sorts: dict[str, list[Tested]] = {}
    for test in item.tests:
        if any(test.arms):
            sorts.setdefault(_sort(test.hypothesis.arms[0]), []).append(test)
    for sort, tests in sorts.items():
        scale = scale_of_arm(tests[0].hypothesis.arms[0], measures)
        title = item.study.title if len(sorts) == 1 else f"{item.study.title}: {sort}"
        yield title, _view(_rows(tests), scale, sort)


def _sort(arm: StudiedArm) -> str:
    return (arm.figure or arm.cell.measure).replace("_", " ")


def _rows(tests: Sequence[Tested]) -> _Rows:
    rows = _Rows()
    for test in tests:
        statement, effect = test.hypothesis.statement, effect_words(test)
        told = f"<b>{test.verdict}</b>{f', {effect}' if effect else ''}"
        lines = [line for text in (statement, told) for line in textwrap.wrap(text, _HEADING)]
        rows.height += len(lines) * _LINE / _ROW + 0.5
        rows.headings.append((rows.height, f"{escape(statement, quote=False)}<br>{told}"))
        for arm, figures in zip(test.hypothesis.arms, test.arms, strict=True):
            name = "<br>".join(escape(line, quote=False) for line in textwrap.wrap(arm.label, _NAME))
            rows.height += 0.5 * name.count("<br>")
            rows.names[rows.height] = name
            rows.arms.append((rows.height, figures))
            rows.height += 1 + 0.5 * name.count("<br>")
    return rows


def _view(rows: _Rows, scale: FigureScale, title: str) -> go.Figure:
    figure = go.Figure()
    points = [(place, key, item) for place, figures in rows.arms for key, item in sorted(figures.items())]
    figure.add_scatter(
        x=[scale.convert(item.value) for _, _, item in points],
        y=[place for place, _, _ in points],
        mode="markers",
        name="each seed, or process",
        marker={"color": style.COLOURS[0], "symbol": "circle-open", "size": 8},
        customdata=[
            f"{f'seed {key[0]}' if item.training else f'process {key[0] + 1}'}: {scale.words(item.value)}"
            for _, key, item in points
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    _means(figure, rows, scale)
    figure.update_layout(height=round(_FRAME + _ROW * rows.height), annotations=list(map(_heading, rows.headings)))
    figure.update_yaxes(
        tickvals=list(rows.names), ticktext=list(rows.names.values()), range=[rows.height - 0.4, -0.4]
    )
    shown = [scale.convert(item.value) for _, _, item in points]
    figure.update_xaxes(title_text=f"{title}{scale.behind}", **linear_axis(shown, scale.unit or "1"))
    return figure


def _means(figure: go.Figure, rows: _Rows, scale: FigureScale) -> None:
    means = [
        (place, fmean(item.value for item in figures.values()), interval_of(figures))
        for place, figures in rows.arms
        if figures
    ]
    shown = [scale.convert(mean) for _, mean, _ in means]
    bounds = [scale.bounds(interval) for _, _, interval in means]
    figure.add_scatter(
        x=shown,
        y=[place for place, _, _ in means],
        mode="markers",
        name="mean, with its 95 % interval",
        marker={"color": style.COLOURS[1], "symbol": "line-ns", "size": 14, "line": {"width": 3}},
        marker_line_color=style.COLOURS[1],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0 if high is None else high - x for x, (_, high) in zip(shown, bounds, strict=True)],
            "arrayminus": [0 if low is None else x - low for x, (low, _) in zip(shown, bounds, strict=True)],
            "thickness": 1.3,
        },
        customdata=[scale.words(mean, interval) for _, mean, interval in means],
        hovertemplate="<b>%{customdata}</b><extra></extra>",
    )


def _heading(heading: tuple[float, str]) -> dict[str, Any]:
    place, text = heading
    return {
        "text": text,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": place - 0.4,
        "yref": "y",
        "yanchor": "bottom",
        "align": "left",
        "showarrow": False,
        "font": {"size": 11},
    }
