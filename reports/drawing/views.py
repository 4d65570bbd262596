"""One chart with several views, such as several x axes, between which buttons switch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

_PER_TRACE = ("x", "y", "text", "textposition", "customdata")
_BARS = "error_x"
_OF_ROWS = ("tickvals", "ticktext", "range")
"""Of a y axis whose rows have names of their own in each view."""
_BELOW = 62
"""Pixels from the x axis to the buttons: its ticks and its title lie between."""


def switchable(views: Sequence[tuple[str, go.Figure]], name: str = "Horizontal axis") -> go.Figure:
    """The first view, with a button for each; with one view alone there is nothing to switch.

    The page makes a field of the buttons, for the keyboard and for its address.

    Args:
        views: what each button says, and the whole chart that it shows; all have the same traces in the same
            order, and differ in their points and in the titles and ticks of their x axes; they may have rows, and
            so a height, of their own.
        name: what is chosen.
    """
    figure = views[0][1]
    if len(views) < 2:
        return figure
    buttons = [
        {"label": label, "method": "update", "args": [_points(view), _axes(view) | _rows(view)]}
        for label, view in views
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


def _points(view: go.Figure) -> dict[str, Any]:
    """What each trace shows, by the name of the attribute."""
    traces = view.to_plotly_json()["data"]
    names = (*_PER_TRACE, *((_BARS,) if any(_BARS in trace for trace in traces) else ()))
    return {name: [trace.get(name) for trace in traces] for name in names}


def _rows(view: go.Figure) -> dict[str, Any]:
    """The rows of a view that has some of its own, with their headings and the height that they need."""
    layout = view.to_plotly_json()["layout"]
    side = layout.get("yaxis", {})
    if "ticktext" not in side or "annotations" not in layout:
        return {}
    rows = {f"yaxis.{name}": side[name] for name in _OF_ROWS}
    return rows | {
        "xaxis.tickformat": layout["xaxis"].get("tickformat", ""),
        "annotations": layout["annotations"],
        "height": layout["height"],
    }


def _axes(view: go.Figure) -> dict[str, Any]:
    axes = {name: axis for name, axis in view.to_plotly_json()["layout"].items() if name.startswith("xaxis")}
    titles = {
        f"{name}.title.text": axis["title"]["text"]
        for name, axis in axes.items()
        if "text" in axis.get("title", {})
    }
    return (
        titles
        | {f"{name}.ticksuffix": axis.get("ticksuffix", "") for name, axis in axes.items()}
        | {f"{name}.nticks": axis.get("nticks") for name, axis in axes.items()}
        | {f"{name}.autorange": True for name in axes}
    )
