"""Whether people can use the page: with a screen reader, by the keyboard, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import open_tab, wait_until
from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
PAPER, LANDSCAPE = 700, 966
"""Pixels between the margins of A4, and of a letter that lies."""
DRAWN = 690
"""Pixels of a chart on paper."""
SIZES = """[...document.querySelectorAll('.plot')].filter(plot => plot.offsetParent).map(plot =>
    ({ room: plot.clientWidth, drawn: plot.querySelector('.main-svg').clientWidth }))"""
THIN = """() => {
    const shape = (one) =>
        [one.tagName, one.getAttribute('class'), one.style.fill, ...[...one.children].map(shape)].join();
    const thin = (parent) => {
        const seen = new Set();
        for (const child of [...parent.children]) {
            if (seen.has(shape(child))) child.remove();
            else {
                seen.add(shape(child));
                thin(child);
            }
        }
    };
    document.querySelectorAll('tbody, .main-svg').forEach(thin);
}"""
"""One row of a table, one mark of a chart stands for all that have its form: axe takes a minute for thousands."""


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_in_light_or_in_dark(visit: Visit, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    tab = visit(width)
    tab.draw_all()
    tab.open_all()
    tab.page.evaluate(THIN)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        found = axe.run(tab.page).response
        assert found["passes"]
        wrong = [(item["id"], [node["html"] for node in item["nodes"][:3]]) for item in found["violations"]]
        assert (scheme, []) == (scheme, wrong)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("opened", ["menu", "contents", "meaning"])
def test_axe_finds_no_violation_in_what_opens_over_the_page(visit: Visit, width: int, opened: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    page = visit(width).page
    box = ".meaning" if opened == "meaning" else f"#{opened}"
    page.evaluate("box => document.querySelector(box).showPopover()", box)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = axe.run(page, context=f"{box}:popover-open").response
        assert found["passes"]
        assert (scheme, []) == (scheme, [item["id"] for item in found["violations"]])


def test_the_first_key_offers_to_skip_to_the_content(visit: Visit) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert "content" == page.evaluate("document.activeElement.id")


def test_the_focus_is_seen(visit: Visit) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "solid" == page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


def test_a_table_does_not_keep_the_focus(visit: Visit) -> None:
    page = visit(whole=True).page
    page.locator("#table-coverage .scroll").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('#table-coverage') !== null")


@pytest.fixture(scope="module")
def printed(browser: Any, report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page after it has been printed while only its top was drawn."""
    page = open_tab(browser)
    page.goto(report.as_uri())
    page.locator(".main-svg").first.wait_for(state="attached")
    page.pdf(path=tmp_path_factory.mktemp("pdf") / "report.pdf")
    yield page
    page.close()


def test_all_charts_are_drawn_on_paper(printed: Any) -> None:
    assert printed.locator(".plot").count() == printed.locator(".plot:has(.main-svg)").count()


PAGES = re.compile(rb"/Type\s*/Page\b")
SHEET = 1032
"""Pixels between the margins of A4 from top to bottom."""


def test_the_summary_takes_eight_sheets_at_most_and_all_takes_more(visit: Visit, tmp_path: Path) -> None:
    page = visit().page
    sheets = {}
    for manner in ("summary", "all"):
        page.evaluate("manner => { document.documentElement.dataset.print = manner; }", manner)
        path = tmp_path / f"{manner}.pdf"
        page.pdf(path=path, format="A4")
        sheets[manner] = len(PAGES.findall(path.read_bytes()))
    assert 1 <= sheets["summary"] <= 8
    assert sheets["summary"] < sheets["all"]


@pytest.mark.parametrize(("manner", "parts"), [("summary", {"story"}), ("all", {"story", "results"})])
def test_what_is_printed_is_what_was_asked_for(visit: Visit, manner: str, parts: set[str]) -> None:
    page = visit().page
    page.evaluate("manner => { document.documentElement.dataset.print = manner; }", manner)
    page.emulate_media(media="print")
    seen = page.locator("main > section:visible")
    told = {"reading", "summary"} if manner == "all" else set()
    assert told == set(seen.evaluate_all("all => all.filter(x => x.dataset.part === 'appendix').map(x => x.id)"))
    assert parts == set(seen.evaluate_all("all => all.map(x => x.dataset.part)")) - {"appendix"}
    assert 0 == page.locator("#records:visible, #table-artifacts:visible, details.layers:visible").count()


def test_a_card_that_is_open_is_printed_and_no_other(visit: Visit) -> None:
    page = visit(state="#architectures?card=resnet18").page
    page.locator("#architecture-resnet18 .body > *").first.wait_for()
    page.emulate_media(media="print")
    shown = page.locator(".architecture:visible").evaluate_all("all => all.map(one => one.dataset.card)")
    assert ["resnet18"] == shown


@pytest.fixture(scope="module")
def paper(browser: Any, report: Path) -> Iterator[Any]:
    """The page as it is on paper."""
    tab = Tab(open_tab(browser, PAPER))
    tab.page.goto(report.as_uri())
    tab.draw_all()
    tab.page.emulate_media(media="print")
    wait_until(tab.page, f"{SIZES}.every(size => size.drawn === {DRAWN})")
    yield tab.page
    tab.page.close()


def test_no_chart_is_taller_than_a_sheet(paper: Any) -> None:
    heights = paper.locator(".chart:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert heights
    assert max(heights) <= SHEET
    breaks = paper.locator(".chart:visible").evaluate_all(
        "all => all.map(one => getComputedStyle(one).breakInside)"
    )
    assert {"avoid"} == set(breaks)


def test_of_a_long_table_paper_has_the_first_rows_and_says_so(paper: Any) -> None:
    long = paper.locator(".table:visible:has(.scroll.long)")
    assert 0 < long.count()
    for table in long.all():
        assert 30 == table.locator("tbody tr:visible").count()
        assert "On paper: the first 30 of" in table.locator(".paper-only").inner_text()


def test_nothing_is_cut_on_paper(paper: Any) -> None:
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.ariaLabel)"
    assert [] == paper.locator("main .table:not(.wide) .scroll:visible").evaluate_all(cut)
    beyond = f"all => all.filter(one => one.getBoundingClientRect().right > {PAPER}).length"
    assert 0 == paper.locator(".plot .main-svg").evaluate_all(beyond)


def test_a_sheet_that_lies_has_room_for_a_wide_table(paper: Any) -> None:
    assert "wide" == paper.locator("#table-evolution").evaluate("one => getComputedStyle(one).page")
    paper.set_viewport_size({"width": LANDSCAPE, "height": 900})
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.ariaLabel)"
    assert [] == paper.locator("main .table.wide .scroll:visible").evaluate_all(cut)
    paper.set_viewport_size({"width": PAPER, "height": 900})


def test_no_number_is_broken_on_paper(paper: Any) -> None:
    broken = "all => all.filter(one => getComputedStyle(one).overflowWrap === 'anywhere').length"
    assert 0 == paper.locator("main td.number").evaluate_all(broken)


def test_the_keys_of_charts_have_their_symbols_on_paper(paper: Any) -> None:
    symbols = paper.locator("#chart-error_against_year .legend .legendpoints path")
    assert 0 < symbols.count() == symbols.locator("visible=true").count()


def test_headings_are_no_buttons_on_paper_where_they_would_be_empty_on_the_second_sheet(paper: Any) -> None:
    assert {"contents"} == set(
        paper.locator("thead th button").evaluate_all("all => all.map(one => getComputedStyle(one).display)")
    )


def test_no_table_fades_out_on_paper(paper: Any) -> None:
    masks = paper.locator(".scroll").evaluate_all("all => all.map(one => getComputedStyle(one).maskImage)")
    assert {"none"} == set(masks)


def test_what_only_a_screen_can_use_is_not_on_paper(paper: Any) -> None:
    assert (
        0
        == paper.locator(
            "nav:visible, .tools:visible, header button:visible, .option:visible, .modebar:visible"
        ).count()
    )


def test_after_printing_charts_fill_the_page_again(paper: Any) -> None:
    paper.emulate_media(media="screen")
    wait_until(paper, f"{SIZES}.every(size => Math.abs(size.drawn - size.room) <= 1)")
    paper.emulate_media(media="print")
