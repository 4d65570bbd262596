"""Charts with several views, such as several x axes, between which buttons switch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

_PER_TRACE = ("x", "y", "text", "textposition", "customdata")
_WHERE_ANY = ("error_x", "error_y", "meta", "hovertemplate")
"""Properties of traces that are switched where any trace of a view has them."""
_OF_AXES = ("type", "tickmode", "tickvals", "ticktext", "range")
_OF_ALL = ("annotations", "shapes", "height")
"""Properties of the layout that are switched where any view has them."""
_BELOW = 62
"""Pixels from the x axis to the buttons: its ticks and its title lie between."""


def switchable(views: Sequence[tuple[str, go.Figure]], name: str = "Horizontal axis") -> go.Figure:
    """The first view, with a button for each; with one view alone there is nothing to switch.

    The page makes a field of the buttons, for the keyboard and for its address.

    Args:
        views: text of each button and the whole chart that it shows; all charts have the same traces in the same
            order, and differ in their points and in their axes: titles, scales and ticks; they may have rows, and
            so annotations and a height, of their own.
        name: name of the choice.
    """
    figure = views[0][1]
    if len(views) < 2:
        return figure
    plain = [view.to_plotly_json() for _, view in views]
    names = {name for view in plain for trace in view["data"] for name in _WHERE_ANY if name in trace}
    whole = [name for name in _OF_ALL if any(name in view["layout"] for view in plain)]
    buttons = [
        {
            "label": label,
            "method": "update",
            "args": [_points(view, sorted(names)), _axes(view["layout"]) | _whole(view["layout"], whole)],
        }
        for (label, _), view in zip(views, plain, strict=True)
    ]
    menu = {
        "name": name,
        "type": "buttons",
        "direction": "right",
        "buttons": buttons,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": _BELOW},
        "showactive": True,
    }
    figure.update_layout(updatemenus=[menu])
    return figure


def _points(view: Mapping[str, Any], further: Sequence[str]) -> dict[str, Any]:
    """Data of each trace, by the name of the attribute."""
    return {name: [trace.get(name) for trace in view["data"]] for name in (*_PER_TRACE, *further)}


def _whole(layout: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Properties of a view beside its axes: headings, lines, the height that its rows need."""
    return {name: layout.get(name, None if name == "height" else []) for name in names}


def _axes(layout: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, axis in layout.items():
        if not name.startswith(("xaxis", "yaxis")):
            continue
        if "text" in axis.get("title", {}):
            changes[f"{name}.title.text"] = axis["title"]["text"]
        changes |= {f"{name}.{key}": axis.get(key) for key in _OF_AXES}
        if "range" not in axis:
            changes[f"{name}.autorange"] = axis.get("autorange", True)
    return changes
