"""Forms are found by their name, and whatever a text holds, none of them is broken by it."""

from __future__ import annotations

import unicodedata

import pytest

from bench.compare.judgement import Judgement
from bench.errors import DuplicateName, UnknownName
from reports.ci import FORMS, form, load_forms
from reports.ci.text import code, distinct, plain, words
from tests.bench.compare.judgements import HOSTILE, NOTHING, SMALL, hostile, large

ALL = (
    "summary",
    "comment",
    "junit",
    "annotations",
    "pytest-benchmark",
    "bencher",
    "github-action-benchmark-time",
    "github-action-benchmark-accuracy",
)


def text_of(name: str, judgement: Judgement) -> str:
    return load_forms().get(name).build(judgement)


def test_every_form_of_the_package_is_found() -> None:
    assert set(ALL) == set(load_forms().names())


def test_every_form_says_what_it_is() -> None:
    assert [] == [item.name for item in load_forms() if not item.about.endswith(".")]


def test_a_misspelt_form_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean 'junit'"):
        load_forms().get("juint")


def test_two_forms_cannot_have_one_name() -> None:
    load_forms()
    with pytest.raises(DuplicateName, match="form 'junit' is declared twice"):
        form()(FORMS.get("junit").build)


@pytest.mark.parametrize("name", ALL)
def test_no_form_lets_control_or_invisible_characters_through(name: str) -> None:
    text = text_of(name, hostile())
    assert {"\n"} >= {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs")}


@pytest.mark.parametrize("name", ALL)
def test_no_text_of_users_begins_a_line_and_so_becomes_a_command(name: str) -> None:
    lines = text_of(name, hostile()).splitlines()
    assert [] == [line for line in lines if line.lstrip().startswith("::error::")]


@pytest.mark.parametrize("name", ALL)
def test_every_form_can_tell_that_nothing_was_compared(name: str) -> None:
    assert (name == "annotations") == (text_of(name, NOTHING) == "")


@pytest.mark.parametrize("name", ALL)
def test_every_form_is_the_same_each_time(name: str) -> None:
    assert text_of(name, SMALL) == text_of(name, SMALL)


@pytest.mark.parametrize("name", ALL)
def test_every_form_takes_two_thousand_cells(name: str) -> None:
    assert text_of(name, large(2000)).endswith("\n")


def test_a_text_stays_on_one_line_and_is_cut_where_it_is_long() -> None:
    assert "one two" == plain("one\r\n\ttwo\u2028\x07")
    assert 300 == len(plain("x" * 5000))
    assert "half" == plain("half \ud800")


def test_words_of_a_name_stay_readable_in_markdown() -> None:
    assert "<code>vit_b_16 latency infer 224px b1</code>" == code("vit_b_16 latency infer 224px b1")


@pytest.mark.parametrize(
    "text", ["https://x.org", "www.x.org", "a_b_ c", "_a", "*a*", ":tada:", "a | b", "[a](b)"]
)
def test_what_markdown_would_take_for_more_than_a_text_is_written_as_entities(text: str) -> None:
    assert "&#" in words(text)


@pytest.mark.parametrize("text", ["oom: over 2.5 GB (finetune:all)", "2 seeds, done.", "vit_b_16"])
def test_what_it_would_not_stays_readable(text: str) -> None:
    assert text == words(text)


def test_nobody_is_mentioned_and_no_issue_is_named() -> None:
    assert "thanks to &#64;&#8203;octocat, &#35;&#8203;7" == words("thanks to @octocat, #7")


def test_cells_of_one_name_are_told_apart_by_their_keys() -> None:
    assert ("a", "b #012345", "b #abcdef") == distinct([("a", "9"), ("b", "0123456789"), ("b", "abcdef0123")])


def test_what_is_hostile_here_holds_all_that_forms_must_withstand() -> None:
    assert set("<>&\"'`|\n*[]()@#\\:\x1b\u202e\x00") <= set(HOSTILE)
