"""Charts with several views."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from reports.drawing.ticks import linear_axis, log_axis
from reports.drawing.views import switchable


def _view(unit: str, *values: float) -> go.Figure:
    figure = go.Figure().add_scatter(x=list(values), y=[1.0] * len(values))
    return figure.update_xaxes(title_text=unit, **log_axis(values, unit))


def _changes(*views: go.Figure) -> list[dict[str, Any]]:
    figure = switchable([(str(i), view) for i, view in enumerate(views)])
    return [button.args[1] for button in figure.layout.updatemenus[0].buttons]


def test_a_view_has_ticks_of_its_own_unit() -> None:
    texts = [changes["xaxis.ticktext"] for changes in _changes(_view("s", 0.01, 0.1), _view("1", 1e6, 1e7))]
    assert [["10 ms", "20 ms", "50 ms", "100 ms"], ["1 M", "2 M", "5 M", "10 M"]] == [list(text) for text in texts]


def test_a_view_may_have_another_scale_of_the_y_axis() -> None:
    flat = _view("1", 1, 10).update_yaxes(**linear_axis([0, 20], "%"))
    steep = _view("1", 1, 10).update_yaxes(**log_axis([1, 100], "1"))
    assert [None, "log"] == [changes.get("yaxis.type") for changes in _changes(flat, steep)]


def test_lines_of_one_view_are_gone_in_the_next() -> None:
    first, second = _changes(_view("1", 1, 10).add_hline(y=1), _view("1", 1, 10))
    assert (1, 0) == (len(first["shapes"]), len(second["shapes"]))
