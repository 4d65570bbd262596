"""Charts of accuracy against cost; the reader chooses the cost on each chart's x axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.candidates.choice import ACCURACY, RESPECTS
from reports.candidates.figures import CandidateFigure, Kind, key_of
from reports.candidates.found import Candidate, Field, field_of
from reports.candidates.pareto import pareto_front
from reports.charts import FEWEST, NoData, chart
from reports.charts._pairs import beaten
from reports.drawing import style
from reports.drawing.eras import Era, eras
from reports.drawing.scatter import Ball, add_all_balls, area, noise
from reports.drawing.ticks import linear_axis, log_axis
from reports.drawing.views import switchable
from reports.formats import NOISY
from reports.tidy.frame import SINGLE_CROP, Frames

_HEIGHT = 460
_SMALLER = 330
"""Settings of each of several panels, which are smaller than a single one."""
_ORDER = ("macs", "latency", "memory", "parameters")
"""Costs, the one shown first before the others."""
_UNITS = {respect.name: respect.unit for respect in RESPECTS}
_TITLES = {respect.name: respect.title for respect in RESPECTS}


@dataclass(frozen=True)
class Axis:
    """A cost on the x axis."""

    key: str
    """Key of the axis among the figures of candidates."""
    name: str
    """Label of a button."""
    title: str
    unit: str


@dataclass(frozen=True)
class _Panel:
    """Accuracies of one kind, those of other protocols beside them."""

    kind: Kind
    title: str
    symbol: str
    candidates: Sequence[Candidate]


def published_told(frames: Frames) -> str:
    """Two networks of which one takes more and gives less, by published accuracies."""
    field = field_of(frames)
    found = [pair for kind in field.kinds if kind.published and (pair := beaten(field.by_kind[kind.name]))]
    return f"{found[0].words()} (ImageNet, {SINGLE_CROP})" if found else ""


def measured_told(frames: Frames) -> str:
    """The same by accuracies of this run on the first target that has such a pair."""
    field = field_of(frames)
    kinds = [kind for kind in field.kinds if not kind.published]
    found = [(kind, pair) for kind in kinds if (pair := beaten(field.by_kind[kind.name]))]
    return f"On {found[0][0].name} {found[0][1].words()}" if found else ""


@chart(title="Published accuracy against cost", section="evolution", needs=("parameters",), finding=published_told)
def published_accuracy_against_cost(frames: Frames) -> go.Figure:
    """Published accuracy on ImageNet; costs measured here at its input size; areas show parameters."""
    field = field_of(frames)
    kinds = [kind for kind in field.kinds if kind.published]
    if not kinds:
        raise NoData("no architecture of this run has a published top-1 error of a single crop")
    panels = [
        _Panel(kind, "Top-1 accuracy, published", style.PUBLISHED, field.by_kind[kind.name]) for kind in kinds
    ]
    return _with_axes(
        frames,
        field,
        panels,
        _HEIGHT,
        (style.PUBLISHED, SINGLE_CROP),
        (style.PUBLISHED_OTHERWISE, "other protocol: not comparable"),
    )


@chart(
    title="Measured accuracy against cost",
    section="evolution",
    needs=("top1", "parameters"),
    finding=measured_told,
)
def measured_accuracy_against_cost(frames: Frames) -> go.Figure:
    """On the test images of each target, by the scenario of best validation accuracy; costs at its input size."""
    field = field_of(frames)
    kinds = [kind for kind in field.kinds if not kind.published]
    panels = [
        _Panel(kind, f"Top-1 accuracy<br>{kind.name}", style.MEASURED, field.by_kind[kind.name]) for kind in kinds
    ]
    panels = [panel for panel in panels if any(_shown(panel, axis) >= FEWEST for axis in _axes(field, [panel]))]
    if not panels:
        raise NoData("this run has no task with three architectures of both an accuracy and a cost")
    height = _HEIGHT if len(panels) == 1 else _SMALLER
    return _with_axes(frames, field, panels, height)


def _shown(panel: _Panel, axis: Axis) -> int:
    """Number of a panel's architectures that have both an accuracy and this cost."""
    return sum(item.accuracy is not None and axis.key in item.figures for item in panel.candidates)


def _with_axes(
    frames: Frames, field: Field, panels: Sequence[_Panel], height: int, *shapes: tuple[str, str]
) -> go.Figure:
    axes = _axes(field, panels)
    if not axes:
        raise NoData("this run has no architecture with both an accuracy and a cost")
    era = eras(frames)
    return switchable([(axis.name, _drawn(era, panels, axis, height, shapes)) for axis in axes])


def _axes(field: Field, panels: Iterable[_Panel]) -> list[Axis]:
    """The costs that some architecture on the chart has a figure of, on each device."""
    shown = [item for panel in panels for item in panel.candidates if item.accuracy]
    found = []
    for name in _ORDER:
        for key in dict.fromkeys(key_of(name, device) for device in field.devices or ("",)):
            if any(key in item.figures for item in shown):
                device = f" on {key.partition('@')[2]}" if "@" in key else ""
                counted = ", measured" if device else ", counted"
                counted += noise(item.figures[key].status == NOISY for item in shown if key in item.figures)
                label = _TITLES[name] + (device if len(field.devices) > 1 else "")
                found.append(Axis(key, label, f"{_TITLES[name]}{device}{counted} (log scale)", _UNITS[name]))
    return found


def _drawn(
    era: Mapping[str, Era], panels: Sequence[_Panel], axis: Axis, height: int, shapes: Sequence[tuple[str, str]]
) -> go.Figure:
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.12 / len(panels))
    for row, panel in enumerate(panels, start=1):
        _add_front(figure, panel, axis, row)
        balls = list(_balls(panel, axis, era))
        sides = ("top left", "bottom right", "middle right")
        add_all_balls(figure, balls, height=height, log=(True, False), row=row, sides=sides)
        ends = [end for ball in balls for end in (ball.low, ball.y, ball.high) if end is not None]
        figure.update_yaxes(title_text=panel.title, **linear_axis(ends, "%"), row=row, col=1)
    if any(item.otherwise and ACCURACY not in item.figures for panel in panels for item in panel.candidates):
        style.shape_key(figure, *shapes)
    figure.update_layout(height=len(panels) * height + 200)
    shown = [item for panel in panels for item in panel.candidates if item.accuracy]
    costs = [item.figures[axis.key].value for item in shown if axis.key in item.figures]
    figure.update_xaxes(**log_axis(costs, axis.unit))
    figure.update_xaxes(title_text=axis.title, row=len(panels), col=1)
    return figure


def _add_front(figure: go.Figure, panel: _Panel, axis: Axis, row: int) -> None:
    points = pd.DataFrame(
        [
            {"cost": item.figures[axis.key].value, "accuracy": 100 * item.figures[ACCURACY].value}
            for item in panel.candidates
            if axis.key in item.figures and ACCURACY in item.figures and not item.figures[axis.key].bound
        ],
        columns=["cost", "accuracy"],
    )
    front = pareto_front(points, "cost")
    figure.add_scatter(
        x=list(front["cost"]),
        y=list(front["accuracy"]),
        mode="lines",
        name=f"Pareto front ({SINGLE_CROP})" if panel.kind.published else "Pareto front",
        legendgroup="front",
        showlegend=row == 1,
        line={"color": style.GREY, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
        row=row,
        col=1,
    )


def _balls(panel: _Panel, axis: Axis, era: Mapping[str, Era]) -> Iterable[Ball]:
    """Every candidate with an accuracy; one without the cost of this axis has no place on it."""
    counted = [item for item in panel.candidates if "parameters" in item.figures]
    sizes = {item.name: item.figures["parameters"].value for item in counted}
    largest = max(sizes.values(), default=1.0)
    for item in panel.candidates:
        accuracy, cost = item.accuracy, item.figures.get(axis.key)
        if accuracy is not None:
            yield Ball(
                name=item.name,
                era=era.get(item.name),
                x=cost.value if cost and cost.value > 0 else None,
                y=100 * accuracy.value,
                symbol=panel.symbol if ACCURACY in item.figures else style.PUBLISHED_OTHERWISE,
                hover=_hover(item, accuracy, axis),
                diameter=area(sizes.get(item.name, 0.0), largest),
                low=None if accuracy.low is None else 100 * accuracy.low,
                high=None if accuracy.high is None else 100 * accuracy.high,
            )


def _hover(item: Candidate, accuracy: CandidateFigure, axis: Axis) -> str:
    lines = [f"top-1 {accuracy.text}: {accuracy.note}"]
    for name, key in {axis.name: axis.key, _TITLES["parameters"]: "parameters"}.items():
        if key in item.figures:
            figure = item.figures[key]
            lines.append(f"{name} {figure.text}: {figure.note}")
        elif key in item.lacks:
            lines.append(f"{name}: {item.lacks[key]}")
    return "<br>".join(lines)
