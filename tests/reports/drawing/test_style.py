"""What tells series apart."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from reports import formats
from reports.drawing import style

NAMES = [f"way {i}" for i in range(40)]


def test_no_two_of_many_names_look_alike() -> None:
    assert len(NAMES) == len(set(style.looks(NAMES).values()))


def test_no_name_has_the_grey_of_keys() -> None:
    assert style.GREY not in {look.colour for look in style.looks(NAMES).values()}


def test_panels_leave_out_what_no_panel_needs() -> None:
    assert {"rows": 2, "cols": 2, "specs": [[{}, {}], [{}, None]]} == style.panels(3, 2)


@pytest.mark.parametrize(("ratio", "text"), [(1.254, "1.25"), (12.3, "12"), (99.7, "100"), (6617.0, "6,600")])
def test_times_are_told_without_exponents(ratio: float, text: str) -> None:
    assert text == formats.times(ratio)


def test_an_era_is_named_above_the_years_until_the_next_one() -> None:
    figure = go.Figure()
    style.name_eras(figure, {"classic": 0, "residual and scaled": 2, "attention": 5}, 7)
    places = {note.text.partition("</span> ")[2]: note.x for note in figure.layout.annotations}
    assert {"classic": 0.5, "residual and scaled": 3.0, "attention": 5.5} == places


def test_without_an_era_none_is_named() -> None:
    figure = go.Figure()
    style.name_eras(figure, {}, 7)
    assert () == figure.layout.annotations
