"""Test of advice: one strategy of transfer against every strategy of the other sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bench.compare.experiments.training import Training, overlap, pairs_of
from bench.statistics.intervals import LEVEL, PairedDifference, paired_difference

Advice = Literal["confirmed", "refuted", "undecided"]


def difference_of(base: Sequence[Training], treated: Sequence[Training]) -> PairedDifference | None:
    """Accuracy of the treated less that of the base over shared folds and seeds; None where they share none."""
    pairs = pairs_of(base, treated)
    if not pairs:
        return None
    return paired_difference([(a.value, b.value) for a, b in pairs], overlap([item for _, item in pairs]))


def beats_all(candidates: Sequence[Sequence[Training]], rivals: Sequence[Sequence[Training]]) -> float | None:
    """The p-value of one of the candidates beating every rival; None where there is nothing to test.

    "Beats every" is an intersection-union test (Berger 1982, "Multiparameter hypothesis testing and acceptance
    sampling", Technometrics 24): its p-value is the largest of the paired t-tests', without correction. Any of
    several may do so, so that the smallest of these is multiplied by their number (Bonferroni).
    """
    if not candidates or not rivals:
        return None
    found = [[_p_beats(candidate, rival) for rival in rivals] for candidate in candidates]
    known = [max(p for p in values if p is not None) for values in found if None not in values]
    return min(1.0, len(candidates) * min(known)) if known else None


def advice(p: float | None, advised_wins: bool) -> Advice:
    """The verdict on advice.

    Args:
        p: probability that chance alone makes one strategy beat every one of the other sort; None: no pair
            shows it.
        advised_wins: whether the best strategy is an advised one.
    """
    if p is None or p >= 1 - LEVEL:
        return "undecided"
    return "confirmed" if advised_wins else "refuted"


def _p_beats(candidate: Sequence[Training], rival: Sequence[Training]) -> float | None:
    found = difference_of(rival, candidate)
    if found is None or found.p is None:
        return None
    return found.p if found.mean > 0 else 1.0
