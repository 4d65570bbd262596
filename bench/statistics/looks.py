"""Plan of interim looks at a comparison while its repetitions come in, and the level of each look. Pure.

docs/decisions/0036-verdicts-that-end.md says why the looks are these.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bench.statistics.intervals import Interval, t_interval

ALPHA = 0.05
"""Chance that any answer in a table is wrong, whatever is looked at and whenever one stops."""
LOOKS = (8, 12, 18, 28, 45, 70)
"""Numbers of pairs at which a comparison of trainings is looked at."""
SKEW = 0.7
"""Widening of an interval beyond Student's, over the square root of the pairs.

Accuracies of trainings are skewed, which Student's t is sensitive to far out, where the levels of many looks are.
"""
MOST_PAIRS = 1 << 20
"""Number of pairs above which the answer is that no number of pairs decides."""


@dataclass(frozen=True)
class Looks:
    """Numbers of pairs at which each comparison of a table is looked at, fixed before anything is measured."""

    at: tuple[int, ...]
    """Numbers of pairs at the looks, ascending."""
    level: float = ALPHA
    """Level of the whole table."""

    @classmethod
    def once(cls, pairs: int, level: float = ALPHA) -> Looks:
        """Plan with a single look: the number of pairs was fixed beforehand."""
        return cls((pairs,), level)

    def reached(self, pairs: int) -> tuple[int, ...]:
        """Looks that a number of pairs is enough for."""
        return tuple(look for look in self.at if look <= pairs)

    def beyond(self, pairs: int) -> tuple[int, ...]:
        """Looks that a number of pairs is too small for."""
        return tuple(look for look in self.at if look > pairs)

    def share(self, look: int, tests: int) -> float:
        """The two-sided level of the interval of one comparison at one look.

        The levels of all looks at all comparisons add up to that of the table, so that by the union bound
        (Bonferroni) all intervals hold at once, whatever order the looks are taken in and wherever one stops.

        Args:
            look: one of `at`.
            tests: comparisons of the table.
        """
        return self.level / (tests * len(self.at))

    def interval(self, mean: float, spread: float, look: int, tests: int, test_to_train: float = 0.0) -> Interval:
        """Interval of one comparison at one look: Student's t at its share of the level, wider by `SKEW`.

        Args:
            mean: mean of the differences.
            spread: their standard deviation.
            look: one of `at`, 2 or more.
            tests: comparisons of the table.
            test_to_train: ratio as in `intervals.mean_interval`.
        """
        students = t_interval(mean, spread, look, 1 - self.share(look, tests), test_to_train)
        half = (1 + SKEW / math.sqrt(look)) * (students.high - mean)
        return Interval(mean - half, mean + half, f"simultaneous {students.method}")


def pairs_to_decide(
    mean: float,
    spread: float,
    margin: float,
    *,
    tests: int,
    looks: Looks | None = None,
    above: int = 1,
    test_to_train: float = 0.0,
    beyond: float = 0.0,
) -> int | None:
    """Number of pairs at which the interval would exclude 0 or lie inside the margin, if mean and spread stayed
    the same.

    It takes what few pairs showed for the truth, so it is an order of magnitude; at the true mean and spread so
    many pairs decide about half of the time.

    Args:
        mean: mean of the differences.
        spread: their standard deviation, in the unit of the mean, like the margin.
        margin: a difference that is surely smaller is none.
        tests: comparisons of the table.
        looks: looks of the comparison; None: one, at whatever number of pairs is fixed.
        above: pairs that there are.
        test_to_train: ratio as in `intervals.mean_interval`: a floor of the variance for any number of pairs.
        beyond: distance from 0 that the interval must exclude, to both sides.

    Returns:
        The first look above so many pairs that would decide, without fixed looks the first number from 2 on; None
        where none does.
    """

    def decides(n: int, among: Looks) -> bool:
        interval = among.interval(mean, spread, n, tests, test_to_train)
        is_within = -margin <= interval.low and interval.high <= margin
        return interval.low > beyond or interval.high < -beyond or is_within

    if looks:
        return next((n for n in looks.beyond(above) if decides(n, looks)), None)
    return _first(lambda n: decides(n, Looks.once(n)), max(2, above + 1))


def _first(decides: Callable[[int], bool], least: int) -> int | None:
    """The smallest number from `least` on from which every number decides."""
    if decides(least):
        return least
    low, high = least, 2 * least
    while not decides(high):
        low, high = high, 2 * high
        if high > MOST_PAIRS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high
