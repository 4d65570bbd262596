"""Number of points in a chart, without what draws its key, its limits and its fits."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go


def distinct_points(figure: go.Figure) -> int:
    """Distinct points of a figure; of one with several views, those of the view that has most."""
    traces = [trace.to_plotly_json() for trace in figure.data]
    shown = [traces, *(_changed(traces, button.args[0]) for button in _buttons(figure))]
    return max(len({point for trace in view for point in _points(trace)}) for view in shown)


def _buttons(figure: go.Figure) -> Iterator[Any]:
    for menu in figure.layout.updatemenus:
        yield from (button for button in menu.buttons if button.args and isinstance(button.args[0], Mapping))


def _changed(traces: Sequence[Mapping[str, Any]], by: Mapping[str, Sequence[Any]]) -> list[Mapping[str, Any]]:
    """The traces with the positions that a button gives them."""
    return [
        {**trace, **{name: by[name][i] for name in ("x", "y") if name in by}} for i, trace in enumerate(traces)
    ]


def _points(trace: Mapping[str, Any]) -> Iterator[Hashable]:
    if trace.get("hoverinfo") == "skip":
        return  # a line that fits, joins or limits
    place = (trace.get("xaxis"), trace.get("yaxis"))
    if trace.get("ids") is not None:
        yield from trace["ids"]
    elif trace.get("z") is not None:
        cells = (value for row in trace["z"] for value in row)
        yield from ((*place, i) for i, value in enumerate(cells) if _known(value))
    else:
        yield from ((*place, x, y) for x, y in _pairs(trace) if _known(x) and _known(y))


def _pairs(trace: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    xs, ys = trace.get("x"), trace.get("y")
    every = [values for values in (xs, ys) if values is not None]
    counted = range(len(every[0])) if every else range(0)
    return zip_longest(counted if xs is None else xs, counted if ys is None else ys)


def _known(value: Any) -> bool:
    return value is not None and value == value  # NaN is unlike itself
