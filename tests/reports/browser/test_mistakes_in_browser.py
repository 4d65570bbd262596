"""The section of mistakes in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium import wait_until
from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
OTHERS = "#mistakes details.others > summary"
FOLDED = "#mistakes details[data-mistakes]"
SEEN = "[...document.querySelectorAll('#mistakes img')].filter(image => image.checkVisibility())"


def test_pictures_of_the_best_scenario_are_there_without_a_click(visit: Visit) -> None:
    tab = visit()
    tab.page.locator("#mistakes .strip img").first.scroll_into_view_if_needed()
    wait_until(tab.page, f"{SEEN}.some(image => image.complete && image.naturalWidth)")
    assert 0 == tab.page.locator(f"{FOLDED} img").count()


def test_a_further_scenario_shows_its_pictures_when_it_is_opened_and_asks_for_nothing(visit: Visit) -> None:
    tab = visit()
    tab.page.locator(OTHERS).first.click()
    first = tab.page.locator(FOLDED).first
    first.locator("summary").click()
    first.locator("img").first.scroll_into_view_if_needed()
    wait_until(tab.page, f"document.querySelector('{FOLDED} img')?.naturalWidth")
    assert [] == tab.messages
    assert [] == [url for url in tab.requests[1:] if not url.startswith(("blob:", "data:"))]


def test_a_scenario_that_is_opened_again_has_its_pictures_once(visit: Visit) -> None:
    tab = visit()
    tab.page.locator(OTHERS).first.click()
    first = tab.page.locator(FOLDED).first
    summary = first.locator("summary")
    summary.click()
    first.locator("img").first.wait_for()
    count = first.locator("img").count()
    summary.click()
    summary.click()
    first.locator("img").first.wait_for()
    assert count == first.locator("img").count()


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_page(visit: Visit, width: int) -> None:
    page = visit(width).page
    page.locator(OTHERS).first.click()
    page.locator(FOLDED).first.locator("summary").click()
    page.locator(f"{FOLDED} img").first.wait_for()
    assert width >= page.evaluate("document.documentElement.scrollWidth")
    beyond = "all => all.filter(one => one.getBoundingClientRect().right > innerWidth).length"
    assert 0 == page.locator("#mistakes .strip figure").evaluate_all(beyond)


def test_on_paper_the_best_scenario_is_there_and_folded_ones_are_not(visit: Visit) -> None:
    page = visit(700).page
    page.emulate_media(media="print")
    assert page.locator("#mistakes .strip figure:visible").count()
    assert 0 == page.locator(f"{FOLDED} summary:visible").count()
