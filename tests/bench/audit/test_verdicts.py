"""Verdicts on claims."""

from __future__ import annotations

from typing import Literal

import pytest

from bench.audit.claims import claim_of
from bench.audit.verdicts import Judged, equal, judge
from bench.declare.declarations import Attempt, Evidence, Printed


def judged(
    printed: Printed, found: Printed, step: float = 0.0, kind: Literal["measured", "published"] = "measured"
) -> Judged:
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
    assert not equal(claim, 60000.5)
