"""Whether people can use the page: with a screen reader, by the keyboard, on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
PAPER = 700
"""Pixels between the margins of A4."""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_axe_finds_no_violation(visit: Visit, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    tab = visit(width, scheme)
    tab.draw_all()
    tab.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    tab.page.locator(".chart .data .table").last.wait_for()
    found = axe.Axe().run(tab.page).response
    assert found["passes"]
    assert [] == [(item["id"], [node["html"] for node in item["nodes"][:3]]) for item in found["violations"]]


def test_the_first_key_offers_to_skip_to_the_content(visit: Visit) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert "content" == page.evaluate("document.activeElement.id")


def test_the_focus_is_seen(visit: Visit) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "solid" == page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


def test_a_table_does_not_keep_the_focus(visit: Visit) -> None:
    page = visit().page
    page.locator("#table-coverage .scroll").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('#table-coverage') !== null")


@pytest.fixture
def printed(visit: Visit) -> Any:
    """The page as it is on paper."""
    tab = visit(width=PAPER)
    tab.draw_all()
    tab.page.emulate_media(media="print")
    tab.page.wait_for_timeout(500)
    return tab.page


def test_all_charts_are_drawn_on_paper(visit: Visit, tmp_path: Path) -> None:
    page = visit().page
    page.locator(".main-svg").first.wait_for(state="attached")
    page.pdf(path=tmp_path / "report.pdf")
    assert page.locator(".plot").count() == page.locator(".plot:has(.main-svg)").count()


def test_long_tables_are_whole_on_paper(visit: Visit, tmp_path: Path) -> None:
    page = visit().page
    page.locator(".main-svg").first.wait_for(state="attached")
    page.pdf(path=tmp_path / "report.pdf")
    assert 0 == page.locator(".scroll.packed").count()


def test_nothing_is_cut_on_paper(printed: Any) -> None:
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.ariaLabel)"
    assert [] == printed.locator("main .scroll:visible").evaluate_all(cut)
    beyond = f"all => all.filter(one => one.getBoundingClientRect().right > {PAPER}).length"
    assert 0 == printed.locator(".plot .main-svg").evaluate_all(beyond)


def test_what_only_a_screen_can_use_is_not_on_paper(printed: Any) -> None:
    assert 0 == printed.locator("nav:visible, .tools:visible, #copy-link:visible, .option:visible").count()


def test_after_printing_charts_fill_the_page_again(printed: Any) -> None:
    printed.emulate_media(media="screen")
    printed.wait_for_timeout(500)
    narrower = """plots => plots.filter(plot =>
        Math.abs(plot.querySelector('.main-svg').clientWidth - plot.clientWidth) > 1).length"""
    assert 0 == printed.locator(".plot").evaluate_all(narrower)
