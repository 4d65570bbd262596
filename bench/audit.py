"""Verdicts on claims: what is found afresh beside what is printed. Pure; no verdict is known beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bench.declarations import Attempt, Claim, Evidence, Printed

Verdict = Literal["reproduced", "contradicted", "published: agrees", "published: disagrees", "not checkable"]
VERDICTS: tuple[Verdict, ...] = (
    "contradicted",
    "published: disagrees",
    "not checkable",
    "reproduced",
    "published: agrees",
)
"""The ones that ask for a look come first."""
MISMATCHES = frozenset({"contradicted", "published: disagrees"})
UNEXPLAINED = "no explanation found"
SLACK = 1e-9
"""Relative; floating-point sums differ in their last digits."""


@dataclass(frozen=True)
class Judged:
    """What became of one claim."""

    verdict: Verdict
    found: Printed | None = None
    explanation: str = ""
    """Of a mismatch: what would give the printed value; of what is not checkable: why."""
    note: str = ""
    """How it was found, or where it is published."""
    failed: bool = False
    """Whether its check ended in an error."""

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return asdict(self)


def judge(claim: Claim, kind: Literal["measured", "published"], look: Callable[[Attempt], Evidence]) -> Judged:
    """Compare what a claim prints with what its check finds; of a mismatch, look for what explains it.

    Args:
        claim: with a check.
        kind: of the check.
        look: makes an attempt afresh.
    """
    assert claim.check is not None
    evidence = look(claim.check)
    if equal(claim, evidence.value):
        return Judged(
            "reproduced" if kind == "measured" else "published: agrees", evidence.value, "", evidence.note
        )
    verdict: Verdict = "contradicted" if kind == "measured" else "published: disagrees"
    return Judged(verdict, evidence.value, _explanation(claim, evidence.value, look), evidence.note)


def equal(claim: Claim, found: Printed) -> bool:
    """Whether what was found is what is printed: numbers to half a unit of the last printed digit."""
    printed = claim.printed
    if not _is_number(printed) or not _is_number(found):
        return type(printed) is type(found) and printed == found
    distance = abs(float(found) - float(printed))  # type: ignore[arg-type]  # both are numbers
    return distance <= claim.step / 2 + SLACK * max(abs(float(printed)), claim.step)  # type: ignore[arg-type]


def _explanation(claim: Claim, found: Printed, look: Callable[[Attempt], Evidence]) -> str:
    for attempt in claim.alternatives:
        if equal(claim, look(attempt).value):
            return attempt.because
    if claim.step and _is_number(found) and _is_number(claim.printed):
        cut = math.floor(float(found) / claim.step + SLACK) * claim.step  # type: ignore[arg-type]
        if math.isclose(cut, float(claim.printed), rel_tol=SLACK):  # type: ignore[arg-type]
            return "cut off, not rounded"
    return UNEXPLAINED


def _is_number(value: Printed) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
