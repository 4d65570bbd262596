"""Charts in a browser: a click on a point opens its card, names stand beside their own points, ticks have room."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]

_CENTRE = """(plot, name) => {
    for (const trace of plot.querySelectorAll(".scatterlayer .trace")) {
        const data = trace.__data__[0].trace;
        for (const point of trace.querySelectorAll(".point")) {
            if (data.meta?.cards[point.__data__.i] !== name) continue;
            const box = point.getBoundingClientRect();
            return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        }
    }
    return null;
}"""
_FAR = """plot => [...plot.querySelectorAll(".textpoint")]
    .filter(name => name.textContent && name.style.visibility !== "hidden")
    .filter(name => {
        const points = [...name.closest(".trace").querySelectorAll(".point")];
        const point = points.find(one => one.__data__.i === name.__data__.i);
        const [a, b] = [name, point].map(one => one.getBoundingClientRect());
        const gap = (low, high, otherLow, otherHigh) => Math.max(0, otherLow - high, low - otherHigh);
        return Math.hypot(gap(a.left, a.right, b.left, b.right), gap(a.top, a.bottom, b.top, b.bottom)) > 14;
    }).map(name => name.textContent)"""


def _over(tab: Tab, chart: str) -> tuple[float, float]:
    """Move the pointer over the point of resnet50; where that is."""
    plot = tab.page.locator(f"#chart-{chart} .plot")
    plot.scroll_into_view_if_needed()
    x, y = plot.evaluate(_CENTRE, "resnet50")
    tab.page.mouse.move(x, y)
    plot.locator(".hovertext").first.wait_for()
    return x, y


def test_a_click_on_a_point_opens_the_card_of_its_architecture(visit: Visit) -> None:
    tab = visit()
    tab.draw_all()
    where = _over(tab, "throughput_against_macs")
    # of points that lie on each other the one that is pointed at
    name = tab.page.locator("#chart-throughput_against_macs .hovertext tspan").first.text_content()
    tab.page.mouse.click(*where)
    tab.page.locator(f'details[data-card="{name}"][open] summary').first.wait_for()
    assert f"card={name}" in tab.page.url


def test_a_point_with_a_card_has_the_pointer_of_a_link(visit: Visit) -> None:
    tab = visit()
    tab.draw_all()
    _over(tab, "throughput_against_macs")
    layer = tab.page.locator("#chart-throughput_against_macs .nsewdrag").first
    assert "pointer" == layer.evaluate("layer => layer.style.cursor")


def test_a_name_stands_beside_its_own_point_wide_and_narrow(drawn: Callable[[int], Tab]) -> None:
    for width in (1280, 390):
        for chart in ("published_accuracy_against_cost", "parameters_and_macs_against_year"):
            assert [] == drawn(width).page.locator(f"#chart-{chart} .plot").evaluate(_FAR)


def test_the_labels_of_scales_do_not_meet_on_a_phone(drawn: Callable[[int], Tab]) -> None:
    boxes = """(plot, which) => [...plot.querySelectorAll(`.${which}tick text`)].filter(tick => tick.textContent)
        .map(tick => tick.getBoundingClientRect()).map(box => [box.left, box.right])"""
    for chart in ("throughput_against_macs", "published_accuracy_against_cost", "peak_memory_by_architecture"):
        found = sorted(drawn(390).page.locator(f"#chart-{chart} .plot").evaluate(boxes, "x"))
        assert 1 < len(found)
        assert all(before[1] <= after[0] for before, after in pairwise(found)), chart


def test_every_tick_of_a_time_says_its_unit_whatever_is_shown_on_the_axis(visit: Visit) -> None:
    tab = visit()
    tab.draw_all()
    chart = tab.page.locator("#chart-published_accuracy_against_cost")
    chart.get_by_label("Horizontal axis").select_option(label="Latency")
    chart.locator(".xtitle", has_text="Latency").wait_for()
    ticks = chart.locator(".xtick text").all_text_contents()
    assert all(text.endswith((" s", "ms", "µs")) for text in ticks), ticks
