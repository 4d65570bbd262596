"""Two runs, the history and opened records in a real Chromium, from disk and with no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from reports.page.several import render_history, render_pair
from tests.chromium import open_tab
from tests.reports.browser.tabs import IN_BROWSER

pytestmark = IN_BROWSER
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

Build = Callable[[Path, Any], Any]
Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Visit]:
    """Opens a page at a place of it; at the end it must have said nothing and asked for nothing."""
    heard: list[str] = []
    tabs: list[Any] = []
    path = tmp_path / "page.html"

    def _visit(html: str, place: str = "", width: int = 1280) -> Any:
        path.write_text(html, encoding="utf-8")
        tab = open_tab(browser, width)
        tab.on("console", lambda message: heard.append(message.text))
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("request", lambda request: heard.append(request.url))
        tab.goto(f"{path.as_uri()}#{place}")
        tabs.append(tab)
        return tab

    yield _visit
    for tab in tabs:
        tab.close()
    assert [] == [words for words in heard if not words.startswith((path.as_uri(), "blob:", "data:"))]


@pytest.fixture
def pair(tmp_path: Path, build_run: Build, plan: Any) -> str:
    """A run and one that is slower, on a page."""
    base = replace(plan, id="base", processes=5)
    build_run(tmp_path / "s.sqlite", base)
    build_run(tmp_path / "s.sqlite", replace(base, id="head", slowdown=1.5, seed=1))
    with Store.open(tmp_path / "s.sqlite") as store:
        return render_pair(store, "base", "head")


def _verdicts(page: Any) -> set[str]:
    rows = page.locator("#table-verdicts-on-what-both-runs-have tbody tr:visible td:first-child")
    return set(rows.all_inner_texts())


def test_what_is_fine_is_shown_when_differences_alone_are_not_asked_for(visit: Visit, pair: str) -> None:
    page = visit(pair, "compare")
    page.locator("#table-verdicts-on-what-both-runs-have tbody tr").first.wait_for()
    assert {"regression", "undecided"} >= _verdicts(page)
    page.get_by_label("Differences only").uncheck()
    assert {"regression", "fine"} <= _verdicts(page)
    assert "compare.differences=false" in page.url


def test_the_ratios_of_two_runs_are_drawn(visit: Visit, pair: str) -> None:
    page = visit(pair, "chart-compared_ratios")
    sync_api.expect(page.locator("#chart-compared_ratios .main-svg").first).to_be_attached()


def test_a_click_on_a_cell_shows_its_samples_in_a_dialog(visit: Visit, page: str) -> None:
    tab = visit(page, "records")
    tab.get_by_role("button", name="resnet18 latency infer 224px b1", exact=True).click()
    dialog = tab.get_by_role("dialog", name="resnet18 latency infer 224px b1")
    sync_api.expect(dialog.get_by_role("img", name="20 samples in their order")).to_be_visible()


def test_an_opened_cell_is_in_the_address_until_it_is_closed(visit: Visit, page: str) -> None:
    tab = visit(page, "records")
    button = tab.get_by_role("button", name="resnet18 latency infer 224px b1", exact=True)
    button.click()
    tab.wait_for_url("**cells.open=*")
    tab.keyboard.press("Escape")
    sync_api.expect(button).to_be_focused()
    assert "cells.open" not in tab.url


def test_the_address_of_an_opened_cell_opens_it(visit: Visit, page: str, frames: Any) -> None:
    cell = frames.records[frames.records["status"] == "oom"].iloc[0]
    tab = visit(page, f"records?cells.open={cell['key']}")
    sync_api.expect(tab.get_by_role("dialog")).to_contain_text("oom: the kernel killed the process")


def test_an_address_of_no_cell_opens_nothing(visit: Visit, page: str) -> None:
    tab = visit(page, "records?cells.open=constructor")
    tab.locator("#table-cells tbody tr").first.wait_for()
    assert not tab.locator("#record").is_visible()


def test_a_cell_that_was_not_run_says_so(visit: Visit, page: str, frames: Any) -> None:
    cell = frames.records[frames.records["status"] == "left out (time)"].iloc[0]
    tab = visit(page, f"records?cells.open={cell['key']}")
    sync_api.expect(tab.get_by_role("dialog")).to_contain_text("Not run")


def test_a_phone_shows_the_history_without_scrolling_the_page(visit: Visit, synthetic: Path) -> None:
    with Store.open(synthetic) as store:
        page = visit(render_history(store), "history", width=390)
    for plot in page.locator(".plot").all():
        plot.scroll_into_view_if_needed()
        sync_api.expect(plot.locator(".main-svg").first).to_be_attached()
    assert 390 == page.evaluate("document.documentElement.scrollWidth")
