"""Verdicts as people read them."""

from __future__ import annotations

import pytest

from bench.audit.errata import ErrataRow, errata, for_terminal

WRONG = ErrataRow(
    claim="c",
    slide="Errors",
    words="7.40",
    where="ResNet-34 C, top-5 err.",
    printed=7.4,
    unit="%",
    step=0.01,
    verdict="contradicted",
    found=7.5,
)
FAMILIES = [f"family {i}" for i in range(8)]


def test_what_is_found_is_shown_to_the_printed_digit() -> None:
    assert ("7.40 %", "7.50 %") == WRONG.texts


def test_a_difference_below_the_printed_digit_is_not_rounded_away() -> None:
    row = ErrataRow(
        claim="c", slide="s", words="w", printed=0.3, step=0.1, verdict="contradicted", found=0.349, failed=False
    )
    assert ("0.3", "0.349") == row.texts


@pytest.mark.parametrize(("where", "quoted"), [("", "“7.40”"), ("by hand", "“7.40” (by hand)")])
def test_where_it_stands_is_outside_the_quotation_marks(where: str, quoted: str) -> None:
    assert quoted == ErrataRow(claim="c", slide="s", words="7.40", where=where, printed=7.4).quoted


def test_the_terminal_and_the_errata_say_where_it_stands() -> None:
    told = "“7.40” (ResNet-34 C, top-5 err.)"
    assert told in for_terminal([WRONG], 80, everything=False)
    assert f"- {told}: printed 7.40 %; found **7.50 %**." in errata([WRONG])


def test_one_claim_is_not_many() -> None:
    assert "1 contradicted\n1 claim in all: " in for_terminal([WRONG], 80, everything=False)


def test_it_is_said_how_many_were_measured_looked_up_and_neither() -> None:
    verdicts = ("reproduced", "contradicted", "published: agrees", "not checkable", "not run", "not checkable")
    rows = [ErrataRow(claim="c", slide="s", words="w", printed=1, verdict=verdict) for verdict in verdicts]
    expected = "2 measured or counted here, 1 looked up in the works that are quoted, 3 neither"
    assert f"6 claims in all: {expected}\n" in for_terminal(rows, 80, everything=False)
    assert f"6 figures and statements: {expected}. 1 does not agree." in errata(rows)


def test_a_recount_stands_beside_what_the_work_has() -> None:
    row = ErrataRow(
        claim="c",
        slide="s",
        words="w",
        printed=3.8,
        step=0.1,
        verdict="published: agrees",
        found=3.8,
        recount=3.858,
    )
    assert ("3.8", "3.8 in the work; beside it 3.858") == row.texts
    assert "beside it 3.858" in for_terminal([row], 80, everything=False)
    assert "## Agrees with the work but not with a recount" in errata([row])


def test_years_of_which_one_would_do_are_shown_so() -> None:
    row = ErrataRow(
        claim="c", slide="s", words="w", printed=2020, unit="year", relation="one of", found=[2014, 2015]
    )
    assert ("2020", "2014 or 2015") == row.texts


def test_words_that_a_source_must_have_are_shown_in_their_order() -> None:
    row = ErrataRow(claim="c", slide="s", words="w", printed=["a", "b"], relation="says", found="a and b")
    assert ("a ... b", "a and b") == row.texts


def test_an_inequality_is_shown_as_one() -> None:
    row = ErrataRow(claim="c", slide="s", words="w", printed=14, unit="cats", relation="more than", found=15)
    assert ("more than 14 cats", "15 cats") == row.texts


def test_of_a_long_list_its_length_and_the_difference_are_told() -> None:
    row = ErrataRow(claim="c", slide="s", words="w", printed=[*FAMILIES], found=[*FAMILIES[1:], "another"])
    assert ("a list of 8", "all but family 0; also another") == row.texts


def test_the_row_of_a_claim_knows_where_it_stands() -> None:
    entry = {"id": "c", "slide": "s", "words": "w", "where": "by hand", "printed": 1}
    assert "by hand" == ErrataRow.of(entry, {}).where
