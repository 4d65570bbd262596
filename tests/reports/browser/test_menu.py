"""The menu, the contents and the words that are explained, with the mouse and the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.chromium import wait_until
from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
DARK = "rgb(20, 23, 27)"
LIGHT = "rgb(255, 255, 255)"
PAPER = "getComputedStyle(document.body).backgroundColor"


def choose(tab: Tab, colours: str) -> None:
    tab.page.locator("#menu-button").click()
    tab.page.get_by_label(colours, exact=True).check()
    tab.page.keyboard.press("Escape")


def settled(tab: Tab) -> Any:
    """The page when nothing above a place will grow any more."""
    tab.draw_all()
    return tab.page


def test_dark_is_chosen_where_the_system_is_light_and_charts_follow(visit: Visit) -> None:
    tab = visit()
    tab.draw_all()
    choose(tab, "Dark")
    assert DARK == tab.page.evaluate(PAPER)
    title = "getComputedStyle(document.querySelector('.plot .ytitle')).fill"
    wait_until(tab.page, f"{title} === 'rgb(230, 233, 237)'")
    choose(tab, "As the system")
    assert LIGHT == tab.page.evaluate(PAPER)


def test_light_is_chosen_where_the_system_is_dark_and_remembered(visit: Visit) -> None:
    tab = visit(scheme="dark")
    choose(tab, "Light")
    assert LIGHT == tab.page.evaluate(PAPER)
    tab.page.reload()
    assert LIGHT == tab.page.evaluate(PAPER)
    assert "light" == tab.page.locator("input[name=theme]:checked").get_attribute("value")


def test_escape_closes_the_menu_and_gives_the_focus_back(visit: Visit) -> None:
    page = visit().page
    page.locator("#menu-button").focus()
    page.keyboard.press("Enter")
    assert page.locator("#menu").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#menu").is_visible()
    assert "menu-button" == page.evaluate("document.activeElement.id")


def test_the_menu_lies_within_a_phone(visit: Visit) -> None:
    page = visit(390).page
    page.locator("#menu-button").click()
    wait_until(page, "document.getElementById('menu').getBoundingClientRect().right <= 390")
    assert 0 <= page.locator("#menu").bounding_box()["x"]


def test_the_data_of_the_page_are_saved_as_one_file_without_a_request(visit: Visit, report: Path) -> None:
    tab = visit()
    tab.draw_all()
    tab.page.locator("#menu-button").click()
    with tab.page.expect_download() as waited:
        tab.page.locator("#save-data").click()
    name = waited.value.suggested_filename
    content = json.loads(Path(waited.value.path()).read_text(encoding="utf-8"))
    evolution = content["tables"]["evolution"]
    rows = {row[0]: row for row in evolution["rows"]}
    parameters = next(i for i, column in enumerate(evolution["columns"]) if column.startswith("Parameters"))
    assert name.startswith("evobench-run-") and name.endswith(".json")
    assert 28938 == rows["lecture_cnn"][parameters]
    assert len(content["tables"]["cells"]["rows"]) == len(content["records"]["cells"])
    assert {"x", "y"} <= content["charts"]["throughput_against_macs"][0].keys()
    assert [] == [url for url in tab.requests[1:] if not url.startswith(("blob:", "data:"))]


def test_printing_the_summary_is_asked_for_with_the_story_alone(visit: Visit) -> None:
    page = visit().page
    page.evaluate("window.print = () => { window.asked = document.documentElement.dataset.print; }")
    page.locator("#menu-button").click()
    page.get_by_role("button", name="Print summary").click()
    assert "summary" == page.evaluate("window.asked")


def test_wide_contents_stand_beside_the_page_and_mark_the_section_in_view(visit: Visit) -> None:
    page = settled(visit(1280))
    assert not page.locator("#contents-button").is_visible()
    page.evaluate("document.getElementById('transfer').scrollIntoView()")
    current = "document.querySelector('#contents a[aria-current=true]')?.hash"
    wait_until(page, f"{current} === '#transfer'")
    entries = page.locator("#contents a[href='#transfer'] + ul a").all_inner_texts()
    assert "Accuracy gained by pretraining" in entries
    assert "Over networks" in entries


def test_the_heading_in_view_is_marked(visit: Visit) -> None:
    page = settled(visit(1280, whole=True))
    page.evaluate("document.getElementById('table-pretraining_effect').scrollIntoView()")
    current = "document.querySelector('#contents a[aria-current=location]')?.hash"
    wait_until(page, f"{current} === '#table-pretraining_effect'")


def test_contents_group_sections_by_their_part(visit: Visit) -> None:
    page = visit(1280).page
    assert ["The story", "Results", "Appendix"] == page.locator("#contents > p").all_inner_texts()


def test_a_phone_opens_the_contents_by_keyboard_and_the_focus_goes_where_an_entry_leads(visit: Visit) -> None:
    page = visit(390).page
    assert not page.locator("#contents").is_visible()
    page.locator("#contents-button").focus()
    page.keyboard.press("Enter")
    entry = page.locator("#contents a[href='#records']")
    assert entry.is_visible()
    entry.focus()
    page.keyboard.press("Enter")
    assert not page.locator("#contents").is_visible()
    assert "records" == page.evaluate("document.activeElement.id")


def test_a_phone_lists_the_headings_of_the_section_in_view(visit: Visit) -> None:
    page = settled(visit(390))
    page.evaluate("document.getElementById('cost').scrollIntoView()")
    wait_until(page, "document.querySelector('#contents a[aria-current=true]')?.hash === '#cost'")
    page.locator("#contents-button").evaluate(
        "button => button.click()"
    )  # a click of the mouse would scroll first
    assert page.locator("#contents a[href='#table-speed']").is_visible()


def test_a_word_opens_its_meaning_beside_it_and_escape_closes_it(visit: Visit) -> None:
    page = visit().page
    word = page.locator("#evolution button.term").first
    word.click()
    meaning = page.locator(".meaning:popover-open")
    assert meaning.is_visible()
    gap = meaning.bounding_box()["y"] - word.bounding_box()["y"] - word.bounding_box()["height"]
    assert 12 > abs(gap)
    page.keyboard.press("Escape")
    assert 0 == meaning.count()
    assert "term" == page.evaluate("document.activeElement.className")


def test_a_meaning_leads_to_all_words(visit: Visit) -> None:
    page = visit().page
    page.locator("#evolution button.term").first.click()
    page.locator(".meaning:popover-open a").click()
    assert 0 == page.locator(".meaning:popover-open").count()
    assert "#reading-" in page.url


def test_a_table_that_is_wide_takes_the_window_and_text_does_not(visit: Visit) -> None:
    page = visit(1900, whole=True).page
    assert 1500 < page.locator("#table-evolution .scroll").bounding_box()["width"]
    assert 860 > page.locator("#table-evolution .about").bounding_box()["width"]
