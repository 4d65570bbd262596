"""The summary of a job and the comment on a pull request."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from bench.compare.causes.difference import Cause
from bench.compare.judgement import Judgement
from reports.ci import load_forms
from reports.ci.markdown import COMMENT_BYTES, MARKER, SUMMARY_BYTES
from reports.ci.text import plain
from tests.bench.compare.judgements import FINE, HOSTILE, NOTHING, OPEN, SMALL, hostile, large

# ruff: noqa: E501 - rows of a table
GOLDEN = """\
## evobench: 3 of 5 cells fail

<code>main</code> → <code>working tree</code>: 3 regression, 1 undecided, 1 fine (fails on regression)

| cell | base | head | change | pairs | band | verdict | note |
| --- | --- | --- | --- | --- | --- | --- | --- |
| <code>swin_t latency infer 224px b1</code> | 20.0 ms | – | – | – | – | regression | oom: the kernel killed it |
| <code>resnet18 latency infer 224px b1</code> | 10.0 ms | 11.2 ms | 1.120 [1.080, 1.150] | 14 | 1.2 % | regression | 14 pairs |
| <code>lenet5 random&#62;digits8 scratch aug:none seed0</code> | 80.0 % | 75.0 % | -5.0 points [-8.0, -2.0] | – | – | regression | 4 images |

<details><summary>2 cells that do not fail</summary>

| cell | base | head | change | pairs | band | verdict | note |
| --- | --- | --- | --- | --- | --- | --- | --- |
| <code>vgg16 throughput infer 224px b8</code> | 200/s | 190/s | 0.950 [0.900, 1.010] | 28 | 2.0 % | undecided | 28 pairs: the budget ended |
| <code>lenet5 parameters infer 32px b1</code> | 61.7 k | 61.7 k | 1.000 | – | – | fine | exact |

</details>

- the working tree has changes
"""


class Seen(HTMLParser):
    """What a browser makes of a page: its tags, and the text of each cell of its tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.rows: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def text_of(name: str, judgement: Judgement) -> str:
    return load_forms().get(name).build(judgement)


def seen(text: str) -> Seen:
    return Seen(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def test_the_summary_tells_what_fails_and_folds_the_rest() -> None:
    assert GOLDEN == text_of("summary", SMALL)


def test_the_comment_is_the_same_behind_a_hidden_line() -> None:
    assert f"{MARKER}\n{GOLDEN}" == text_of("comment", SMALL)
    assert MARKER.startswith("<!--")


def test_where_nothing_fails_there_is_no_table_but_the_folded_one() -> None:
    text = text_of("summary", replace(SMALL, found=(OPEN, FINE)))
    assert text.startswith("## evobench: none of 2 cells fails\n")
    assert 1 == text.count("| cell |")


def test_nothing_compared_is_said() -> None:
    assert "nothing compared (fails on regression)" in text_of("summary", NOTHING)


def test_a_hostile_name_adds_no_markup() -> None:
    harmless = {
        "h2",
        "p",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "ul",
        "li",
    }
    assert harmless >= seen(text_of("comment", hostile())).tags


def test_a_hostile_name_is_shown_as_it_is_and_breaks_no_row() -> None:
    page = seen(text_of("comment", hostile()))
    assert {8} == set(page.rows)
    assert any(cell.startswith(plain(HOSTILE)) for cell in page.cells)


def test_a_hostile_note_mentions_nobody() -> None:
    assert "@" not in text_of("comment", hostile())


@pytest.mark.parametrize(("form", "most"), [("comment", COMMENT_BYTES), ("summary", SUMMARY_BYTES)])
@pytest.mark.parametrize("failing", [True, False])
def test_ever_so_many_cells_fit(form: str, most: int, failing: bool) -> None:
    text = text_of(form, large(12_000, failing))
    assert 0.9 * most < len(text.encode()) <= most


def test_of_too_many_cells_the_worst_are_shown_and_the_rest_counted() -> None:
    text = text_of("comment", large(2000))
    shown = text.count("<code>architecture")
    assert "architecture_1999" in text
    assert "architecture_0000" not in text
    assert f"\n{2000 - shown} of 2000 cells left out" in text


def test_long_names_and_notes_fit_too() -> None:
    long = "@" * 100_000
    judgement = large(500)
    found = tuple(replace(item, cell=long + item.cell, note=long) for item in judgement.found)
    text = text_of("comment", replace(judgement, found=found, base=long, head=long, notes=(long,) * 500))
    assert COMMENT_BYTES >= len(text.encode())
    assert "- and 496 more notes\n" in text


def test_a_note_begins_no_list_of_its_own() -> None:
    page = seen(text_of("summary", replace(SMALL, found=(), notes=("1. one", "+ two", "- three", "# four"))))
    assert {"h2", "p", "code", "ul", "li"} == page.tags


def test_the_notes_stay_where_cells_are_left_out() -> None:
    assert "- the working tree has changes\n" in text_of("comment", large(2000))


def test_what_explains_a_regression_stands_in_its_note() -> None:
    cause = Cause("layer", "block (<b>)", 0.001, 0.003, "s", 0.9)
    judgement = replace(SMALL, found=(replace(SMALL.found[0], causes=(cause,)), *SMALL.found[1:]))
    rows = load_forms().get("comment").build(judgement).splitlines()
    assert any(
        row.endswith("| 14 pairs<br>90 % layer block (&#60;b&#62;)&#58; 1.00 ms → 3.00 ms |") for row in rows
    )
