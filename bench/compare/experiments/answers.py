"""What a treatment does to accuracy: one of four answers, which is read off one interval.

An answer speaks of these test images and of new seeds; in a cross-validation it speaks of new images, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Literal

from bench.compare.experiments.rule import ComparisonRule
from bench.compare.experiments.training import Training, overlap, pairs_of
from bench.statistics.intervals import LEVEL, Interval, share_interval, spread_of
from bench.statistics.looks import Looks, pairs_to_decide

Answer = Literal["helps", "hurts", "no difference", "undecided"]
UNDECIDED: Answer = "undecided"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Effect of a treatment on accuracy, in shares of one."""

    answer: Answer
    mean: float
    """Treated less base, over the pairs that the interval is of."""
    interval: Interval | None
    """Simultaneous for all rows of its table and all looks; None with too few pairs, or no known spread."""
    n: int
    """Pairs that mean, interval and spread are of: of the look that gave the answer, else of the last one."""
    pairs: int
    """Number of pairs that exist."""
    spread: float | None
    """Standard deviation of the differences, at least that of one test image; None where it is not known."""
    margin: float
    """A difference that is surely smaller is none: that of the rule, or one test image where that is more."""
    far_apart: bool
    """Too few pairs for a look, but the intervals of both arms' test images have nothing in common."""
    pairs_to_decide: int | None
    """Pairs that would decide an undecided difference, if its mean and spread are the true ones."""
    test_to_train: float
    """Test over training images where the training sets overlap, else 0."""
    changes: tuple[float, ...]
    """Treated less base of all pairs, by seed and fold."""

    @property
    def error(self) -> float | None:
        """Standard error of the mean; None where no spread is known."""
        return None if self.spread is None else self.spread * (1 / self.n + self.test_to_train) ** 0.5


@dataclass(frozen=True)
class _Look:
    """The differences at one look."""

    mean: float
    n: int
    spread: float | None
    interval: Interval | None


def answered(base: Iterable[Training], treated: Iterable[Training], rule: ComparisonRule) -> Answered | None:
    """The answer of the first look whose interval decides, which stands; None where no fold and seed is shared."""
    pairs = pairs_of(base, treated)
    if not pairs:
        return None
    trainings = [training for pair in pairs for training in pair]
    image = image_of(trainings)
    changes = [after.value - before.value for before, after in pairs]
    rule = replace(rule, margin=max(rule.margin, image))
    found = decided(changes, rule, step=image, test_to_train=overlap(trainings))
    return found if found.interval else replace(found, far_apart=_are_apart(pairs, rule.tests))


def decided(
    changes: Sequence[float], rule: ComparisonRule, *, step: float, test_to_train: float = 0.0
) -> Answered:
    """The answer of the first look whose interval decides, which stands.

    Args:
        changes: one number of each pair, by seed and fold; one or more.
        rule: levels and looks, with the margin in the unit of the differences.
        step: the least by which two of them can differ; 0: not known.
        test_to_train: test images per training image, as for `intervals.mean_interval`.
    """
    looks = rule.looks or Looks.once(len(changes))
    found = [_look(changes[:n], looks, rule.tests, test_to_train, step) for n in looks.reached(len(changes))]
    first = next((look for look in found if answer_of(look.interval, rule) != UNDECIDED), None)
    last = first or (found[-1] if found else _before(changes, step))
    return Answered(
        answer=answer_of(last.interval, rule),
        mean=last.mean,
        interval=last.interval,
        n=last.n,
        pairs=len(changes),
        spread=last.spread,
        margin=rule.margin,
        far_apart=False,
        pairs_to_decide=None if first else _needed(last, rule, test_to_train),
        test_to_train=test_to_train,
        changes=tuple(changes),
    )


def answer_of(interval: Interval | None, rule: ComparisonRule) -> Answer:
    """The answer that an interval of a difference gives."""
    if interval is None:
        return UNDECIDED
    if interval.low > rule.beyond:
        return "helps"
    if interval.high < -rule.beyond:
        return "hurts"
    return "no difference" if -rule.margin <= interval.low and interval.high <= rule.margin else UNDECIDED


def _look(changes: Sequence[float], looks: Looks, tests: int, ratio: float, step: float) -> _Look:
    found = _before(changes, step)
    if found.spread is None:
        return found
    return replace(found, interval=looks.interval(found.mean, found.spread, found.n, tests, ratio))


def _before(changes: Sequence[float], step: float) -> _Look:
    """Look before any pair is known."""
    return _Look(fmean(changes), len(changes), _spread(changes, step), None)


def _spread(changes: Sequence[float], step: float) -> float | None:
    """Spread of the differences. Five equal pairs are not a certainty: their true difference may lie anywhere
    within one step."""
    if len(changes) < 2:
        return None
    return max(stdev(changes), step) if step else spread_of(changes)


def image_of(trainings: Sequence[Training]) -> float:
    """Share of one test image among all; 0 where no training says how many there are."""
    return max((1 / item.n_test for item in trainings if item.n_test), default=0.0)


def _are_apart(pairs: Sequence[tuple[Training, Training]], tests: int) -> bool:
    """Whether the intervals of both arms' accuracies do not overlap, as far as test images tell."""
    n = [item.n_test for pair in pairs for item in pair if item.n_test]
    if not n:
        return False
    level = 1 - (1 - LEVEL) / tests
    values = [fmean(pair[side].value for pair in pairs) for side in (0, 1)]
    first, second = (share_interval(value, min(n), level) for value in values)
    if first is None or second is None:
        return False
    return first.high < second.low or second.high < first.low


def _needed(last: _Look, rule: ComparisonRule, ratio: float) -> int | None:
    if last.spread is None:
        return None
    return pairs_to_decide(
        last.mean,
        last.spread,
        rule.margin,
        tests=rule.tests,
        looks=rule.looks,
        above=last.n,
        test_to_train=ratio,
        beyond=rule.beyond,
    )
