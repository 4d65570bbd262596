"""Verdicts on claims: a freshly found value is compared with the printed one. Pure; no verdict is known
beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from bench.declare.claims import Attempt, Claim, Evidence, KindOfCheck, Printed
from bench.errors import Unsupported

Look = Callable[[Attempt], Evidence]

Verdict = Literal[
    "contradicted",
    "published: disagrees",
    "lesson: refuted",
    "lesson: no difference",
    "lesson: undecided",
    "lesson: confirmed",
    "not measured",
    "not checkable",
    "reproduced",
    "published: agrees",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""All verdicts, those that need attention first."""
OF_LESSONS = frozenset({"not measured", *(verdict for verdict in VERDICTS if verdict.startswith("lesson"))})
"""Verdicts on claims that a lesson alone decides: none is a mismatch, since a small experiment refutes no
figure."""
MISMATCHES = frozenset({"contradicted", "published: disagrees"})
UNEXPLAINED = "no explanation found"
SLACK = 1e-9
"""Relative difference that is ignored, since floating-point sums differ in their last digits."""


@dataclass(frozen=True)
class ClaimVerdict:
    """Verdict on one claim, with its evidence."""

    verdict: Verdict
    found: Printed | None = None
    explanation: str = ""
    """Assumption that would give the printed value, for a mismatch or a recount; the reason, for a claim that is
    not checkable."""
    note: str = ""
    """How the value was found, or where it is published."""
    failed: bool = False
    """Whether the check of the claim ended in an error."""
    recount: Printed | None = None
    """Value found here, where a work prints the lecture's value and a recount gives another one."""

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return asdict(self)


def judge(claim: Claim, kind: KindOfCheck, look: Look, imagenet: str = "") -> ClaimVerdict:
    """Compare a claim's printed value with what its check finds; for a mismatch, look for an explanation.

    One rule holds for whatever quotes a work: where the check does not give what is printed but the work has it,
    the claim agrees with the work, and what the check finds stands beside it.

    Args:
        claim: claim that has a check.
        kind: kind of the check.
        look: makes an attempt afresh.
        imagenet: folder with ImageNet's validation images; empty: what needs them is looked up, not measured.
    """
    assert claim.check is not None
    if not claim.imagenet or not imagenet:
        return _compared(claim, kind, look(claim.check), look)
    measure = Attempt("imagenet_error", {**claim.imagenet, "path": imagenet})
    try:
        measured = _compared(claim, "measured", look(measure), look)
    except Unsupported as missing:
        published = judge(claim, kind, look)
        return replace(published, note=f"{published.note}; not measured: {missing}")
    if measured.explanation == UNEXPLAINED and agrees(claim, look(claim.check).value):
        return replace(measured, explanation="the weights are not the paper's, whose own figure agrees")
    return measured


def agrees(claim: Claim, found: Printed) -> bool:
    """Whether the printed value stands to the found one as the claim's relation wants it (`Relation`)."""
    printed = claim.printed
    if claim.relation == "says":
        words = printed if isinstance(printed, list) else [printed]
        return isinstance(found, str) and all(str(word).casefold() in found.casefold() for word in words)
    if claim.relation == "one of":
        return isinstance(found, list) and printed in found
    if claim.relation in ("more than", "at least"):
        comparable = _is_number(printed) and _is_number(found)
        return comparable and (found > printed or (claim.relation == "at least" and found == printed))  # type: ignore[operator]
    return _equal(claim, found)


def _equal(claim: Claim, found: Printed) -> bool:
    printed = claim.printed
    if not _is_number(printed) or not _is_number(found):
        return type(printed) is type(found) and printed == found
    if not claim.step and isinstance(printed, int) and isinstance(found, int):
        return printed == found
    distance = abs(float(found) - float(printed))  # type: ignore[arg-type]  # both are numbers
    step = claim.step or 0.0
    return distance <= step / 2 + SLACK * max(abs(float(printed)), step)  # type: ignore[arg-type]


def _compared(claim: Claim, kind: KindOfCheck, evidence: Evidence, look: Look) -> ClaimVerdict:
    note = f"{evidence.note}; handed what is printed: {claim.given}" if claim.given else evidence.note
    if agrees(claim, evidence.value):
        same: Verdict = "published: agrees" if kind == "published" else "reproduced"
        return ClaimVerdict(same, evidence.value, "", note)
    explanation, failed = _explanation(claim, evidence.value, look)
    if claim.quotes is not None:
        work = look(claim.quotes)
        if agrees(claim, work.value):
            why = "" if explanation == UNEXPLAINED else explanation
            told = f"{work.note}; beside it: {note}"
            return ClaimVerdict("published: agrees", work.value, why, told, failed, evidence.value)
    other: Verdict = "published: disagrees" if kind == "published" else "contradicted"
    return ClaimVerdict(other, evidence.value, explanation, note, failed)


def _explanation(claim: Claim, found: Printed, look: Look) -> tuple[str, bool]:
    """Assumption that would give the printed value, and whether looking for it failed on the way."""
    errors = []
    for attempt in claim.alternatives:
        try:
            if agrees(claim, look(attempt).value):
                return attempt.because, False
        except Exception as error:  # noqa: BLE001 - what was found stands without it
            errors.append(f"{attempt.because}: could not be tried, {type(error).__name__}: {error}")
    if claim.step and claim.relation == "equal" and _is_number(found) and _is_number(claim.printed):
        cut = math.floor(float(found) / claim.step + SLACK) * claim.step  # type: ignore[arg-type]
        if math.isclose(cut, float(claim.printed), rel_tol=SLACK):  # type: ignore[arg-type]
            return "cut off, not rounded", bool(errors)
    return "; ".join([UNEXPLAINED, *errors]), bool(errors)


def _is_number(value: Printed) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
