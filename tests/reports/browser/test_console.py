"""What the page says in the browser's console: nothing, whatever a run has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.store.database import Store
from reports.page.document import render
from tests.reports.browser.tabs import IN_BROWSER, Tab
from tests.reports.learning.test_quadrants import quadrant
from tests.reports.learning_cells import frames_of, learning

pytestmark = IN_BROWSER


@pytest.mark.parametrize(("size", "likeness"), [("large", "similar"), ("small", "different")])
def test_a_run_with_one_quadrant_leaves_the_console_empty(
    tmp_path: Path, visit: Callable[..., Tab], size: str, likeness: str
) -> None:
    modes = {"features+softmax": 0.9, "finetune:all": 0.8, "scratch": 0.7}
    trained = [(learning(mode, seed), value) for mode, value in modes.items() for seed in range(2)]
    frames_of(tmp_path, trained, [quadrant(size=size, likeness=likeness)])
    path = tmp_path / "report.html"
    with Store.open(tmp_path / "s.sqlite") as store:
        path.write_text(render(store, "only"), encoding="utf-8")
    tab = visit(path=path)
    tab.draw_all()
    assert tab.page.locator("#chart-quadrants .plot").count()
    assert [] == tab.messages


def test_a_run_without_a_chart_says_so_and_is_not_waited_for(tmp_path: Path, visit: Callable[..., Tab]) -> None:
    frames_of(tmp_path, [(learning("scratch", 0), 0.7)])
    path = tmp_path / "report.html"
    with Store.open(tmp_path / "s.sqlite") as store:
        path.write_text(render(store, "only"), encoding="utf-8")
    tab = visit(path=path)
    tab.draw_all()
    assert not tab.page.locator(".plot").count()
    assert [] == tab.messages
