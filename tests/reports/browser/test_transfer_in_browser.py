"""Charts of transfer as they are seen, wide and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER

EFFECTS = ("pretraining_effect", "augmentation_effect", "tuning_effect", "strategy_effect")
LEGIBLE = 10
"""Pixels."""


def boxes(tab: Tab, chart: str, ticks: str) -> list[dict[str, Any]]:
    """The names along an axis: how high they are, how many lines they have, and where they lie."""
    script = """names => names.map(name => ({
        size: parseFloat(getComputedStyle(name).fontSize), lines: name.querySelectorAll('tspan.line').length || 1,
        left: name.getBoundingClientRect().left, right: name.getBoundingClientRect().right }))"""
    found: list[dict[str, Any]] = tab.page.locator(f"#chart-{chart} .{ticks} text").evaluate_all(script)
    return found


def plot_left(tab: Tab, chart: str) -> float:
    """Where the marks begin."""
    script = "box => box.getBoundingClientRect().left"
    found: float = tab.page.locator(f"#chart-{chart} .nsewdrag").first.evaluate(script)
    return found


@pytest.mark.parametrize("chart", EFFECTS)
@pytest.mark.parametrize("width", [1280, 390])
def test_names_of_effects_are_legible_and_beside_the_marks(
    drawn: Callable[..., Tab], width: int, chart: str
) -> None:
    tab = drawn(width)
    names = boxes(tab, chart, "ytick")
    assert names
    edge = plot_left(tab, chart)
    assert all(name["size"] >= LEGIBLE for name in names)
    assert all(name["lines"] <= 2 for name in names)
    assert all(0 <= name["left"] and name["right"] <= edge + 1 for name in names)


@pytest.mark.parametrize("chart", EFFECTS)
def test_wide_effects_have_their_networks_in_a_column_before_the_comparisons(
    drawn: Callable[..., Tab], chart: str
) -> None:
    tab = drawn(1280)
    networks, comparisons = boxes(tab, chart, "y2tick"), boxes(tab, chart, "ytick")
    assert 0 < len(networks) <= len(comparisons)
    assert max(name["right"] for name in networks) <= min(name["left"] for name in comparisons)


@pytest.mark.parametrize("width", [1280, 390])
def test_every_choice_of_curves_is_drawn_without_a_word(visit: Callable[..., Tab], width: int) -> None:
    tab = visit(width)
    tab.draw_all()
    choice = tab.page.locator("#chart-learning_curves select")
    choices = choice.locator("option").all_inner_texts()
    titles = tab.page.locator("#chart-learning_curves .annotation-text")
    assert 1 < len(choices)
    for name in choices:
        choice.select_option(label=name)
        panels = 3 if "most telling" in name else int(name.rpartition(" ")[2])
        assert panels == titles.count()
    assert [] == tab.messages


def test_a_table_that_is_folded_opens_where_the_address_names_it(visit: Callable[..., Tab]) -> None:
    tab = visit(state="#table-scenarios")
    tab.page.locator("#table-scenarios").wait_for(state="visible")
