"""The architectures to choose from: what the fields of the page narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from reports.candidates.choice import ACCURACY, RESPECTS, Respect, answer
from reports.candidates.figures import Kind, key_of
from reports.candidates.found import Candidate, Field, field_of
from reports.charts import NoData, chart
from reports.drawing import style
from reports.drawing.ticks import linear_axis, log_axis
from reports.tidy.frame import Frames

_HEIGHT = 440
_COSTS = [respect for respect in RESPECTS if respect.name != ACCURACY]


@chart(title="Architectures that remain, and those left out", section="recommend")
def which_backbone(frames: Frames) -> go.Figure:
    """Architectures that remain are coloured and named; point at any other one to see why it is left out."""
    field = field_of(frames)
    for kind in field.kinds:
        for device in field.devices or ("",):
            for cost in _COSTS:
                key = key_of(cost.name, device)
                items = [item for item in field.by_kind[kind.name] if {ACCURACY, key} <= item.figures.keys()]
                if items:
                    return _drawn(field, items, kind, device, cost)
    raise NoData("this run has no architecture with both an accuracy and a cost")


def _drawn(field: Field, items: Sequence[Candidate], kind: Kind, device: str, cost: Respect) -> go.Figure:
    """The page's chart while no limit is set; `page/recommend.js` changes points, reasons and axes."""
    found = answer(field.options(kind.name, device), {})
    why = {name: reason for reason, names in found.left_out.items() for name in names}
    cost_key = key_of(cost.name, device)
    figure = go.Figure()
    for name, colour, size in (("left out", style.GREY, 8), ("answers", style.COLOURS[0], 14)):
        shown = [item for item in items if (item.name in why) == (name == "left out")]
        figure.add_scatter(
            x=[item.figures[cost_key].value for item in shown],
            y=[100 * item.figures[ACCURACY].value for item in shown],
            mode="markers" if name == "left out" else "markers+text",
            name=name,
            text=[item.name for item in shown],
            textposition="top center",
            textfont={"size": 11},
            customdata=[
                [
                    f"{item.figures[ACCURACY].text}, {item.figures[cost_key].text}, {item.resolution} px",
                    why.get(item.name, "an answer"),
                ]
                for item in shown
            ],
            hovertemplate="<b>%{text}</b><br>%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            meta=style.opens(item.name for item in shown),
            marker={
                "symbol": style.PUBLISHED if kind.published else style.MEASURED,
                "size": size,
                "color": colour,
                "opacity": 0.6 if name == "left out" else 1,
            },
            cliponaxis=False,
        )
    figure.update_layout(height=_HEIGHT, meta=_scales(field))
    figure.update_xaxes(figure.layout.meta["costs"][f"{kind.name} {cost_key}"])
    figure.update_yaxes(figure.layout.meta["merits"][kind.name])
    return figure


def _scales(field: Field) -> dict[str, dict[str, Any]]:
    """The axes that the page's fields choose among: `costs` by kind of accuracy and cost, `merits` by kind."""
    costs: dict[str, Any] = {}
    merits: dict[str, Any] = {}
    for kind in field.kinds:
        items = [item.figures for item in field.by_kind[kind.name] if ACCURACY in item.figures]
        shares = [100 * figures[ACCURACY].value for figures in items]
        merits[kind.name] = {"title": {"text": f"Top-1 accuracy<br>{kind.title}"}} | linear_axis(shares, "%")
        for cost in _COSTS:
            for key in dict.fromkeys(key_of(cost.name, device) for device in field.devices or ("",)):
                values = [figures[key].value for figures in items if key in figures]
                title = {"title": {"text": f"{cost.title} (log scale)"}}
                costs[f"{kind.name} {key}"] = title | log_axis(values, cost.unit)
    return {"costs": costs, "merits": merits}
