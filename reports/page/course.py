"""The course of a measure over the runs of a store."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from bench.compare.history.changes import FoundChange
from bench.words import moment
from reports import formats
from reports.charts import NoData
from reports.drawing import style
from reports.drawing.ticks import linear_axis, log_axis
from reports.history.overview import History, HistoryLine, lines
from reports.history.words import size, why

MOST = 12
"""Architectures on a chart: more lines cannot be told apart."""
_NAMES = 0.16
"""Share of the width that is for names."""
_TICKS = 10
"""Runs whose start is written below the axis, at most."""
DASHES = ("solid", "dash", "dot", "dashdot")
"""Dashes of the lines of the first host, the second and so on."""


def course(history: History, measure: str) -> go.Figure:
    """A line an architecture and host over the runs: figures of different hosts are not joined.

    Raises:
        NoData: no run measured it.
    """
    found = lines(history.medians.get(measure, ()))
    if not found:
        raise NoData(f"no run measured {measure}")
    shown = sorted(found, key=lambda line: (-len(line.values), -line.change))[:MOST]
    ids = [run.id for run in history.runs if any(run.id in line.values for line in shown)]
    looks = style.looks(row.cell.architecture for rows in history.medians.values() for row in rows)
    figure = go.Figure()
    for line in shown:
        _draw(figure, history, line, looks[line.architecture])
    _mark(figure, history, {line.key: line for line in shown})
    ticks = ["<br>".join(moment(run.started).split()[:2]) for run in history.runs if run.id in ids]
    step = math.ceil(len(ids) / _TICKS)
    figure.update_xaxes(
        title_text="Started (UTC)",
        type="category",
        categoryorder="array",
        categoryarray=ids,
        tickvals=ids[::step],
        ticktext=ticks[::step],
        # room for the names behind the last run
        range=[-0.5, len(ids) - 0.5 + _NAMES * len(ids)],
    )
    values = [value for line in shown for value in line.values.values()]
    if shown[0].nature.is_share:
        percents = linear_axis([100 * value for value in values], "%")
        figure.update_yaxes(
            title_text="Accuracy", **percents | {"tickvals": [v / 100 for v in percents["tickvals"]]}
        )
    else:
        figure.update_yaxes(**log_axis(values, shown[0].unit))
    figure.update_layout(height=440)
    return figure


def left_out(history: History, measure: str) -> int:
    """Number of architectures that its chart has no room for."""
    return max(0, len(lines(history.medians.get(measure, ()))) - MOST)


def _draw(figure: go.Figure, history: History, line: HistoryLine, look: style.SeriesLook) -> None:
    """Draw one trace per host, dashed in its own way; the name stands at the last run."""
    last = [run.id for run in history.runs if run.id in line.values][-1]
    name = escape(line.architecture, quote=False)
    for number, (host, letter) in enumerate(history.hosts.items()):
        made_on = {run.id: line.hosts.get(run.id) or run.host_key for run in history.runs if run.id in line.values}
        names = [run for run, key in made_on.items() if key == host]
        if not names:
            continue
        figure.add_scatter(
            x=names,
            y=[line.values[name] for name in names],
            mode="lines+markers+text",
            name=name,
            showlegend=False,
            text=[name if run == last else "" for run in names],
            textposition="middle right",
            textfont={"size": 11},
            cliponaxis=False,
            line={
                "color": look.colour,
                "width": 1.6,
                "dash": DASHES[number % len(DASHES)],
            },
            marker={"symbol": look.symbol, "size": 8},
            customdata=[_told(line, name, letter) for name in names],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>run %{x}, host %{customdata[2]}"
            "<extra></extra>",
        )


def _mark(figure: go.Figure, history: History, shown: Mapping[str, HistoryLine]) -> None:
    """A ring around the first figure of each new level, a diamond where a spread changes; a drift has none."""
    changes = history.search.changes if history.search else ()
    steps = [
        item for item in changes if item.series.cell.key in shown and item.change and item.change.kind != "drift"
    ]
    for of, symbol in (("level", "circle-open"), ("spread", "diamond-open")):
        _ring(figure, [item for item in steps if item.series.of == of], shown, (f"change of {of}", symbol))


def _ring(
    figure: go.Figure, found: Sequence[FoundChange], shown: Mapping[str, HistoryLine], look: tuple[str, str]
) -> None:
    lines = [shown[item.series.cell.key] for item in found]
    places = [(item, line) for item, line in zip(found, lines, strict=True) if item.first_after in line.values]
    if not places:
        return
    figure.add_scatter(
        x=[item.first_after for item, _ in places],
        y=[line.values[item.first_after] for item, line in places],
        mode="markers",
        name=look[0],
        marker={"symbol": look[1], "size": 18, "color": style.GREY, "line": {"width": 2}},
        customdata=[
            [escape(text, quote=False) for text in (f"{item.verdict}: {size(item)}", line.cell, why(item))]
            for item, line in places
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>from run %{x} on<br>%{customdata[2]}"
        "<extra></extra>",
    )


def _told(line: HistoryLine, run: str, host: str) -> list[str]:
    value = line.values[run]
    figure = formats.quantity(100 * value, "%") if line.nature.is_share else formats.quantity(value, line.unit)
    return [figure, escape(line.cell, quote=False), host]
