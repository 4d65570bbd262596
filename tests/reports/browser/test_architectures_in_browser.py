"""The cards of the architectures in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reports.page.document import document, ordered
from reports.page.section import Page
from reports.tidy.frame import Frames
from tests.chromium import open_tab
from tests.reports.blocks import NETWORK
from tests.reports.browser.tabs import IN_BROWSER

pytestmark = IN_BROWSER

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
BODY = "#architecture-resnet18 .body"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, frames: Frames) -> str:
    page = Page(frames.changed(networks={"resnet18": NETWORK}))
    path: Path = tmp_path_factory.mktemp("cards") / "report.html"
    path.write_text(document(page, "cards", ordered(page)).whole(), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    found = open_tab(browser)
    found.messages = []
    found.on("console", lambda message: found.messages.append(message.text))
    found.on("pageerror", lambda error: found.messages.append(str(error)))
    yield found
    found.close()


def test_the_address_of_a_card_opens_it_alone(tab: Any, address: str) -> None:
    tab.goto(f"{address}#architectures?card=resnet18")
    tab.locator(f"{BODY} svg.block").wait_for()
    assert ["resnet18"] == tab.eval_on_selector_all(
        "details.architecture[open]", "cards => cards.map(card => card.dataset.card)"
    )
    assert [] == tab.messages


def test_opening_a_card_is_in_the_address_and_closing_it_is_not(tab: Any, address: str) -> None:
    tab.goto(f"{address}#architectures")
    tab.locator("#architecture-resnet34 > summary").click()
    tab.wait_for_url("**card=resnet34")
    tab.locator("#architecture-resnet34 > summary").click()
    tab.wait_for_url(lambda url: "card=" not in url)


def test_a_link_of_the_index_opens_its_card_with_the_keyboard(tab: Any, address: str) -> None:
    tab.goto(f"{address}#architectures")
    tab.locator('#architecture-index a[href$="card=resnet18"]').focus()
    tab.keyboard.press("Enter")
    tab.locator(f"{BODY} svg.block").wait_for()
    tab.wait_for_function(
        "() => document.querySelector('#architecture-resnet18').getBoundingClientRect().top < 200"
    )


def test_the_layers_are_a_table_that_sorts(tab: Any, address: str) -> None:
    tab.goto(f"{address}#architectures?card=resnet18")
    tab.locator(f"{BODY} .layers > summary").click()
    heading = tab.locator(f"{BODY} .layers th button", has_text="Parameters")
    heading.click()
    heading.click()
    tab.locator(f"{BODY} .layers tbody tr:first-child", has_text="fc").wait_for()


def test_the_pictures_of_a_card_are_those_of_the_section_that_has_them(
    tab: Any, frames: Frames, tmp_path: Path
) -> None:
    row = dict.fromkeys(frames.pictures.columns, "x") | {
        "architecture": "resnet18",
        "title": "Filters",
        "png": PIXEL,
    }
    page = Page(frames.changed(pictures=pd.DataFrame([row | {"width": 1, "height": 1}])))
    path = tmp_path / "report.html"
    path.write_text(document(page, "pictures", ordered(page)).whole(), encoding="utf-8")
    tab.goto(f"{path.as_uri()}#architectures?card=resnet18")
    tab.locator(f"{BODY} .gallery img[alt='Filters of resnet18']").wait_for()
    assert 1 == path.read_text(encoding="utf-8").count(PIXEL)


def test_an_unknown_card_in_the_address_opens_none(tab: Any, address: str) -> None:
    tab.goto(f"{address}#architectures?card=%3Cb%3E")
    tab.wait_for_function("() => document.documentElement.dataset.ready")
    assert (0, []) == (tab.locator("details.architecture[open]").count(), tab.messages)


def test_a_card_is_no_wider_than_a_phone(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(f"{address}#architectures?card=resnet18")
    tab.locator(f"{BODY} svg.block").wait_for()
    assert 390 >= tab.evaluate("document.querySelector('#architecture-resnet18').scrollWidth")
    assert 390 >= tab.evaluate("document.documentElement.scrollWidth")
