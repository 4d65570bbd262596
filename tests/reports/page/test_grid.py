"""Tables of the page: what columns come first, what is hidden and said instead, where cells lead."""

from __future__ import annotations

import pandas as pd
import pytest

from reports.page.grid import ColumnHead, Datum, arranged, data, heads_of
from reports.tables import Column

COLUMNS = (
    Column("Architecture", tells=True),
    Column("Year"),
    Column("Target", tells=True),
    Column("Recipe", brief=False, tells=True),
    Column("Note", brief=False),
    Column("Accuracy", "%", brief=False, answers=True),
)
WORDS = pd.DataFrame(
    [
        ("lenet5", "1998", "digits", "harness", "a", "91.1 %"),
        ("lenet5", "1998", "digits", "paper", "b", "91.2 %"),
    ],
    columns=[column.heading for column in COLUMNS],
)


def head(*texts: str, answers: bool = False, first: bool = False) -> ColumnHead:
    return ColumnHead("Batch", answers=answers).over([Datum(text) for text in texts], first)


def test_what_a_table_is_read_for_comes_second_then_what_tells_its_rows_apart() -> None:
    columns, words = arranged(COLUMNS, WORDS)
    assert ["Architecture", "Accuracy", "Recipe", "Year", "Target", "Note"] == list(words)
    assert list(words) == [column.heading for column in columns]


def test_words_without_which_rows_would_look_alike_come_before_the_rest() -> None:
    alike = WORDS.assign(Recipe="harness")
    assert ["Architecture", "Accuracy", "Note"] == list(arranged(COLUMNS, alike)[1])[:3]
    assert "Note" not in [item.text for item in heads_of(COLUMNS, alike) if item.more]


def test_without_a_column_that_answers_the_order_is_as_declared() -> None:
    plain = (Column("Name"), Column("Value"), Column("Host"))
    assert list(plain) == arranged(plain, pd.DataFrame(columns=["Name", "Value", "Host"]))[0]


def test_a_narrow_page_shows_the_answer_and_what_tells_rows_apart_that_would_look_alike() -> None:
    hidden = [item.text for item in heads_of(COLUMNS, WORDS) if item.more]
    assert ["Note"] == hidden


def test_a_narrow_page_hides_a_condition_without_which_no_rows_look_alike() -> None:
    others = WORDS.assign(Target=["digits", "objects"])
    assert ["Recipe", "Note"] == [item.text for item in heads_of(COLUMNS, others) if item.more]


@pytest.mark.parametrize("texts", [("2", "2"), ("1 s", "1 s", "1 s")])
def test_what_all_rows_share_is_hidden_and_said_once(texts: tuple[str, ...]) -> None:
    found = head(*texts)
    assert (True, texts[0]) == (found.hidden, found.same)


@pytest.mark.parametrize(
    "found",
    [
        head("2", "2", first=True),
        head("2", "2", answers=True),
        head("2"),
        head("2", "4"),
        head("2", "–"),
    ],
    ids=["names the rows", "answers", "one row", "differs", "missing in one"],
)
def test_a_column_that_tells_something_stays(found: ColumnHead) -> None:
    assert (False, "") == (found.hidden, found.same)


def test_a_column_without_anything_is_hidden_and_not_said() -> None:
    found = head("", "–")
    assert (True, "") == (found.hidden, found.same)


def test_what_rows_share_reads_as_a_sentence() -> None:
    assert ["batch 2", "MACs agree yes"] == [
        ColumnHead("Batch", same="2").said,
        ColumnHead("MACs agree", same="yes").said,
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("arXiv:1512.03385", "https://arxiv.org/abs/1512.03385"),
        ("LeCun et al., doi:10.1109/5.726791", "https://doi.org/10.1109/5.726791"),
        ("arXiv:1409.1556 and arXiv:1512.03385", ""),
        ("https://example.org/", ""),
        ("Lecture II", ""),
    ],
)
def test_a_text_that_names_one_paper_leads_to_it(text: str, address: str) -> None:
    frame = pd.DataFrame({"Paper": [text]})
    assert address == data(frame, frame)[0][0].link


def test_a_declared_lead_is_a_place_of_the_page() -> None:
    frame = pd.DataFrame({"Lesson": ["growth"]})
    assert "#lesson-growth" == data(frame, frame, {"Lesson": "lesson-"})[0][0].link
