"""The chart of the lessons in a browser: each lesson has rows, and a height, of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.store.database import Store
from reports.page.document import render
from tests.reports.browser.tabs import IN_BROWSER, Tab
from tests.reports.taught import AUGMENTED, HELPS, PLAIN, study, write_lessons

pytestmark = IN_BROWSER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The page of a lesson of one hypothesis and one of four."""
    studies = [study("one", HELPS), study("four", *[HELPS] * 4)]
    write_lessons(tmp_path / "s.sqlite", studies, {PLAIN: [0.5, 0.6], AUGMENTED: [0.7, 0.8]})
    page = tmp_path / "report.html"
    with Store.open(tmp_path / "s.sqlite") as store:
        page.write_text(render(store, "latest"), encoding="utf-8")
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_another_lesson_is_as_high_as_its_rows_and_has_their_names(
    visit: Callable[..., Tab], path: Path, width: int
) -> None:
    tab = visit(width, path=path)
    tab.draw_all()
    shown = tab.page.locator("#chart-lesson_figures")
    names, low = shown.locator(".ytick text"), shown.bounding_box()
    assert 2 == names.count()
    shown.locator("select").select_option(label="Title of four")
    high = shown.bounding_box()
    assert (8, True) == (names.count(), high["height"] > low["height"])
    assert high["width"] == low["width"]


def test_the_address_opens_the_chosen_lesson(visit: Callable[..., Tab], path: Path) -> None:
    tab = visit(path=path, state="#?lesson_figures.lesson=title-of-four")
    tab.draw_all()
    assert 8 == tab.page.locator("#chart-lesson_figures .ytick text").count()
