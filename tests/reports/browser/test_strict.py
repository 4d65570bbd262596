"""The page where a server refuses scripts and styles within it, and where no script runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from reports.output.files import write_files
from reports.page.assets import files_of
from reports.page.document import compose
from tests.chromium import open_tab, wait_until
from tests.reports.browser.served import served
from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
SELF = "default-src 'self'"
REFUSED = "script-src 'none'"
CHARTS = "performance.getEntriesByName('charts drawn').length"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, synthetic: Path) -> Path:
    """The plausible run's page as files."""
    path = tmp_path_factory.mktemp("assets")
    with Store.open(synthetic) as store:
        write_files(path, files_of(compose(store, "latest")))
    return path


@pytest.fixture(scope="module")
def strict(browser: Any, folder: Path) -> Iterator[Tab]:
    """The page of files, served by a server that allows its own files alone, all drawn and open."""
    with served(folder, SELF) as address:
        tab = Tab(open_tab(browser))
        tab.listen()
        tab.page.goto(f"{address}/index.html")
        tab.draw_all()
        tab.open_all()
        wait_until(tab.page, "!document.querySelector('.architecture .body:empty')")
        yield tab
        tab.page.close()


def test_a_server_that_allows_its_own_files_alone_has_nothing_to_refuse(strict: Tab) -> None:
    assert [] == strict.messages


def test_every_chart_is_drawn_from_files(strict: Tab) -> None:
    assert strict.page.locator(".plot").count() == strict.page.locator(".plot:has(.main-svg)").count()


def test_a_heatmap_has_its_colours(strict: Tab) -> None:
    cells = strict.page.locator("#chart-confusion_matrices svg.cells rect")
    fills = set(cells.evaluate_all("all => all.map(one => one.getAttribute('fill'))"))
    assert 2 < len(fills)


def test_pictures_come_from_files(strict: Tab) -> None:
    strict.page.locator("#mistakes .strip img").first.scroll_into_view_if_needed()
    wait_until(strict.page, "document.querySelector('#mistakes .strip img').naturalWidth")
    assert set() == {url.partition(":")[0] for url in strict.requests} - {"http"}


def test_a_column_can_be_hidden_without_a_style_element(strict: Tab) -> None:
    page = strict.page
    before = page.locator("#table-coverage thead th:visible").count()
    page.locator("#table-coverage .columns input").last.uncheck()
    assert before - 1 == page.locator("#table-coverage thead th:visible").count()
    assert [] == strict.messages


def test_the_files_open_from_disk(browser: Any, folder: Path) -> None:
    tab = Tab(open_tab(browser))
    tab.listen()
    tab.page.goto((folder / "index.html").as_uri())
    tab.draw_all()
    assert [] == tab.messages
    tab.page.close()


@pytest.fixture(scope="module")
def refused(browser: Any, report: Path) -> Iterator[Any]:
    """The page in one file, served by a server that refuses its scripts."""
    with served(report.parent, REFUSED) as address:
        page = open_tab(browser)
        page.goto(f"{address}/{report.name}")
        yield page
        page.close()


def test_where_scripts_are_refused_the_page_says_why_charts_are_missing(refused: Any) -> None:
    assert "report --assets FOLDER" in refused.locator("main > .unscripted").inner_text()


def test_where_scripts_are_refused_verdicts_and_first_rows_are_read(refused: Any) -> None:
    for fold in ("#table-pretraining_effect", "#table-augmentation_effect", "#records > details"):
        refused.locator(f"{fold} > summary").click()
    for table in ("pretraining_effect", "augmentation_effect", "hypotheses"):
        assert refused.locator(f"#table-{table} tbody tr").first.is_visible()
    assert 10 == refused.locator("#table-cells tbody tr:visible").count()
    assert "The first 10 of" in refused.locator("#table-cells .unscripted").inner_text()


def test_where_scripts_are_refused_a_word_still_opens_its_meaning(refused: Any) -> None:
    refused.locator("button.term").first.click()
    assert refused.locator(".meaning:popover-open").is_visible()
    refused.keyboard.press("Escape")
    assert 0 == refused.locator(".meaning:popover-open").count()


def test_where_scripts_are_refused_no_chart_leaves_a_hole(refused: Any) -> None:
    heights = refused.locator(".plot").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert heights
    assert 60 > max(heights)


def test_a_browser_without_javascript_shows_the_same(browser: Any, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("main > .unscripted").is_visible()
    page.locator("#table-pretraining_effect > summary").click()
    assert page.locator("#table-pretraining_effect tbody tr").first.is_visible()
    context.close()


def test_where_scripts_run_no_such_line_is_there(visit: Any) -> None:
    assert 0 == visit().page.locator(".unscripted").count()
