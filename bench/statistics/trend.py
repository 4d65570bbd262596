"""Straight line through a series, and whether it describes the series better than levels. Pure functions of
numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import NormalDist, median

from bench.statistics.intervals import LEVEL, Interval

MARGIN = 4.0
"""Least advantage of a line by the criterion: positive evidence in the sense of Kass and Raftery (1995)."""


@dataclass(frozen=True)
class TrendLine:
    """value = start + slope * i, of the values 0, 1, 2, ..."""

    start: float
    slope: float
    interval: Interval | None
    """Interval of the slope; None with too few values."""


def line_through(values: Sequence[float], level: float = LEVEL) -> TrendLine:
    """The median of all slopes, with the interval that Kendall's test gives (Theil 1950, Sen 1968).

    The interval takes the normal distribution of Kendall's statistic, and values that are independent.

    Args:
        values: three at least.
        level: confidence, 0..1.
    """
    n = len(values)
    slopes = sorted((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(values), 2))
    slope = median(slopes)
    start = median(value - slope * i for i, value in enumerate(values))
    half = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    left_out = math.floor((len(slopes) - half) / 2)
    interval = Interval(slopes[left_out], slopes[-1 - left_out], "Sen's slope") if left_out >= 0 else None
    return TrendLine(start, slope, interval)


def prefers_line(values: Sequence[float], borders: Sequence[int]) -> bool:
    """Whether a line describes the series better than the levels between the borders.

    By Schwarz's criterion (1978), and `MARGIN`, with absolute residuals, which outliers do not rule: levels have a
    number each, and one for each border.
    """
    n, ends = len(values), [0, *borders, len(values)]
    levels = sum(abs(value - median(values[a:b])) for a, b in pairwise(ends) for value in values[a:b])
    line = line_through(values)
    along = sum(abs(value - line.start - line.slope * i) for i, value in enumerate(values))
    noise = 1e-12 * max(map(abs, values))
    if levels <= n * noise:
        return False
    more = 2 * len(borders) + 1 - 2
    return 2 * n * math.log(max(along, n * noise) / levels) < more * math.log(n) - MARGIN
