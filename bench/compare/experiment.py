"""The verdicts of an experiment: trainings that differ in one condition, paired by fold and seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import Literal, TypeVar

from bench.statistics import intervals as stats
from bench.statistics.power import runs_to_decide
from bench.statistics.resampling import bootstrap_interval

Advice = Literal["confirmed", "refuted", "undecided"]


@dataclass(frozen=True)
class Training:
    """One training of a scenario."""

    value: float
    """Accuracy, a share of one."""
    fold: int
    seed: int
    folds: int = 0
    """Of its cross-validation; 0 without one."""
    n_train: int | None = None
    """Images; None where that is not known."""
    n_test: int | None = None


@dataclass(frozen=True, kw_only=True)
class Paired:
    """What a treatment does to accuracy, in shares of one."""

    difference: stats.PairedDifference
    test_to_train: float = 0.0
    """Test over training images where the training sets overlap, else 0."""
    changes: tuple[float, ...] = ()
    """Treated less base, one a pair."""
    pairs_to_decide: int | None = None
    """Of an undecided difference; None where no number decides, or no spread is known."""

    @property
    def undecided(self) -> bool:
        """Whether there is no verdict at this number of pairs."""
        return self.difference.verdict == stats.UNDECIDED

    @cached_property
    def bootstrap(self) -> stats.Interval | None:
        """Of the difference, without supposing a normal distribution; None where the training sets overlap."""
        return None if self.test_to_train else bootstrap_interval(self.changes)


P = TypeVar("P", bound=Paired)


def paired(base: Iterable[Training], treated: Iterable[Training]) -> Paired | None:
    """Accuracy of the treated less that of the base over shared folds and seeds; None where they share none."""
    before = {(item.fold, item.seed): item for item in base}
    pairs = [(before[key], item) for item in treated if (key := (item.fold, item.seed)) in before]
    if not pairs:
        return None
    ratio = overlap([item for _, item in pairs])
    values = [(first.value, second.value) for first, second in pairs]
    return Paired(
        difference=stats.paired_difference(values, ratio),
        test_to_train=ratio,
        changes=tuple(second - first for first, second in values),
    )


def overlap(trainings: Sequence[Training]) -> float:
    """Test over training images of trainings whose training sets overlap, else 0.

    They overlap in a cross-validation, whether its folds or its seeds differ (of m seeds with k folds all m k
    trainings are one sample), and between several draws of a labelled budget that share a test split.
    """
    n_train = [item.n_train for item in trainings if item.n_train is not None]
    n_test = [item.n_test for item in trainings if item.n_test is not None]
    several = any(item.folds for item in trainings) or len({item.fold for item in trainings}) > 1
    return fmean(n_test) / fmean(n_train) if n_train and n_test and several else 0.0


def corrected(found: Iterable[P]) -> tuple[P, ...]:
    """The same with verdicts that hold for all of them at once, and the pairs that would decide the open ones.

    These are counted at the strictest level that Holm's correction has for so many tests, which is enough whatever
    the other tests show.
    """
    kept = list(found)
    differences = stats.corrected([item.difference for item in kept])
    tests = sum(difference.p is not None for difference in differences)
    return tuple(_told(replace(item, difference=d), tests) for item, d in zip(kept, differences, strict=True))


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
        p: that chance alone makes one strategy beat every one of the other sort; None where no pair shows it.
        advised_wins: whether the best strategy is an advised one.
    """
    if p is None or p >= 1 - stats.LEVEL:
        return "undecided"
    return "confirmed" if advised_wins else "refuted"


def _told(item: P, tests: int) -> P:
    if not item.undecided or item.difference.p is None:
        return item
    level = (1 - stats.LEVEL) / tests
    pairs = runs_to_decide(item.difference, level=level, test_to_train=item.test_to_train)
    return replace(item, pairs_to_decide=pairs)


def _p_beats(candidate: Sequence[Training], rival: Sequence[Training]) -> float | None:
    found = paired(rival, candidate)
    if found is None or found.difference.p is None:
        return None
    return found.difference.p if found.difference.mean > 0 else 1.0
