"""What is printed decides: another figure in its place ends otherwise, and what was found would agree there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

import suites
from bench.audit.claims import Attempt, Claim, Evidence, Printed, load_ledger
from bench.audit.verdicts import MISMATCHES, ClaimVerdict, agrees, judge
from bench.declare.catalog import CHECKS, load_catalogs

load_catalogs()
CLAIMS = [
    claim
    for claim in load_ledger(suites.CLAIMS).claims
    if claim.check and CHECKS.get(claim.check.check).kind in ("counted", "published")
]
STRANGE = "quagmire"
"""What no source says."""
each_claim = pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.id) for claim in CLAIMS])


@cache
def found(check: str, arguments: str) -> Evidence:
    return CHECKS.get(check).function(**json.loads(arguments))


def look(attempt: Attempt) -> Evidence:
    """What a check finds, looked for once for all that is printed."""
    return found(attempt.check, json.dumps(attempt.arguments, sort_keys=True))


def judged(claim: Claim) -> ClaimVerdict:
    assert claim.check
    return judge(claim, CHECKS.get(claim.check.check).kind, look)


def others(claim: Claim) -> Iterator[Printed]:
    """Other figures in the place of what is printed, as near as its relation to what is found tells apart."""
    printed = claim.printed
    if claim.relation in ("more than", "at least"):
        assert isinstance(printed, int | float)
        yield 2 * printed
    elif claim.relation == "one of":
        assert isinstance(printed, int)
        yield from (printed - 10, printed + 10)
    elif isinstance(printed, bool):
        yield not printed
    elif isinstance(printed, int | float):
        unit = claim.step or (1 if isinstance(printed, int) else printed / 10)
        yield from (printed - unit, printed + unit)
    elif isinstance(printed, str):
        yield f"{printed} {STRANGE}"
    else:
        yield from ([*printed, STRANGE], [*printed[:-1], STRANGE])


@each_claim
def test_another_print_ends_otherwise(claim: Claim) -> None:
    """With another verdict, or by another source: a work that is quoted may round otherwise than a recount."""
    first = judged(claim)
    if first.verdict not in MISMATCHES:
        again = [judged(replace(claim, printed=other)) for other in others(claim)]
        assert (first.verdict, first.found) not in [(other.verdict, other.found) for other in again]


@pytest.mark.parametrize(
    ("name", "printed"),
    [("imagenet-images", 14_600_000), ("imagenet-boxes", 1_400_000), ("imagenet-synsets", 24_000)],
)
def test_an_inequality_is_not_kept_by_a_figure_nearby(name: str, printed: int) -> None:
    (claim,) = [claim for claim in CLAIMS if claim.id == name]
    assert "published: disagrees" == judged(replace(claim, printed=printed)).verdict


@pytest.mark.parametrize("name", ["flip-horizontally-p", "flip-vertically-p"])
def test_a_hundredth_more_than_a_probability_does_not_agree(name: str) -> None:
    (claim,) = [claim for claim in load_ledger(suites.CLAIMS).claims if claim.id == name]
    assert [True, False] == [agrees(replace(claim, printed=printed), 0.3) for printed in (0.3, 0.31)]


@each_claim
def test_what_is_found_would_agree_if_it_were_printed(claim: Claim) -> None:
    value = judged(claim).found
    assert value is not None
    printed = value[0] if claim.relation == "one of" and isinstance(value, list) else value
    relation = "at least" if claim.relation == "more than" else claim.relation
    assert agrees(replace(claim, printed=printed, relation=relation), value)
