""" "Which backbone for me?" in a real Chromium: the page's answers are those of the command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import product
from typing import Any

import pytest

from reports.candidates.choice import answer
from reports.candidates.found import field_of
from reports.tidy.frame import Frames
from tests.reports.browser.tabs import IN_BROWSER, Tab

pytestmark = IN_BROWSER
Visit = Callable[..., Tab]
REMAIN = "#table-recommend tbody td:first-child"
ASK = """async questions => {
    const { recommend } = (await evo.data).blocks;
    return questions.map(asked => evo.recommend.ask(recommend, asked));
}"""


def _opened(visit: Visit, state: str = "") -> Any:
    page = visit(state=state).page
    page.locator(REMAIN).first.wait_for()
    return page


UNLIMITED = "#recommend?recommend.latency="


@pytest.fixture
def tab(visit: Visit) -> Any:
    """The page without a limit, once it has answered."""
    return _opened(visit, UNLIMITED)


def _chart(page: Any, name: str) -> Any:
    chart = page.locator(f"#chart-{name}")
    chart.scroll_into_view_if_needed()
    chart.locator(".main-svg").first.wait_for()
    return chart


def _says(chart: Any, title: str) -> None:
    """Wait until the title of the x axis is this one."""
    chart.locator(".xtitle", has_text=title).wait_for()


def test_the_page_answers_as_the_command_does(drawn: Visit, frames: Frames) -> None:
    field = field_of(frames)
    limits = {
        "top1": (None, 0.7, 0.7769, 0.9),
        "latency": (None, 0.01, 0.1),
        "memory": (None, 5e7, 3e8),
        "parameters": (None, 1e7),
        "macs": (None, 1e9),
    }
    questions: list[dict[str, Any]] = [
        {
            "kind": kind.name,
            "device": device,
            "limits": {name: value for name, value in zip(limits, values, strict=True) if value is not None},
        }
        for kind, device, values in product(field.kinds, field.devices, product(*limits.values()))
    ]
    found = drawn().page.evaluate(ASK, questions)
    for asked, answered in zip(questions, found, strict=True):
        expected = asdict(answer(field.options(asked["kind"], asked["device"]), asked["limits"]))
        assert _listed(expected) == answered, asked


def _listed(value: Any) -> Any:
    """With lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {name: _listed(item) for name, item in value.items()}
    return list(map(_listed, value)) if isinstance(value, tuple | list) else value


def test_limits_narrow_the_table_and_the_chart_and_say_why_others_are_left_out(tab: Any) -> None:
    tab.get_by_label("Accuracy at least").fill("76")
    tab.get_by_label("Latency at most").fill("50")
    assert [f"efficientnet_b{i}" for i in (3, 2, 1, 0)] == tab.locator(REMAIN).all_inner_texts()
    told = "4 of 24 architectures keep your limits; none of them beats another. Compared by"
    assert told in tab.locator("#recommend-answer").inner_text()
    assert "9 left out: too slow" in tab.locator("#recommend-left-out").inner_text()
    plot = _chart(tab, "which_backbone").locator(".plot")
    answers = "plot => plot.data.find(trace => trace.name === 'answers').text.toSorted()"
    assert [f"efficientnet_b{i}" for i in range(4)] == plot.evaluate(answers)


def test_a_drawn_chart_follows_the_fields(tab: Any) -> None:
    plot = _chart(tab, "which_backbone").locator(".plot")
    tab.get_by_label("Accuracy at least").fill("84")
    tab.get_by_label("Chart against").select_option("macs")
    _says(plot, "MACs (log scale)")
    assert ["efficientnet_b6", "efficientnet_b7"] == plot.evaluate(
        "plot => plot.data.find(trace => trace.name === 'answers').text"
    )


def test_a_question_is_in_the_address_and_opens_again_from_it(tab: Any, visit: Visit) -> None:
    tab.get_by_label("Latency at most").fill("20")
    tab.wait_for_url("**recommend.latency=20*")  # once the typing has paused
    other = _opened(visit, "#" + tab.url.partition("#")[2])
    assert "20" == other.get_by_label("Latency at most").input_value()
    assert tab.locator(REMAIN).all_inner_texts() == other.locator(REMAIN).all_inner_texts()


def test_what_an_address_asks_for_that_is_not_in_this_run_is_left_aside(visit: Visit) -> None:
    state = "#recommend?recommend.of=elsewhere&recommend.latency=soon&recommend.against=price"
    assert "efficientnet_b7" == _opened(visit, state).locator(REMAIN).first.inner_text()


def test_a_share_is_read_as_the_command_reads_it(tab: Any) -> None:
    tab.get_by_label("Accuracy at least").fill("0.84")
    assert "0.84 is read as 84 %." in tab.locator("#recommend-answer").inner_text()
    assert ["efficientnet_b7", "efficientnet_b6"] == tab.locator(REMAIN).all_inner_texts()


def test_a_negative_limit_is_refused_with_a_word(tab: Any) -> None:
    tab.get_by_label("Latency at most").fill("-5")
    assert "-5 is not a limit" in tab.locator("#recommend-answer").inner_text()


def test_limits_that_nothing_keeps_name_the_nearest(tab: Any) -> None:
    tab.get_by_label("Accuracy at least").fill("99")
    assert "the nearest is efficientnet_b7" in tab.locator("#recommend-answer").inner_text()


def test_a_first_question_is_asked_for_the_reader_and_answered_in_a_sentence(visit: Visit) -> None:
    page = _opened(visit)
    assert "100" == page.get_by_label("Latency at most").input_value()
    said = page.locator("#recommend-answer .said").inner_text()
    assert said.startswith("The most accurate architecture that keeps your limits: efficientnet_b")
    assert "[" not in said


def test_an_example_asks_for_its_limit_alone(tab: Any) -> None:
    tab.get_by_label("Accuracy at least").fill("84")
    tab.locator("#recommend-examples button", has_text="parameters").press("Enter")
    fields = "form => [...form.querySelectorAll('input')].filter(field => field.value).map(field => field.name)"
    assert ["parameters"] == tab.locator("#recommend-fields").evaluate(fields)
    assert "recommend.parameters=" in tab.url
    assert "top1" not in tab.url


def test_what_has_one_entry_is_no_field(tab: Any) -> None:
    names = "form => [...form.elements].filter(field => field.tagName === 'SELECT').map(field => field.name)"
    assert ["of", "against"] == tab.locator("#recommend-fields").evaluate(names)


def test_names_that_remain_lead_to_their_cards(tab: Any) -> None:
    name = tab.locator(REMAIN).first.inner_text()
    tab.locator(f"{REMAIN} a").first.click()
    assert f"card={name}" in tab.url
    assert tab.locator(f"#architecture-{name}").evaluate("card => card.open")


def test_a_copied_answer_has_numbers_with_their_units_above(visit: Visit) -> None:
    opened = visit(state=UNLIMITED)
    opened.page.locator("#table-recommend .copy summary").click()
    opened.page.locator("#table-recommend .copy button", has_text="CSV").click()
    opened.page.get_by_text("rows as CSV copied").wait_for()
    head, row, *_ = opened.pasted().splitlines()
    assert head.startswith("Architecture,Top-1 accuracy,Latency (s),Peak memory (B),Parameters,MACs")
    assert all(map(float, row.split(",")[1:6]))


def test_measured_accuracies_are_chosen_from_as_well(tab: Any) -> None:
    tab.locator("#recommend-fields select[name=of]").select_option("digits8, 5 shots")
    assert ["lecture_cnn", "lenet5"] == tab.locator(REMAIN).all_inner_texts()


def test_cleared_limits_leave_the_address_too(tab: Any) -> None:
    tab.get_by_label("Peak memory at most").fill("60")
    tab.get_by_role("button", name="Clear the limits").press("Enter")
    assert "" == tab.get_by_label("Peak memory at most").input_value()
    assert "memory" not in tab.url


def test_the_horizontal_axis_of_a_chart_is_chosen_with_the_keyboard(tab: Any) -> None:
    chart = _chart(tab, "published_accuracy_against_cost")
    chart.get_by_label("Horizontal axis").focus()
    tab.keyboard.press("ArrowDown")
    _says(chart, "Latency on cpu, measured (log scale)")
    assert "horizontal-axis=latency" in tab.url


@pytest.mark.parametrize("width", [390, 1280])
def test_the_fields_fit_the_page(drawn: Visit, width: int) -> None:
    right = "fields => Math.max(...[...fields.elements].map(field => field.getBoundingClientRect().right))"
    assert width >= drawn(width).page.locator("#recommend-fields").evaluate(right)


def test_asking_gives_no_message_and_no_request(visit: Visit) -> None:
    tab = visit()
    tab.page.locator(REMAIN).first.wait_for()
    before = len(tab.requests)
    tab.page.get_by_label("MACs at most").fill("1")
    tab.draw_all()
    assert ([], []) == (
        tab.messages,
        [url for url in tab.requests[before:] if not url.startswith(("blob:", "data:"))],
    )


def test_published_and_measured_figures_are_told_apart(tab: Any) -> None:
    tab.get_by_label("Latency at most").fill("50")
    said = tab.locator("#recommend-answer .said").inner_text()
    assert "efficientnet_b3 (published top-1 accuracy 82.0 %, measured latency " in said


def test_the_form_counts_what_keeps_the_limits_and_what_of_it_no_other_beats(tab: Any) -> None:
    tab.get_by_label("Latency at most").fill("50")
    count = tab.locator("#recommend-answer .count").inner_text()
    assert count.startswith("8 of 24 architectures keep your limits; no other beats 5 of them. ")
    assert "Compared by top-1 accuracy and latency." in count


def test_where_intervals_of_answers_overlap_their_order_is_said_to_be_uncertain(tab: Any) -> None:
    tab.get_by_label("Latency at most").fill("50")
    count = tab.locator("#recommend-answer .count").inner_text()
    assert count.endswith("The order by latency is not certain: intervals overlap.")
