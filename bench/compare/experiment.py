"""The verdicts of an experiment: trainings that differ in one condition, paired by fold and seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from bench.compare.experiments.advice import Advice as Advice
from bench.compare.experiments.advice import advice as advice
from bench.compare.experiments.advice import beats_all as beats_all
from bench.compare.experiments.training import Training as Training
from bench.compare.experiments.training import overlap as overlap
from bench.statistics import intervals as stats
from bench.statistics.looks import pairs_to_decide
from bench.statistics.resampling import bootstrap_interval


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


def corrected(found: Iterable[P]) -> tuple[P, ...]:
    """The same with verdicts that hold for all of them at once, and the pairs that would decide the open ones.

    These are counted at the strictest level that Holm's correction has for so many tests, which is enough whatever
    the other tests show.
    """
    kept = list(found)
    differences = stats.corrected([item.difference for item in kept])
    tests = sum(difference.p is not None for difference in differences)
    return tuple(_told(replace(item, difference=d), tests) for item, d in zip(kept, differences, strict=True))


def _told(item: P, tests: int) -> P:
    if not item.undecided or item.difference.p is None:
        return item
    found, ratio = item.difference, item.test_to_train
    pairs = found.spread and pairs_to_decide(found.mean, found.spread, 0, tests=tests, test_to_train=ratio)
    return replace(item, pairs_to_decide=int(pairs) if pairs else None)
