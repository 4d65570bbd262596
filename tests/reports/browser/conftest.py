"""One Chromium for all tests of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import PATIENCE, launch, open_tab
from tests.reports.browser.tabs import Tab


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, page: str) -> Path:
    """The page of the plausible run as a file."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def drawn(browser: Any, report: Path) -> Iterator[Callable[[int], Tab]]:
    """The plausible run's report at a width, drawn and unfolded, opened once: for tests that only look."""
    tabs: dict[int, Tab] = {}

    def _drawn(width: int = 1280) -> Tab:
        if width not in tabs:
            tabs[width] = Tab(open_tab(browser, width))
            tabs[width].listen()
            tabs[width].page.goto(report.as_uri())
            tabs[width].draw_all()
            tabs[width].unfold()
        return tabs[width]

    yield _drawn
    for tab in tabs.values():
        tab.page.close()


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Callable[..., Tab]]:
    """Opens a report, or that of the plausible run, at a width, in light or dark, with a state in its address.

    A `whole` one is unfolded.
    """
    tabs: list[Tab] = []

    def _visit(
        width: int = 1280, scheme: str = "light", state: str = "", path: Path = report, whole: bool = False
    ) -> Tab:
        tab = Tab(open_tab(browser, width, scheme=scheme))
        tab.listen()
        tab.page.goto(path.as_uri() + state)
        if whole:
            tab.unfold()
        tabs.append(tab)
        return tab

    yield _visit
    for tab in tabs:
        tab.page.close()
