"""The chapters of the evolution in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.page.document import document, ordered
from reports.page.section import Page
from reports.tidy.frame import Frames
from tests.chromium import open_tab
from tests.reports.blocks import NETWORK
from tests.reports.browser.tabs import IN_BROWSER

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, frames: Frames) -> str:
    page = Page(frames.changed(networks={"resnet50": NETWORK}))
    path: Path = tmp_path_factory.mktemp("chapters") / "report.html"
    path.write_text(document(page, "chapters", ordered(page)).whole(), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    found = open_tab(browser)
    yield found
    found.close()


def test_the_name_of_a_network_opens_its_card_with_the_keyboard(tab: Any, address: str) -> None:
    tab.goto(f"{address}#chapters")
    tab.locator("#chapter-resnet a", has_text="ResNet-50").focus()
    tab.keyboard.press("Enter")
    tab.locator("#architecture-resnet50 .body svg.block").wait_for()


def test_a_drawing_stands_at_the_right_of_its_words(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 1400, "height": 900})
    tab.goto(f"{address}#chapters")
    drawing, words = (tab.locator(f"#chapter-resnet {name}").first.bounding_box() for name in ("svg.block", "ul"))
    assert words["x"] < drawing["x"]
    assert words["y"] < drawing["y"] + drawing["height"]


def test_on_a_phone_chapters_stand_one_below_the_other_and_nothing_is_wider(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(f"{address}#chapters")
    first, second = (tab.locator(f"#chapter-{name}").bounding_box() for name in ("alexnet", "resnet"))
    assert first["y"] + first["height"] <= second["y"]
    assert 390 >= tab.evaluate("document.documentElement.scrollWidth")


def test_a_chapter_is_printed_on_one_page(tab: Any, address: str) -> None:
    tab.emulate_media(media="print")
    tab.goto(f"{address}#chapters")
    styles = tab.eval_on_selector_all(".chapter", "all => all.map(one => getComputedStyle(one).breakInside)")
    assert {"avoid"} == set(styles)
