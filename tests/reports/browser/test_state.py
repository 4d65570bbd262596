"""The state of the page is in its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
STATE = "#evolution?evolution.sort=macs:desc&evolution.filter=resnet&evolution.columns=architecture,macs"
BOTTLENECKS = ["resnet152", "resnet101", "resnet50"]


def top_of(page: Any, anchor: str) -> float:
    """Pixels between the top of the window and an element."""
    found: float = page.locator(f"#{anchor}").evaluate("element => element.getBoundingClientRect().top")
    return found


def sort(page: Any, heading: str) -> None:
    page.locator("#table-evolution th button", has_text=heading).click()


def test_an_address_restores_order_filter_and_columns(visit: Visit) -> None:
    tab = visit(state=STATE)
    assert BOTTLENECKS == tab.rows("evolution")[:3]
    assert ["Architecture", "MACs"] == tab.headings("evolution")
    assert all("resnet" in name for name in tab.rows("evolution"))


@pytest.mark.parametrize("section", ["summary", "evolution", "cost", "transfer", "environment", "records"])
def test_a_section_has_an_address_of_its_own(visit: Visit, section: str) -> None:
    page = visit().page
    page.locator(f"nav a[href='#{section}']").click()
    assert page.url.endswith(f"#{section}")
    assert 0 <= top_of(page, section) < 450


def test_an_address_with_a_state_opens_at_its_section(visit: Visit) -> None:
    tab = visit(state=STATE)
    assert 0 <= top_of(tab.page, "evolution") < 450


def test_what_is_chosen_is_in_the_address(visit: Visit) -> None:
    page = visit(whole=True).page
    sort(page, "MACs")
    sort(page, "MACs")
    page.locator("#table-evolution input[type=search]").fill("resnet")
    page.wait_for_url("**#?evolution.sort=macs:desc&evolution.filter=resnet")  # once the typing has paused
    assert page.url.endswith("evolution.filter=resnet")


def test_a_link_within_the_page_keeps_what_is_chosen(visit: Visit) -> None:
    page = visit(state=STATE).page
    page.locator("nav a[href='#cost']").click()
    assert page.url.endswith(STATE.replace("#evolution", "#cost"))


def test_back_undoes_a_choice_and_forward_repeats_it(visit: Visit) -> None:
    tab = visit(whole=True)
    first = tab.rows("evolution")
    sort(tab.page, "MACs")
    chosen = tab.rows("evolution")
    tab.page.go_back()
    assert first == tab.rows("evolution")
    tab.page.go_forward()
    assert chosen == tab.rows("evolution")


def test_one_step_back_undoes_a_filter_however_many_letters_it_has(visit: Visit) -> None:
    tab = visit(whole=True)
    every = tab.rows("evolution")
    tab.page.locator("#table-evolution input[type=search]").press_sequentially("resnet")
    tab.page.go_back()
    assert every == tab.rows("evolution")


def test_the_option_of_a_chart_is_in_the_address_and_restored_from_it(visit: Visit) -> None:
    tab = visit()
    field = tab.page.locator(".chart .option select").first
    field.select_option(index=1)
    chosen = field.input_value()
    again = visit(state=tab.page.url[tab.page.url.index("#") :])
    again.draw_all()
    assert chosen == again.page.locator(".chart .option select").first.input_value()
    assert [] == again.messages


@pytest.mark.parametrize(
    "state",
    [
        "#nowhere?nothing=1",
        "#evolution?evolution.sort=nothing:desc&evolution.columns=,,none&evolution.sort",
        "#evolution?evolution.sort=macs&%E0%A4%A=%&&=&?&evolution.columns=%FF",
        "#%",
        "#recommend?recommend.top1=abc&recommend.latency=NaN&recommend.memory=1e999",
    ],
)
def test_a_state_that_makes_no_sense_is_left_aside(visit: Visit, state: str) -> None:
    tab = visit(state=state, whole=True)
    tab.draw_all()
    assert "Training step" in tab.headings("evolution")
    assert "vit_b_16" in tab.rows("evolution")
    assert [] == tab.messages


def test_the_address_can_bring_no_markup(visit: Visit) -> None:
    evil = "%3C/script%3E%3Cimg src=x onerror=alert(1)%3E"
    pairs = (f"evolution.{name}={evil}" for name in ("filter", "sort", "columns"))
    tab = visit(state=f"#{evil}?{'&'.join(pairs)}&{evil}={evil}")
    tab.draw_all()
    assert 0 == tab.page.locator("img[src=x]").count()
    assert unquote(evil) == tab.page.locator("#table-evolution input[type=search]").input_value()
    assert [] == tab.messages


def test_a_button_copies_the_address(visit: Visit) -> None:
    tab = visit(state=STATE)
    tab.page.locator("#menu-button").click()
    tab.page.locator("#copy-link").click()
    tab.page.get_by_text("Link copied").wait_for()
    assert tab.page.url == tab.pasted()


def test_half_a_character_in_a_field_is_no_error(visit: Visit) -> None:
    tab = visit(whole=True)
    tab.page.locator("#table-evolution input[type=search]").evaluate(
        "field => { field.value = String.fromCharCode(0xd800);"
        " field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    assert "evolution.filter=%EF%BF%BD" in tab.page.url
    assert [] == tab.messages


def test_on_a_phone_an_address_opens_with_its_heading_below_the_header(visit: Visit) -> None:
    page = visit(390, state="#cost").page
    bottom = page.locator("header").evaluate("header => header.getBoundingClientRect().bottom")
    assert bottom <= top_of(page, "heading-cost")


def test_a_copied_address_has_the_section_that_was_scrolled_to(visit: Visit) -> None:
    tab = visit()
    tab.draw_all()
    page = tab.page
    page.locator("#heading-cost").evaluate("heading => heading.scrollIntoView()")
    page.locator("#copy-link").evaluate("button => button.click()")  # a click of the mouse would scroll first
    page.get_by_text("Link copied").wait_for()
    assert page.url.endswith("#cost")


@pytest.mark.parametrize(
    ("state", "opened"),
    [
        ("#table-evolution", "#table-evolution table"),
        ("#start?evolution.sort=macs:desc", "#table-evolution table"),
        ("#table-failures", "#table-failures"),
        ("#reading-words", "#reading-words"),
        ("#records", "#table-cells table"),
        ("#architectures?card=resnet18", "#architecture-resnet18 .body > *"),
    ],
)
def test_an_address_opens_what_its_place_is_folded_in(visit: Visit, state: str, opened: str) -> None:
    visit(state=state).page.locator(opened).first.wait_for()


def test_sections_of_the_appendix_and_tables_of_results_are_closed_until_they_are_asked_for(visit: Visit) -> None:
    page = visit().page
    assert 0 == page.locator(":is(details.appendix, details.table)[open]").count()
    assert 0 == page.locator("#table-evolution table:visible, #table-cells:visible").count()
    page.locator("#table-evolution > summary").click()
    assert page.locator("#table-evolution table").is_visible()
