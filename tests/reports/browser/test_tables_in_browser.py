"""Tables: filter, columns, copies; what is behind charts."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
SHOWN = "#evolution?evolution.filter=resnet5&evolution.columns=architecture,parameters,protocol"


def test_every_table_of_more_than_eight_rows_can_be_filtered(drawn: Visit) -> None:
    tab = drawn()
    wrong = """tables => tables.filter(table => table.querySelector('tbody') &&
        (table.querySelectorAll('tbody tr').length > 8) === table.querySelector('.search').hidden
    ).map(table => table.id)"""
    assert [] == tab.page.locator("main .table").evaluate_all(wrong)


def test_a_filter_says_how_many_rows_it_leaves(visit: Visit) -> None:
    page = visit().page
    page.locator("#table-evolution input[type=search]").fill("swin")
    assert "1 of 24 rows" == page.locator("#table-evolution output").inner_text()


def test_columns_are_chosen_by_the_keyboard(visit: Visit) -> None:
    tab = visit()
    tab.page.locator("#table-evolution .columns summary").press("Enter")
    tab.page.locator("#table-evolution .columns input").first.wait_for()
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Space")
    assert "Year" not in tab.headings("evolution")
    assert "evolution.columns=architecture,venue-year,input,parameters," in tab.page.url


def test_escape_closes_a_menu_and_leaves_the_focus_on_it(visit: Visit) -> None:
    page = visit().page
    menu = page.locator("#table-evolution .columns")
    menu.locator("summary").click()
    menu.locator("input").first.focus()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert "SUMMARY" == page.evaluate("document.activeElement.tagName")


@pytest.mark.parametrize(("width", "hidden"), [(390, True), (1280, False)])
def test_what_is_not_brief_is_hidden_at_first_on_a_narrow_page_alone(
    drawn: Visit, width: int, hidden: bool
) -> None:
    assert hidden == ("Source of the errors" not in drawn(width).headings("evolution"))


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("CSV", "Architecture,Parameters,Protocol\nresnet50,25560000,single crop\n"),
        (
            "Markdown",
            "| Architecture | Parameters | Protocol |\n| --- | ---: | --- |\n"
            "| resnet50 | 25.6 M | single crop |\n",
        ),
        (
            "LaTeX",
            "\\begin{tabular}{lrl}\n\\hline\nArchitecture & Parameters & Protocol \\\\\n\\hline\n"
            "resnet50 & 25.6 M & single crop \\\\\n\\hline\n\\end{tabular}\n",
        ),
    ],
)
def test_what_is_shown_is_copied(visit: Visit, format_: str, expected: str) -> None:
    tab = visit(state=SHOWN)
    tab.page.locator("#table-evolution .copy summary").click()
    tab.page.locator("#table-evolution .copy button", has_text=format_).click()
    tab.page.get_by_text(f"1 rows as {format_} copied").wait_for()
    assert expected == tab.pasted()


def test_it_is_copied_where_the_browser_has_no_clipboard_for_pages_from_disk(visit: Visit) -> None:
    tab = visit(state=SHOWN)
    tab.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    tab.page.locator("#table-evolution .copy summary").click()
    tab.page.locator("#table-evolution .copy button", has_text="CSV").click()
    tab.page.get_by_text("1 rows as CSV copied").wait_for()
    assert "resnet50" in tab.pasted()


def test_a_long_table_is_filtered_as_soon_as_it_is_opened(visit: Visit) -> None:
    tab = visit(state="#records?cells.filter=vit_b_16+timeout")
    tab.draw_all()
    assert 1 == len(tab.rows("cells"))


def test_a_csv_has_the_units_of_its_numbers_in_its_head(visit: Visit) -> None:
    tab = visit(state="#evolution?evolution.filter=resnet50&evolution.columns=architecture,latency")
    tab.page.locator("#table-evolution .copy summary").click()
    tab.page.locator("#table-evolution .copy button", has_text="CSV").click()
    tab.page.get_by_text("1 rows as CSV copied").wait_for()
    assert tab.pasted().startswith("Architecture,Latency (s)\nresnet50,0.")


def test_columns_without_a_figure_are_hidden_at_first(drawn: Visit) -> None:
    empty = drawn().page.locator("th[data-empty]")
    assert 0 < empty.count()
    assert 0 == empty.locator("visible=true").count()


def test_a_table_that_goes_on_behind_its_edge_fades_there_until_it_is_scrolled(visit: Visit) -> None:
    page = visit(390).page
    page.locator("#table-evolution .scroll.beyond").wait_for()
    page.locator("#table-evolution .scroll").evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    page.locator("#table-evolution .scroll:not(.beyond)").wait_for()


def test_every_chart_has_its_data_in_a_table(visit: Visit) -> None:
    tab = visit()
    tab.draw_all()
    tab.open_all()
    empty = "all => all.filter(one => !one.querySelector('tbody tr')).map(one => one.closest('.chart').id)"
    assert [] == tab.page.locator(".chart .data").evaluate_all(empty)
    assert [] == tab.messages


def test_the_data_of_a_chart_are_its_points(visit: Visit) -> None:
    tab = visit()
    data = tab.page.locator("#chart-throughput_against_macs")
    data.locator("summary", has_text="Data").click()
    data.locator(".table .copy summary").click()
    data.locator(".table .copy button", has_text="CSV").click()
    tab.page.get_by_text("rows as CSV copied").wait_for()
    rows = list(csv.DictReader(io.StringIO(tab.pasted())))
    assert any("resnet50" in row["Text"] for row in rows)


def test_points_in_lanes_with_names_are_told_by_the_name_of_their_lane(visit: Visit) -> None:
    page = visit().page
    page.locator("#chart-timeline summary", has_text="Data").click()
    rows = page.locator("#chart-timeline .data tbody tr")
    assert ["ResNet", "2015", "ResNet"] == rows.filter(has_text="resnet50").locator("td").all_inner_texts()[:3]


def test_the_texts_of_a_card_stand_beside_their_names_on_a_narrow_page(visit: Visit) -> None:
    cell = visit(390).page.locator(".scroll.cards td").first
    assert ["grid", "Lesson"] == cell.evaluate("one => [getComputedStyle(one).display, one.dataset.label]")


FIGURE = """{
    data: [
        { name: "seen", x: [null, 2], y: [1, 30], error_y: { array: [1, 2], arrayminus: [1, 5] } },
        { name: "key", x: [null], y: [null] },
    ],
    layout: { xaxis: { title: { text: "Old" } }, yaxis: { title: { text: "Top-1" } } },
}"""


def _points(tab: Tab, buttons: str = "[]") -> list[list[str]]:
    """The table of the figure: its heads, then its rows."""
    rows: list[list[str]] = tab.page.evaluate(
        f"""() => {{
            const place = document.createElement("div");
            evo.chartData.show(place, "made", "Made", {FIGURE}, {buttons});
            return [...place.querySelectorAll("tr")].map(row => [...row.cells].map(cell => cell.textContent));
        }}"""
    )
    return rows


def test_a_point_without_a_position_is_not_in_the_data_and_an_interval_has_its_bounds(drawn: Visit) -> None:
    assert [["Series", "Old", "Top-1", "Low", "High"], ["seen", "2", "30", "25", "32"]] == _points(drawn())


def test_the_data_follow_the_options_of_their_chart(drawn: Visit) -> None:
    button = '[{ method: "update", args: [{ x: [[4, 5], [null]] }, { "xaxis.title.text": "New" }] }]'
    heads, *rows = _points(drawn(), button)
    assert ("New", ["4", "5"]) == (heads[1], [row[1] for row in rows])
