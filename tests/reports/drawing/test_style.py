"""What tells series apart, and how axes are labelled."""

from __future__ import annotations

import pytest

from reports import formats
from reports.drawing import style
from reports.drawing.ticks import ticks

NAMES = [f"way {i}" for i in range(40)]


def test_no_two_of_many_names_look_alike() -> None:
    assert len(NAMES) == len(set(style.looks(NAMES).values()))


def test_no_name_has_the_grey_of_keys() -> None:
    assert style.GREY not in {look.colour for look in style.looks(NAMES).values()}


def test_an_axis_of_times_says_its_unit() -> None:
    axis = style.log_axis([0.02, 0.06], "s")
    assert ("~s", "s") == (axis["tickformat"], axis["ticksuffix"])


def test_a_rate_below_one_has_no_thousandths() -> None:
    assert "~g" == style.log_axis([0.4, 90.0], "1/s")["tickformat"]


def test_an_axis_over_nothing_is_an_axis() -> None:
    assert "log" == style.log_axis([0.0])["type"]


def test_panels_leave_out_what_no_panel_needs() -> None:
    assert {"rows": 2, "cols": 2, "specs": [[{}, {}], [{}, None]]} == style.panels(3, 2)


def test_ratios_near_one_have_fine_ticks() -> None:
    assert {0.9, 1.0, 1.1} <= set(ticks([0.85, 1.2]))


def test_ticks_of_far_ratios_do_not_crowd_around_one() -> None:
    found = ticks([0.02, 40.0])
    assert 1.0 in found
    assert not {0.9, 1.1} & set(found)
    assert len(found) < 12


@pytest.mark.parametrize(("ratio", "text"), [(1.254, "1.25"), (12.3, "12"), (99.7, "100"), (6617.0, "6,600")])
def test_times_are_told_without_exponents(ratio: float, text: str) -> None:
    assert text == formats.times(ratio)
