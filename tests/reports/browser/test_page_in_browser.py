"""What the page shows and draws, wide and narrow, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.audit.verdicts import ClaimVerdict
from tests.chromium import open_tab
from tests.reports.browser.tabs import IN_BROWSER, Tab
from tests.reports.page.test_audit import page_of, write_audit

pytestmark = IN_BROWSER
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


def test_every_chart_is_drawn_without_a_word_or_a_request(drawn: Callable[..., Tab], report: Path) -> None:
    tab = drawn()
    assert tab.page.locator(".plot").count() == tab.page.locator(".plot:has(.main-svg)").count()
    assert [] == tab.messages
    assert [report.as_uri()] == [url for url in tab.requests if not url.startswith(("blob:", "data:"))]


def test_a_click_on_a_heading_sorts_by_value_and_another_turns_it_round(visit: Callable[..., Tab]) -> None:
    page = visit(whole=True).page
    heading = page.locator("#table-evolution th button", has_text="Parameters")
    first = page.locator("#table-evolution tbody tr:first-child td:first-child")
    heading.click()
    assert "lecture_cnn" == first.inner_text()
    heading.click()
    assert "vgg19" == first.inner_text()


def test_rows_without_a_figure_stay_at_the_end_whichever_way_it_is_sorted(visit: Callable[..., Tab]) -> None:
    page = visit(whole=True).page
    heading = page.locator("#table-evolution th button", has_text="Latency")
    last = page.locator("#table-evolution tbody tr:last-child td:first-child")
    heading.click()
    assert "swin_t" == last.inner_text()
    heading.click()
    assert "swin_t" == last.inner_text()


def test_the_filter_keeps_the_records_with_all_its_words(visit: Callable[..., Tab]) -> None:
    page = visit(whole=True).page
    page.locator("#table-cells input[type=search]").fill("vit_b_16 timeout")
    assert 1 == page.locator("#table-cells tbody tr:visible").count()


def test_a_phone_scrolls_tables_and_not_the_page(drawn: Callable[..., Tab]) -> None:
    tab = drawn(390)
    assert 390 == tab.page.evaluate("document.documentElement.scrollWidth")


def test_a_phone_shows_the_whole_key_of_every_chart(drawn: Callable[..., Tab]) -> None:
    tab = drawn(390)
    hidden = """keys => keys.flatMap(key => [...key.querySelectorAll('.traces')].filter(entry =>
        entry.getBoundingClientRect().bottom > key.querySelector('.bg').getBoundingClientRect().bottom + 1
    ).map(entry => entry.textContent))"""
    assert [] == tab.page.locator(".legend").evaluate_all(hidden)


def test_a_phone_shows_the_names_of_long_rows_to_their_end(drawn: Callable[..., Tab]) -> None:
    tab = drawn(390)
    beyond = (
        "names => names.filter(name => name.getBoundingClientRect().right > 390).map(name => name.textContent)"
    )
    names = tab.page.locator(".annotation-text")
    assert 0 < names.count()
    assert [] == names.evaluate_all(beyond)


def test_a_phone_shows_panels_one_below_the_other(drawn: Callable[..., Tab]) -> None:
    domains = (
        "plot => Object.keys(plot.layout).filter(key => /^xaxis/.test(key)).map(key => plot.layout[key].domain)"
    )
    found = drawn(390).page.locator("#chart-learning_curves .plot").evaluate(domains)
    assert 1 < len(found)
    assert [[0, 1]] * len(found) == found


def test_a_phone_shows_names_of_points_that_do_not_meet(drawn: Callable[..., Tab]) -> None:
    boxes = """names => names.filter(name => name.style.visibility !== 'hidden')
        .map(name => name.getBoundingClientRect()).map(box => [box.left, box.right, box.top, box.bottom])"""
    found = drawn(390).page.locator("#chart-throughput_against_macs .textpoint").evaluate_all(boxes)
    assert 1 < len(found)
    assert not any(a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3] for a, b in combinations(found, 2))


@pytest.fixture
def audited(browser: Any, tmp_path: Path) -> Iterator[Callable[[int], Any]]:
    """Opens the page of an audit of forty mismatches at a width."""
    write_audit(
        tmp_path / "s.sqlite", {f"claim-{i}": ClaimVerdict("contradicted", 2, "why", "how") for i in range(40)}
    )
    (tmp_path / "audit.html").write_text(page_of(tmp_path / "s.sqlite"), encoding="utf-8")
    tabs: list[Any] = []

    def _open(width: int) -> Any:
        tab = open_tab(browser, width)
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
    page = visit(whole=True).page
    title = page.locator(".plot .ytitle").first
    sync_api.expect(title).to_be_attached()
    page.emulate_media(color_scheme="dark")
    sync_api.expect(title).to_have_css("fill", "rgb(230, 233, 237)")
