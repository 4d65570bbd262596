"""Verdicts on claims."""

from __future__ import annotations

from typing import Literal

import pytest

from bench.audit.claims import claim_of
from bench.audit.verdicts import ClaimVerdict, agrees, judge
from bench.declare.claims import Attempt, Evidence, Printed
from bench.errors import UsageError


def judged(
    printed: Printed, found: Printed, step: float = 0.0, kind: Literal["measured", "published"] = "measured"
) -> ClaimVerdict:
    entry = {"id": "c", "slide": "s", "words": "w", "printed": printed, "step": step, "check": "look"}
    entry["alternatives"] = [{"because": "another variant", "with": {"other": True}}]

    def look(attempt: Attempt) -> Evidence:
        return Evidence(3.6e9 if attempt.arguments else found, "counted")

    return judge(claim_of(entry), kind, look)


@pytest.mark.parametrize(
    ("printed", "found", "step"),
    [
        (28938, 28938, 0.0),
        (4.1e9, 4.089e9, 0.1e9),
        (24.52, 24.52, 0.01),
        ([-1, 16], [-1, 16], 0.0),
        (True, True, 0.0),
    ],
)
def test_equal_to_the_printed_precision_is_reproduced(printed: Printed, found: Printed, step: float) -> None:
    assert "reproduced" == judged(printed, found, step).verdict


@pytest.mark.parametrize(
    ("printed", "found", "step"),
    [(28938, 28939, 0.0), (4.1e9, 4.16e9, 0.1e9), ("3x3", "3x3, 5x5", 0.0), (True, False, 0.0), (1, True, 0.0)],
)
def test_anything_else_is_contradicted(printed: Printed, found: Printed, step: float) -> None:
    assert "contradicted" == judged(printed, found, step).verdict


def test_an_alternative_that_gives_the_printed_value_explains_it() -> None:
    assert "another variant" == judged(3.6e9, 3.66e9, 0.1e9).explanation


def test_a_number_that_is_cut_off_says_so() -> None:
    assert "cut off, not rounded" == judged(25.5e6, 25.557e6, 0.1e6).explanation


def test_what_nothing_explains_says_so() -> None:
    assert "no explanation found" == judged(4, 7).explanation


def test_a_published_figure_agrees_or_disagrees() -> None:
    assert "published: agrees" == judged(15.3, 15.3, 0.1, "published").verdict
    assert "published: disagrees" == judged(16.3, 15.3, 0.1, "published").verdict


def test_an_exact_claim_takes_no_neighbour() -> None:
    claim = claim_of({"id": "c", "slide": "s", "words": "w", "printed": 60000, "check": "look"})
    assert not agrees(claim, 60000.5)


@pytest.mark.parametrize(
    ("relation", "printed", "fits", "fails"),
    [
        ("more than", 14_000_000, 14_197_122, 14_000_000),
        ("at least", 1_000_000, 1_000_000, 999_999),
        ("one of", 2014, [2014, 2015], [2015, 2016]),
        ("says", "Google", "the GOOGLE company", "another"),
        ("says", ["bank", "check"], "reads bank checks", "reads checks"),
        ("equal", "bank", "bank", "banks"),
    ],
)
def test_a_relation_says_what_agrees(relation: str, printed: Printed, fits: Printed, fails: Printed) -> None:
    entry = {"id": "c", "slide": "s", "words": "w", "printed": printed, "relation": relation, "check": "look"}
    claim = claim_of(entry)
    assert [True, False] == [agrees(claim, found) for found in (fits, fails)]


def test_an_inequality_is_no_cut() -> None:
    entry = {"printed": 15, "step": 1, "relation": "more than"}
    assert "no explanation found" == quoting(entry, found=15, work=0).explanation


def quoting(entry: dict[str, object], found: Printed, work: Printed) -> ClaimVerdict:
    """The verdict on a claim that quotes a work, which has one value where its check finds another."""
    whole = {
        "id": "c",
        "slide": "s",
        "words": "w",
        "check": "look",
        "quotes": {"figure": "f"},
        **entry,
    }

    def look(attempt: Attempt) -> Evidence:
        return Evidence(work, "the work") if attempt.check == "published_figure" else Evidence(found, "a count")

    return judge(claim_of(whole), "counted", look)


def test_a_print_that_the_work_has_agrees_and_the_recount_stands_beside_it() -> None:
    found = quoting({"printed": 3.8, "step": 0.1}, found=3.858, work=3.8)
    why = ("cut off, not rounded", "the work; beside it: a count")
    assert ClaimVerdict("published: agrees", 3.8, *why, recount=3.858) == found


def test_a_print_that_a_recount_gives_is_reproduced_whatever_it_quotes() -> None:
    assert ClaimVerdict("reproduced", 3.9, "", "a count") == quoting({"printed": 3.9}, found=3.9, work=3.8)


def test_a_print_that_neither_the_work_nor_a_recount_has_is_contradicted() -> None:
    found = quoting({"printed": 3.7, "step": 0.1}, found=3.858, work=3.8)
    assert ("contradicted", None) == (found.verdict, found.recount)


def test_a_claim_that_is_handed_its_figure_says_so_with_its_evidence() -> None:
    found = quoting({"printed": 3, "given": "that it is taken"}, found=3, work=3)
    assert "a count; handed what is printed: that it is taken" == found.note


def test_a_relation_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="claim 'c': no fit value for relation"):
        claim_of({"id": "c", "slide": "s", "words": "w", "printed": 1, "relation": "about", "check": "look"})
