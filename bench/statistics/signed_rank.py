"""Wilcoxon's signed-rank test and its interval, exact for any number of values. Pure functions of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from statistics import median

from bench.statistics.intervals import Interval
from bench.statistics.rank_sum import ranks_of

METHOD = "signed rank"


def p_above(values: Sequence[float], centre: float) -> float:
    """Exact one-sided p-value of the hypothesis that the values lie at `centre` or below; small: they lie above
    it.

    Of Wilcoxon's (1945) statistic, the sum of the ranks of what lies above: it presumes independent values that
    lie symmetrically about their centre, of any distribution, not all of the same one. Equal distances share
    their mean rank, and the distribution is that of these very ranks; a value at the centre speaks against.
    """
    distances = [value - centre for value in values]
    ranks = ranks_of([abs(distance) for distance in distances])
    reached = sum(rank for rank, distance in zip(ranks, distances, strict=True) if distance > 0)
    ways = _ways(ranks)
    return float(sum(ways[reached:]) / 2 ** len(ranks))


def p_below(values: Sequence[float], centre: float) -> float:
    """Exact one-sided p-value of the hypothesis that the values lie at `centre` or above; small: they lie below
    it."""
    return p_above([-value for value in values], -centre)


def estimate(values: Sequence[float]) -> float:
    """Estimate of the centre: the median of the means of all pairs (Hodges and Lehmann 1963)."""
    return median(_pair_means(values))


def interval(values: Sequence[float], level: float = 0.95) -> Interval | None:
    """Interval of the centre: the values that the two-sided test accepts (Hollander and Wolfe 1999, 3.3).

    None with too few values for that level: 6 for 95 %.
    """
    n = len(values)
    ways = _ways(range(1, n + 1))
    total, below = 0.0, 0
    while below < len(ways) and (total + ways[below]) / 2**n <= (1 - level) / 2:
        total += ways[below]
        below += 1
    if not below:
        return None
    means = sorted(_pair_means(values))
    return Interval(means[below - 1], means[-below], METHOD)


def smallest_p(n: int) -> float:
    """The least p-value that `n` values can give: that of values all on one side."""
    return 0.5**n


def _pair_means(values: Sequence[float]) -> list[float]:
    return [(a + b) / 2 for a, b in combinations_with_replacement(values, 2)]


def _ways(ranks: Sequence[int]) -> list[int]:
    """Number of the 2**n choices of signs in which the positive ranks sum to each number."""
    ways = [1]
    for rank in ranks:
        shifted = [0] * rank + ways
        ways = [a + b for a, b in zip(ways + [0] * rank, shifted, strict=True)]
    return ways
