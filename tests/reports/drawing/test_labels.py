"""Where names of points stand."""

from __future__ import annotations

from reports.drawing.labels import MarkerPoint, along, place


def test_a_name_keeps_clear_of_a_line() -> None:
    point = MarkerPoint(100, 100, 4, "name")
    line = list(along([(104, 100), (300, 100)]))
    assert (["middle right"], "middle left") == (place([point], 400), place([point, *line], 400)[0])


def test_places_on_a_line_reach_from_corner_to_corner() -> None:
    found = list(along([(0, 0), (12, 0), (12, 12)]))
    assert ((0, 0), (12, 12)) == ((found[0].x, found[0].y), (found[-1].x, found[-1].y))
