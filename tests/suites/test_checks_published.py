"""What is looked up: figures, years, authors and fields of cited works."""

from __future__ import annotations

import pytest

from bench.declare.catalog import CHECKS
from bench.errors import UnknownName
from suites.checks import published

WORKS = {
    "one": {
        "authors": ["Doe, Jane A."],
        "title": "A Study of Cats",
        "arxiv": "1409.0001",
        "venue": "ICLR",
        "year": 2015,
        "figures": {"error": 2.5, "winner": "c"},
    },
    "two": {"authors": ["Doe, Jane", "Roe, Ann"], "title": "Dogs", "venue": "CVPR", "year": 2012},
    "four": {"authors": ["Doe, J", "Roe, A", "Poe, E", "Low, B"], "title": "Birds", "venue": "X", "year": 1998},
}


@pytest.fixture(autouse=True)
def works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "references", lambda: WORKS)


def test_a_figure_comes_with_its_source() -> None:
    found = published.published_figure(paper="one", figure="error")
    assert 2.5 == found.value
    assert "Doe, A Study of Cats (ICLR 2015, arXiv:1409.0001): error" == found.note


def test_an_unknown_figure_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'error'"):
        published.published_figure(paper="one", figure="errors")


def test_an_unknown_paper_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'four'"):
        published.published_figure(paper="fours", figure="error")


def test_a_work_appeared_in_the_years_of_its_preprint_and_of_its_venue() -> None:
    assert [2014, 2015] == published.years_of(paper="one").value


def test_a_work_without_preprint_appeared_in_its_venue() -> None:
    assert [2012] == published.years_of(paper="two").value


def test_the_venue_may_be_a_year_later_and_the_note_says_both() -> None:
    found = published.venue_year(paper="one")
    assert 2015 == found.value
    assert "preprint 2014 (arXiv:1409.0001), ICLR 2015" in found.note


@pytest.mark.parametrize(("paper", "short"), [("one", "Doe"), ("two", "Doe and Roe"), ("four", "Doe et al.")])
def test_authors_are_named_by_as_many_surnames_as_there_are(paper: str, short: str) -> None:
    assert short == published.authors_of(paper=paper).value


@pytest.mark.parametrize(("paper", "names"), [("one", "Doe, J. A."), ("two", "Doe, J., & Roe, A.")])
def test_apa_style_gives_initials(paper: str, names: str) -> None:
    assert names == published.authors_of(paper=paper, style="apa").value


def test_a_title_can_be_given_in_sentence_case() -> None:
    assert "A study of cats" == published.cited(paper="one", field="title", case="sentence").value


def test_a_title_can_be_given_with_capitals_of_its_long_words(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {**WORKS["two"], "title": "CounTR: Cats-based counting with the eye"}
    monkeypatch.setattr(published, "references", lambda: {"two": entry})
    assert (
        "CounTR: Cats-Based Counting With the eye"
        == published.cited(paper="two", field="title", case="title").value
    )


@pytest.mark.parametrize(("years", "annual"), [([2010, 2011, 2012], True), ([2010, 2012], False)])
def test_years_without_a_gap_are_annual(years: list[int], annual: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "references", lambda: {"two": {**WORKS["two"], "figures": {"held": years}}})
    assert annual is published.published_each_year(paper="two", figure="held").value


def test_one_year_is_no_list_of_years() -> None:
    with pytest.raises(ValueError, match="must be a list of years"):
        published.published_each_year(paper="one", figure="error")


def test_two_published_figures_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    lower = {"paper": "one", "figure": "error", "other_paper": "three", "other_figure": "error"}
    for other, expected in ((3.0, True), (2.5, False)):
        entry = {**WORKS["two"], "figures": {"error": other}}
        monkeypatch.setattr(published, "references", lambda entry=entry: {**WORKS, "three": entry})
        assert expected is published.published_lower(**lower).value


def test_words_are_not_compared_as_numbers() -> None:
    with pytest.raises(ValueError, match="must be numbers"):
        published.published_lower(paper="one", figure="winner", other_paper="one", other_figure="error")


def test_checks_of_papers_are_declared_as_published() -> None:
    assert "published" == CHECKS.get("published_figure").kind
