"""Wilcoxon's rank sum and the shift between two groups, exact up to `EXACT` values. Pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from bench.statistics.intervals import LEVEL, Interval

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

special: Any = lazy("scipy.special")
Array = Any
EXACT = 64
"""Number of values up to which the distribution is exact; above it, the normal one is used, whose tails are
heavier."""
METHOD = "rank sum"


@dataclass(frozen=True)
class Null:
    """Distribution of the rank sum of m of n values where the groups do not differ (Wilcoxon 1945).

    Given the ranks at hand, equal values among them: every choice of m of the n is equally likely.
    """

    ranks: tuple[int, ...]
    """Ranks in ascending order, in any unit."""

    @property
    def n(self) -> int:
        """Number of values in both groups."""
        return len(self.ranks)

    @cached_property
    def total(self) -> int:
        """Sum of all ranks."""
        return sum(self.ranks)

    @cached_property
    def _below(self) -> Array:
        """P(sum of m <= s), float of shape (n + 1, total + 1), from the ways in which m ranks make s."""
        ways = np.zeros((self.n + 1, self.total + 1))
        ways[0, 0] = 1.0
        for rank in self.ranks:
            ways[1:, rank:] += ways[:-1, : self.total + 1 - rank]
        return np.cumsum(ways, axis=1) / np.array([[math.comb(self.n, m)] for m in range(self.n + 1)], dtype=float)

    def p(self, m: Array, sums: Array) -> Array:
        """Two-sided p-values of groups of `m` values with these rank sums (Lehmann 1975, chapter 1); any shape."""
        if self.n > EXACT:
            return 2 * special.ndtr(-np.abs(self.z(m, sums)))
        low = self._below[m, sums]
        high = self._below[self.n - m, self.total - sums]
        return np.minimum(1.0, 2 * np.minimum(low, high))

    def attained(self, p: float) -> Array:
        """For each m from 0 to n, the chance of a p-value of at most `p`; less than `p`, since p-values are
        discrete."""
        if self.n > EXACT or p >= 1:
            return np.full(self.n + 1, min(1.0, p))
        half = p / 2 * (1 + 1e-9)  # sums of the same chances in another order differ in the last digits
        tail = np.where(self._below <= half, self._below, 0.0).max(axis=1)
        return tail + tail[::-1]

    def z(self, m: Array, sums: Array) -> Array:
        """Rank sums of groups of `m` values, standardised; 0 where all ranks are equal."""
        spread = float(np.var(self.ranks)) * self.n / max(1, self.n - 1)
        if not spread:
            return np.zeros(np.broadcast(m, sums).shape)
        return (sums - m * self.total / self.n) / np.sqrt(m * (self.n - m) / self.n * spread)


@lru_cache(maxsize=128)
def null_of(ranks: tuple[int, ...]) -> Null:
    """Distribution for these ranks, cached: series of one length mostly share theirs."""
    return Null(ranks)


def ranks_of(values: Sequence[float]) -> tuple[int, ...]:
    """Ranks in the order of the values; equal values share their mean rank, in halves where needed."""
    ordered = sorted(values)
    first = {value: i for i, value in reversed(list(enumerate(ordered)))}
    last = {value: i for i, value in enumerate(ordered)}
    doubled = [first[value] + last[value] + 2 for value in values]
    unit = math.gcd(*doubled) if doubled else 1
    return tuple(rank // unit for rank in doubled)


def p_differ(before: Sequence[float], after: Sequence[float]) -> float:
    """Two-sided p-value of "both groups are alike", exact for up to `EXACT` values, equal ones among them."""
    ranks = ranks_of([*before, *after])
    null = null_of(tuple(sorted(ranks)))
    return float(null.p(len(before), sum(ranks[: len(before)])))


def shift(before: Sequence[float], after: Sequence[float]) -> float:
    """Shift of `after` against `before`: the median of all differences (Hodges and Lehmann 1963)."""
    return float(np.median(_differences(before, after)))


def shift_interval(before: Sequence[float], after: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Interval of the shift: the values that the two-sided test accepts (Hollander and Wolfe 1999, section 4.3).

    None with too few values for that level (3 and 5 are enough for 95 %), or where the values show no spread.
    """
    m, n = len(before), len(before) + len(after)
    null = null_of(tuple(range(1, n + 1)))
    least = m * (m + 1) // 2
    sums = np.arange(least, least + m * (n - m) + 1)
    refused = int((null.p(m, sums) <= 1 - level).sum()) // 2
    found = np.sort(_differences(before, after))
    if not refused or math.isclose(found[0], found[-1], rel_tol=1e-12, abs_tol=1e-12):
        return None
    return Interval(float(found[refused - 1]), float(found[-refused]), METHOD)


def _differences(before: Sequence[float], after: Sequence[float]) -> Array:
    return np.subtract.outer(np.asarray(after, dtype=float), np.asarray(before, dtype=float)).ravel()
