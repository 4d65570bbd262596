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
    page = visit(whole=True).page
    page.locator("#table-evolution input[type=search]").fill("swin")
    assert "1 of 24 rows" == page.locator("#table-evolution output").inner_text()


def test_columns_are_chosen_by_the_keyboard(visit: Visit) -> None:
    tab = visit(whole=True)
    tab.page.locator("#table-evolution .columns summary").press("Enter")
    tab.page.locator("#table-evolution .columns input").first.wait_for()
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Space")
    assert "MACs" not in tab.headings("evolution")
    assert "evolution.columns=architecture,top-5-error-published,latency," in tab.page.url


def test_escape_closes_a_menu_and_leaves_the_focus_on_it(visit: Visit) -> None:
    page = visit(whole=True).page
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


SHARED = """() => {
    const heads = [["Name", false], ["Batch", true], ["Note", false]];
    const table = evo.makeTable("made", "Made", heads, [["one", "2", "a"], ["two", "2", "b"]]);
    document.getElementById("content").prepend(table);
}"""


def test_what_all_rows_share_is_hidden_said_above_and_offered_in_the_menu(visit: Visit) -> None:
    tab = visit(whole=True)
    tab.page.evaluate(SHARED)
    table = tab.page.locator("#table-made")
    assert "In every row: batch 2." == table.locator(".same").text_content()
    assert not table.locator("th", has_text="Batch").is_visible()
    table.locator(".columns summary").click()
    table.get_by_label("Batch (the same in every row)").check()
    assert table.locator("th", has_text="Batch").is_visible()


def test_a_declared_table_says_what_its_rows_share_too(drawn: Visit) -> None:
    page = drawn().page
    said = page.locator("main .table:has(th[data-same]) > .same")
    assert 0 < said.count() == page.locator("main .table:has(th[data-same])").count()
    assert 0 == page.locator("main th[data-same] >> visible=true").count()


def test_every_head_says_from_the_start_that_it_sorts(drawn: Visit) -> None:
    page = drawn().page
    assert ["none"] == page.locator("main th").evaluate_all(
        "heads => [...new Set(heads.map(head => head.getAttribute('aria-sort')))]"
    )
    button = page.locator("#table-evolution th button").first
    assert ["pointer", "↕"] == button.evaluate(
        "one => [getComputedStyle(one).cursor, getComputedStyle(one, '::after').content.match(/\\S/g)[1]]"
    )


def test_a_sorted_column_says_which_way(visit: Visit) -> None:
    page = visit(whole=True).page
    head = page.locator("#table-evolution th", has_text="Latency")
    for way in ("ascending", "descending"):
        head.locator("button").click()
        assert way == head.get_attribute("aria-sort")
    assert 1 == page.locator("#table-evolution th:not([aria-sort=none])").count()


def test_a_name_leads_to_its_card(visit: Visit) -> None:
    page = visit(whole=True).page
    page.locator("#table-evolution td a", has_text="resnet50").first.click()
    page.locator("#architecture-resnet50[open]").wait_for()
    assert "card=resnet50" in page.url


def test_a_paper_is_a_link_that_tells_its_site_nothing(drawn: Visit) -> None:
    link = drawn().page.locator("#table-lineage td a[href^=https]").first
    assert ["https://arxiv.org/abs/0000.00000", "noreferrer"] == link.evaluate("one => [one.href, one.rel]")


def test_no_row_of_figures_is_tall(drawn: Visit) -> None:
    tall = """boxes => boxes
        .filter(box => [...box.querySelectorAll('tbody tr')].some(row => row.offsetHeight > 90))
        .map(box => box.parentElement.id)"""
    assert [] == drawn().page.locator("main .scroll:not(.cards)").evaluate_all(tall)


LONG = """() => {
    const words = "layers and again layers, ".repeat(20);
    const rows = [["one", words], ["two", ""]];
    const table = evo.makeTable("made", "Made", [["Name", false], ["Idea", false]], rows);
    document.getElementById("content").prepend(table);
    return words;
}"""


def test_a_long_text_is_cut_until_it_is_opened_and_is_copied_whole(visit: Visit) -> None:
    tab = visit(whole=True)
    words = tab.page.evaluate(LONG)
    cell = tab.page.locator("#table-made tbody td").nth(1)
    button = cell.get_by_role("button", name="The whole text")
    button.wait_for()
    low = cell.bounding_box()["height"]
    button.press("Enter")
    assert "true" == button.get_attribute("aria-expanded")
    assert low < cell.bounding_box()["height"]
    assert words == cell.text_content()


def test_a_table_takes_the_window_where_its_columns_need_it(drawn: Visit) -> None:
    room = (
        drawn()
        .page.locator("#table-evolution")
        .evaluate("box => box.parentElement.getBoundingClientRect().right - box.getBoundingClientRect().right")
    )
    assert 1 > abs(room)


def test_a_phone_shows_the_first_column_and_what_a_table_is_read_for(visit: Visit) -> None:
    tab = visit(390, whole=True)
    tab.draw_all()
    beyond = """boxes => boxes.filter(box => {
        const cells = [...box.querySelectorAll('tbody tr:first-child td')].filter(cell => cell.offsetWidth);
        return cells[1]?.getBoundingClientRect().left > box.getBoundingClientRect().right - 100;
    }).map(box => box.parentElement.id)"""
    assert [] == tab.page.locator("main .scroll:not(.cards)").evaluate_all(beyond)


def test_a_table_that_goes_on_behind_its_edge_fades_there_until_it_is_scrolled(visit: Visit) -> None:
    page = visit(390, whole=True).page
    page.locator("#table-evolution .scroll.beyond").wait_for()
    page.locator("#table-evolution .scroll").evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    page.locator("#table-evolution .scroll:not(.beyond)").wait_for()


def test_every_chart_has_its_data_in_a_table(visit: Visit) -> None:
    tab = visit(whole=True)
    tab.draw_all()
    tab.open_all()
    empty = "all => all.filter(one => !one.querySelector('tbody tr')).map(one => one.closest('.chart').id)"
    assert [] == tab.page.locator(".chart .data").evaluate_all(empty)
    assert [] == tab.messages


def test_the_data_of_a_chart_are_its_points(visit: Visit) -> None:
    tab = visit(whole=True)
    data = tab.page.locator("#chart-throughput_against_macs")
    data.locator("summary", has_text="Data").click()
    data.locator(".table .copy summary").click()
    data.locator(".table .copy button", has_text="CSV").click()
    tab.page.get_by_text("rows as CSV copied").wait_for()
    rows = list(csv.DictReader(io.StringIO(tab.pasted())))
    assert any("resnet50" in row["Text"] for row in rows)


def test_points_in_lanes_with_names_are_told_by_the_name_of_their_lane(visit: Visit) -> None:
    page = visit(whole=True).page
    page.locator("#chart-timeline summary", has_text="Data").click()
    rows = page.locator("#chart-timeline .data tbody tr")
    assert ["ResNet", "2015", "ResNet"] == rows.filter(has_text="resnet50").locator("td").all_inner_texts()[:3]


def test_the_texts_of_a_card_stand_beside_their_names_on_a_narrow_page(visit: Visit) -> None:
    cell = visit(390, whole=True).page.locator(".scroll.cards td").first
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


@pytest.mark.parametrize(
    ("form", "cell", "written"),
    [
        ("CSV", "=1+1", "a\n'=1+1\n"),
        ("CSV", "-0.5", "a\n-0.5\n"),
        ("Markdown", "<b>[x](javascript:1)", "| a |\n| --- |\n| &#60;b&#62;[x\\](javascript:1) |\n"),
    ],
)
def test_a_copied_name_is_text_where_it_is_pasted(visit: Visit, form: str, cell: str, written: str) -> None:
    script = "([form, cell]) => evo.tableFormats[form](['a'], [[cell]], [false])"
    assert written == visit(state=SHOWN).page.evaluate(script, [form, cell])
