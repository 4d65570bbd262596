"""The summary of a job and the comment on a pull request."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from bench.compare.causes.difference import Cause
from bench.compare.judgement import Judgement
from bench.errors import Exit
from reports.ci import load_forms
from reports.ci.markdown import COMMENT_BYTES, SUMMARY_BYTES
from reports.ci.text import plain
from tests.bench.compare.judgements import (
    ERRATIC,
    FINE,
    HOSTILE,
    LESS_WATCHED,
    NOTHING,
    OPEN,
    SMALL,
    hostile,
    large,
)

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
    assert f"<!-- evobench comparison -->\n{GOLDEN}" == text_of("comment", SMALL)


SHAPES = """
<code>resnet50 latency infer 224px b1</code>: erratic
<br><code>base ▂█▄▁····················</code>
<br><code>head ▃█▃▁··············▁▃▂▁▁· 1.90 ms to 3.70 ms</code>
<br><code>modes of head: 2.00 ms, and 3.50 ms of 30 % of the values</code>

- the working tree has changes
"""


def test_how_the_values_of_an_erratic_head_lie_is_drawn_below_the_tables() -> None:
    assert text_of("comment", replace(SMALL, found=(*SMALL.found, ERRATIC))).endswith(SHAPES)


def test_of_a_thousand_erratic_heads_the_comment_draws_as_many_as_there_is_room_for() -> None:
    found = tuple(replace(ERRATIC, cell=f"net{i} latency", key=str(i)) for i in range(1000))
    text = text_of("comment", replace(SMALL, found=found))
    assert len(text.encode()) <= COMMENT_BYTES
    assert 20 < text.count("modes of head") < 1000


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


def test_what_was_dropped_is_a_row_among_those_that_fail() -> None:
    row = (
        "| <code>lenet5 macs infer 32px b1</code> | – | – | – | – | – | dropped | base watches it, head does not |"
    )
    assert row in text_of("comment", LESS_WATCHED).partition("<details>")[0].splitlines()


def test_the_opening_says_which_commit_base_is_and_why() -> None:
    judgement = replace(SMALL, base="a1b2c3d4e5 (the merge base of main and HEAD)")
    opening = "<code>a1b2c3d4e5 (the merge base of main and HEAD)</code> → <code>working tree</code>: "
    assert opening in text_of("summary", judgement)


MEANT = replace(SMALL, accepted={"a1": "a wider stem (until 2027-01-31)"})


def test_what_is_accepted_stands_between_what_fails_and_what_does_not() -> None:
    text = text_of("summary", MEANT)
    assert text.startswith("## evobench: 2 of 5 cells fail\n")
    assert "3 regression, 1 undecided, 1 fine, 1 of them accepted (fails on regression)" in text
    failing, accepted, others = text.split("\n| cell |")[1:]
    assert failing.endswith("\nChanges that are accepted:\n")
    assert "| regression (accepted) | accepted: a wider stem (until 2027-01-31)&#59; 14 pairs |\n" in accepted
    assert "resnet18" not in failing + others


def test_a_job_has_its_key_in_the_hidden_line_and_in_the_title() -> None:
    text = text_of("comment", replace(SMALL, key="py3.11"))
    assert text.startswith(
        "<!-- evobench comparison py3.11 -->\n## evobench <code>py3.11</code>: 3 of 5 cells fail\n"
    )


def test_the_key_of_the_job_is_the_first_column_where_several_are_told() -> None:
    jobs = {"py3.11": SMALL.fail_on}
    found = tuple(replace(item, job="py3.11") for item in SMALL.found)
    page = seen(text_of("comment", replace(SMALL, found=found, jobs=jobs)))
    assert {9} == set(page.rows)
    assert ["job", "py3.11"] == [page.cells[i].strip() for i in (0, 9)]


def test_what_is_incomplete_or_not_comparable_is_in_the_title() -> None:
    fine = replace(SMALL, found=(FINE,))
    assert "none of 1 cells fails, incomplete\n" in text_of("summary", replace(fine, ended=Exit.INCOMPLETE))
    assert "fails, not comparable\n" in text_of("summary", replace(fine, ended=Exit.NOT_COMPARABLE))


def test_what_explains_a_regression_stands_in_its_note() -> None:
    cause = Cause("layer", "block (<b>)", 0.001, 0.003, "s", 0.9)
    judgement = replace(SMALL, found=(replace(SMALL.found[0], causes=(cause,)), *SMALL.found[1:]))
    rows = load_forms().get("comment").build(judgement).splitlines()
    assert any(
        row.endswith("| 14 pairs<br>90 % layer block (&#60;b&#62;)&#58; 1.00 ms → 3.00 ms |") for row in rows
    )


def test_without_a_base_and_a_head_none_are_named() -> None:
    lines = text_of("summary", Judgement("", "", (), ended=Exit.INCOMPLETE)).splitlines()
    assert "nothing compared (fails on regression)" == lines[2]
