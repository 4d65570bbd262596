"""Rule for a regression of accuracy: the same seeds and folds on both sides, paired. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, fmean
from typing import Any

from bench.compare.verdict import POINT, Verdict, direction, least_gain
from bench.execute.outcome import Outcome
from bench.machine.determinism import NOT_DETERMINISTIC
from bench.statistics.intervals import Interval, PairedDifference, mcnemar, paired_difference
from bench.statistics.start import STALLED, start_of

ENOUGH = 5
"""Trainings from which on they are the unit: fewer tell too little of how much one differs from the next."""
POWER = 0.8
_TIMES = ("seconds", "train_seconds")
_LEARNED = ("curve", "val_top1", "nll", "ece", "top5")
"""The record's details that tell one training from another to the last bit."""


@dataclass(frozen=True)
class TrainedPair:
    """One training by each side."""

    base: Outcome
    head: Outcome

    @property
    def means(self) -> tuple[float, float]:
        """Shares of right answers of base and head."""
        return fmean(self.base.values), fmean(self.head.values)

    @property
    def is_bit_equal(self) -> bool:
        """Whether both sides learned the same weights, as far as losses, probabilities and answers tell."""
        return _trace(self.base) == _trace(self.head)


@dataclass(frozen=True)
class TrainedDecision:
    """Decision on an accuracy, and its evidence."""

    answer: Verdict
    change: float
    """Mean over the trainings of (head - base), as a share."""
    interval: Interval | None
    trainings: int
    note: str


def decide(pairs: Sequence[TrainedPair], level: float, better: str) -> TrainedDecision:
    """The verdict on the trainings of one group.

    From `ENOUGH` trainings on, Student's paired t-test over trainings. Of fewer, McNemar's exact test over the
    answers to all images: of these trainings alone, as the note says.

    Args:
        pairs: one a seed and fold, at least one.
        level: the greatest one-sided p-value that counts.
        better: better direction of the measure: `lower` or `higher`.
    """
    decision = _compared(pairs, level, better)
    notes = (decision.note, _undetermined(pairs), _at_chance(pairs))
    return replace(decision, note="; ".join(filter(None, notes)))


def _undetermined(pairs: Sequence[TrainedPair]) -> str:
    """Reason why trainings of one code may differ, where they do and their records say so."""
    if all(pair.is_bit_equal for pair in pairs):
        return ""
    outcomes = [outcome for pair in pairs for outcome in (pair.base, pair.head)]
    said = dict.fromkeys(text for outcome in outcomes for text in outcome.details.get(NOT_DETERMINISTIC, ()))
    return f"the same code does not repeat these trainings to the last bit: {'; '.join(said)}" if said else ""


def _at_chance(pairs: Sequence[TrainedPair]) -> str:
    """Number of trainings that learned nothing, in words: their accuracy says nothing about the network."""
    outcomes = [outcome for pair in pairs for outcome in (pair.base, pair.head)]
    stayed = sum(_start(outcome) == STALLED for outcome in outcomes)
    if not stayed:
        return ""
    which = f"{stayed} of {len(outcomes)} trainings stayed at chance"
    return f"{which}, and tell nothing: try more --steps or another --lr"


def _start(outcome: Outcome) -> str:
    if "chance" not in outcome.details or not outcome.values:
        return ""
    return start_of(round(sum(outcome.values)), len(outcome.values), outcome.details["chance"])


def _compared(pairs: Sequence[TrainedPair], level: float, better: str) -> TrainedDecision:
    n = len(pairs)
    if all(pair.is_bit_equal for pair in pairs):
        what = "both trainings are" if n == 1 else f"all {n} pairs of trainings are"
        return TrainedDecision("fine", 0.0, None, n, f"{what} equal to the last bit")
    if n >= ENOUGH:
        difference = paired_difference([pair.means for pair in pairs])
        return _decided(difference, n, level, better, _needed(difference.spread, level))
    before = [answer for pair in pairs for answer in pair.base.values]
    after = [answer for pair in pairs for answer in pair.head.values]
    note = f"of these trainings alone: {ENOUGH} seeds or folds would tell of others"
    return _decided(mcnemar(before, after), n, level, better, note)


def _decided(difference: PairedDifference, n: int, level: float, better: str, note: str) -> TrainedDecision:
    # no spread: all trainings changed alike, which says more than any test of their mean
    p = 0.5**n if difference.p is None else difference.p / 2
    change = difference.interval or Interval(difference.mean, difference.mean, "")
    answer: Verdict = "undecided"
    if p <= level and difference.mean:
        answer = direction(better, difference.mean)
    elif least_gain(better, change) >= -POINT:
        answer = "fine"
    return TrainedDecision(answer, difference.mean, difference.interval, n, note)


def _needed(spread: float | None, level: float) -> str:
    """Number of trainings, in words, that would show a loss of one point, by the normal approximation of the
    paired t-test's power."""
    if not spread:
        return ""
    reach = NormalDist().inv_cdf(1 - level) + NormalDist().inv_cdf(POWER)
    needed = max(ENOUGH, math.ceil((reach * spread / POINT) ** 2))
    return f"to see one lost point takes {needed} trainings (--seeds)"


def _trace(outcome: Outcome) -> tuple[Any, ...]:
    return outcome.values, [_without_times(outcome.details.get(name)) for name in _LEARNED]


def _without_times(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_times(item) for name, item in value.items() if name not in _TIMES}
    return [_without_times(item) for item in value] if isinstance(value, list | tuple) else value
