"""The page in a real Chromium, opened from disk with no network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.audit import Judged
from tests.reports.test_audit_page import page_of, write_audit

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@dataclass
class Tab:
    """An open page with what it said and asked for."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def draw_all(self) -> None:
        """Scroll to every chart until it is drawn."""
        for plot in self.page.locator(".plot").all():
            plot.scroll_into_view_if_needed()
            sync_api.expect(plot.locator(".main-svg").first).to_be_attached(timeout=20_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, page: str) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Callable[..., Tab]]:
    tabs: list[Tab] = []

    def _visit(width: int = 1280, scheme: str = "light") -> Tab:
        tab = Tab(browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme))
        tab.page.on("console", lambda message: tab.messages.append(message.text))
        tab.page.on("pageerror", lambda error: tab.messages.append(str(error)))
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.goto(report.as_uri())
        tabs.append(tab)
        return tab

    yield _visit
    for tab in tabs:
        tab.page.close()


def test_every_chart_is_drawn_when_it_is_scrolled_to_without_a_word_or_a_request(
    visit: Callable[..., Tab], report: Path
) -> None:
    tab = visit()
    tab.draw_all()
    assert [] == tab.messages
    assert [report.as_uri()] == [url for url in tab.requests if not url.startswith(("blob:", "data:"))]


def test_a_click_on_a_heading_sorts_by_value_and_another_turns_it_round(visit: Callable[..., Tab]) -> None:
    page = visit().page
    heading = page.locator("#table-evolution th button", has_text="Parameters")
    first = page.locator("#table-evolution tbody tr:first-child td:first-child")
    heading.click()
    assert "lecture_cnn" == first.inner_text()
    heading.click()
    assert "vgg19" == first.inner_text()


def test_rows_without_a_figure_stay_at_the_end_whichever_way_it_is_sorted(visit: Callable[..., Tab]) -> None:
    page = visit().page
    heading = page.locator("#table-evolution th button", has_text="Latency")
    last = page.locator("#table-evolution tbody tr:last-child td:first-child")
    heading.click()
    assert "swin_t" == last.inner_text()
    heading.click()
    assert "swin_t" == last.inner_text()


def test_the_filter_keeps_the_records_with_all_its_words(visit: Callable[..., Tab]) -> None:
    page = visit().page
    page.locator("#table-cells input").fill("vit_b_16 timeout")
    assert 1 == page.locator("#table-cells tbody tr:visible").count()


def test_all_charts_are_drawn_on_paper(visit: Callable[..., Tab]) -> None:
    tab = visit()
    sync_api.expect(tab.page.locator(".main-svg").first).to_be_attached(timeout=20_000)
    tab.page.pdf()
    assert tab.page.locator(".plot").count() == tab.page.locator(".plot:has(.main-svg)").count()


def test_a_phone_scrolls_tables_and_not_the_page(visit: Callable[..., Tab]) -> None:
    tab = visit(width=390)
    tab.draw_all()
    assert 390 == tab.page.evaluate("document.documentElement.scrollWidth")


def test_a_phone_shows_the_whole_key_of_every_chart(visit: Callable[..., Tab]) -> None:
    tab = visit(width=390)
    tab.draw_all()
    hidden = """keys => keys.flatMap(key => [...key.querySelectorAll('.traces')].filter(entry =>
        entry.getBoundingClientRect().bottom > key.querySelector('.bg').getBoundingClientRect().bottom + 1
    ).map(entry => entry.textContent))"""
    assert [] == tab.page.locator(".legend").evaluate_all(hidden)


def test_a_phone_shows_the_names_of_long_rows_to_their_end(visit: Callable[..., Tab]) -> None:
    tab = visit(width=390)
    tab.draw_all()
    beyond = (
        "names => names.filter(name => name.getBoundingClientRect().right > 390).map(name => name.textContent)"
    )
    names = tab.page.locator(".annotation-text")
    assert 0 < names.count()
    assert [] == names.evaluate_all(beyond)


@pytest.fixture
def audited(browser: Any, tmp_path: Path) -> Iterator[Callable[[int], Any]]:
    """Opens the page of an audit of forty mismatches at a width."""
    write_audit(tmp_path / "s.sqlite", {f"claim-{i}": Judged("contradicted", 2, "why", "how") for i in range(40)})
    (tmp_path / "audit.html").write_text(page_of(tmp_path / "s.sqlite"), encoding="utf-8")
    tabs: list[Any] = []

    def _open(width: int) -> Any:
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.goto((tmp_path / "audit.html").as_uri())
        tabs.append(tab)
        return tab

    yield _open
    for tab in tabs:
        tab.close()


def test_what_does_not_agree_is_as_tall_as_it_is(audited: Callable[[int], Any]) -> None:
    box = audited(1280).locator("#table-what-does-not-agree .scroll")
    sizes = "box => [box.scrollHeight <= box.clientHeight, box.scrollWidth <= box.clientWidth]"
    assert [True, True] == box.evaluate(sizes)


def test_a_phone_shows_the_texts_of_a_claim_one_below_the_other(audited: Callable[[int], Any]) -> None:
    tab = audited(390)
    for table in ("what-does-not-agree", "claims"):
        cells = tab.locator(f"#table-{table} tbody tr:first-child td")
        boxes = [cell.bounding_box() for cell in cells.all() if cell.is_visible()]
        assert all(after["y"] >= before["y"] + before["height"] - 1 for before, after in pairwise(boxes))
        assert all(box["x"] + box["width"] <= 390 for box in boxes)


def test_charts_follow_a_change_to_dark(visit: Callable[..., Tab]) -> None:
    page = visit().page
    title = page.locator(".plot .ytitle").first
    sync_api.expect(title).to_be_attached(timeout=20_000)
    page.emulate_media(color_scheme="dark")
    sync_api.expect(title).to_have_css("fill", "rgb(230, 233, 237)")
