"""The register of claims: complete by slide, and each claim names a check that takes its arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import suites
from bench.audit.claims import Attempt, Claim, Ledger, load_ledger, refuse_unknown
from bench.declare.catalog import ARCHITECTURES, CHECKS, load_catalogs
from bench.declare.lessons.lesson import LESSONS
from bench.errors import UsageError
from suites.references import references

load_catalogs()
LEDGER: Ledger = load_ledger(Path(suites.__path__[0]) / "claims.toml")
ARCHITECTURE_ARGUMENTS = ("architecture", "than", "architectures")


def attempts() -> Iterator[tuple[Claim, Attempt]]:
    """Each check that a claim names, its alternatives included."""
    for claim in LEDGER.claims:
        for attempt in filter(None, (claim.check, claim.quotes, *claim.alternatives)):
            yield claim, attempt


def test_every_slide_has_a_claim_or_says_what_was_left_out() -> None:
    covered = {claim.slide for claim in LEDGER.claims} | {entry.slide for entry in LEDGER.left_out}
    assert [] == [slide for slide in LEDGER.slides if slide not in covered]


def test_no_slide_is_listed_twice() -> None:
    assert len(LEDGER.slides) == len(set(LEDGER.slides))


def test_every_check_that_a_claim_names_is_declared() -> None:
    assert set() == {attempt.check for _, attempt in attempts()} - set(CHECKS.names())


def test_every_check_takes_the_arguments_of_its_claims() -> None:
    wrong = []
    for claim, attempt in attempts():
        try:
            inspect.signature(CHECKS.get(attempt.check).function).bind(**attempt.arguments)
        except TypeError as error:
            wrong.append(f"{claim.id}: {attempt.check}: {error}")
    assert [] == wrong


def test_an_audit_takes_the_register() -> None:
    refuse_unknown(LEDGER, CHECKS, ARCHITECTURES, LESSONS)


def named(arguments: dict[str, Any]) -> list[str]:
    """The architectures that a check is asked about."""
    return [item for name in ARCHITECTURE_ARGUMENTS if name in arguments for item in listed(arguments[name])]


def test_every_architecture_that_a_claim_names_is_declared() -> None:
    names = {name for _, attempt in attempts() for name in named(attempt.arguments)}
    assert {} == {name: reason for name in names if (reason := refusal(name))}


def refusal(architecture: str) -> str:
    """Why there is no such architecture or variant; empty: there is."""
    try:
        ARCHITECTURES.get(architecture)
    except UsageError as error:
        return str(error)
    return ""


def test_every_published_figure_that_a_claim_names_is_in_the_references() -> None:
    asked = {(a.arguments["paper"], a.arguments["figure"]) for _, a in attempts() if "figure" in a.arguments}
    known = {(key, figure) for key, work in references().items() for figure in work.get("figures", {})}
    assert set() == asked - known


def published_by_architectures() -> dict[str, set[float]]:
    """By paper the figures that declared architectures state."""
    load_catalogs()
    found: dict[str, set[float]] = {}
    for item in ARCHITECTURES:
        found.setdefault(item.paper, set()).update(figure.value for figure in item.published)
    return found


def paper_of(work: dict[str, Any]) -> str:
    return f"arXiv:{work.get('arxiv')}"


def test_every_registered_figure_is_compared_with_a_claim_or_stated_by_an_architecture() -> None:
    stated = published_by_architectures()
    named = {
        (a.arguments[paper], figure)
        for _, a in attempts()
        for paper, figures in (("paper", "figure"), ("paper", "figures"), ("other_paper", "other_figure"))
        if figures in a.arguments
        for figure in listed(a.arguments[figures])
    }
    unused = {
        (key, name)
        for key, work in references().items()
        for name, value in work.get("figures", {}).items()
        if (key, name) not in named and not (isinstance(value, float) and value in stated.get(paper_of(work), ()))
    }
    assert set() == unused


def listed(value: Any) -> list[Any]:
    """A list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def test_every_work_is_one_that_a_claim_or_an_architecture_names() -> None:
    papers = published_by_architectures()
    named = {a.arguments[name] for _, a in attempts() for name in ("paper", "other_paper") if name in a.arguments}
    assert set() == {key for key, work in references().items() if paper_of(work) not in papers} - named


def test_a_claim_whose_check_is_handed_what_is_printed_says_so() -> None:
    handed = [claim for claim in LEDGER.claims if claim.check and holds(claim.check.arguments, claim.printed)]
    assert [] == [claim.id for claim in handed if not claim.given]


def holds(arguments: dict[str, Any], printed: Any) -> bool:
    """Whether one of the arguments is what is printed, or a list of it."""
    whole = [value for value in arguments.values() if not isinstance(value, bool)]
    joined = [", ".join(map(str, value)) for value in whole if isinstance(value, list | dict)]
    return not isinstance(printed, bool) and printed in (*whole, *joined)


def test_every_reference_has_what_a_citation_needs() -> None:
    needed = {"authors", "title", "venue", "year"}
    assert {} == {key: needed - set(work) for key, work in references().items() if needed - set(work)}


def test_every_alternative_says_what_it_would_explain() -> None:
    assert [] == [claim.id for claim in LEDGER.claims for other in claim.alternatives if not other.because]


def test_what_is_not_the_lectures_stands_outside_the_quotation_marks() -> None:
    """The lecture itself is no part of the repository: only the form of such additions can be looked for."""
    added = re.compile(r"by hand|\((both|beside|ResNe\w*-\d+)|: (output|top-[15] err|(Val|Test) top)|\d-layer[,:]")
    assert [] == [claim.id for claim in LEDGER.claims if added.search(claim.words)]


def test_no_two_claims_say_the_same_of_the_same_words() -> None:
    told: dict[tuple[str, ...], str] = {}
    twice = []
    for claim in LEDGER.claims:
        what = (claim.slide, claim.words, claim.where, str(claim.printed), claim.unit, str(claim.check))
        twice += [(told[what], claim.id)] if what in told else []
        told[what] = claim.id
    assert [] == twice


def test_identities_are_lower_case_words_with_hyphens() -> None:
    form = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
    assert [] == [claim.id for claim in LEDGER.claims if not form.fullmatch(claim.id)]


def test_a_step_belongs_to_a_number() -> None:
    assert [] == [c.id for c in LEDGER.claims if c.step and not isinstance(c.printed, int | float)]


@pytest.mark.parametrize("claim", [pytest.param(c, id=c.id) for c in LEDGER.claims if c.imagenet])
def test_what_imagenet_could_decide_names_an_architecture_a_rank_and_crops(claim: Claim) -> None:
    arguments = claim.imagenet or {}
    assert {"architecture", "k", "crops"} == set(arguments) - {"accuracy"}
    assert arguments["k"] in (1, 5)
    assert arguments["crops"] in (1, 10)
    assert arguments["architecture"] in ARCHITECTURES


@pytest.mark.parametrize("claim", [pytest.param(c, id=c.id) for c in LEDGER.claims if c.imagenet])
def test_what_imagenet_could_decide_is_measured_as_it_is_printed(claim: Claim) -> None:
    arguments = claim.imagenet or {}
    printed_as_accuracy = 50 < float(str(claim.printed))
    assert printed_as_accuracy == arguments.get("accuracy", False)


def test_no_check_of_a_paper_is_given_the_printed_figure() -> None:
    told = [
        claim.id
        for claim, attempt in attempts()
        if CHECKS.get(attempt.check).kind == "published" and claim.printed in attempt.arguments.values()
    ]
    assert [] == told
