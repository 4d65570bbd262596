"""How much more would have to be measured until a comparison is decided. Pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bench.lazy import lazy
from bench.statistics.intervals import LEVEL, PairedDifference

special: Any = lazy("scipy.special")

POWER = 0.8
"""Probability with which that many pairs decide, if the difference is what it seems."""
MOST_PAIRS = 1 << 20
"""Beyond that the answer is that no number of pairs decides."""


def runs_to_decide(
    difference: PairedDifference, level: float = 1 - LEVEL, power: float = POWER, test_to_train: float = 0.0
) -> int | None:
    """Pairs with which a two-sided paired t-test would decide at the present mean difference and spread.

    By the noncentral t distribution with n - 1 degrees of freedom and noncentrality |mean| / (spread *
    sqrt(1/n + test_to_train)), as in Cohen (1988), Statistical Power Analysis, section 2.3, with the variance of
    Nadeau and Bengio (2003). It takes what few pairs showed for the truth, so it is an order of magnitude.

    Args:
        difference: with a spread.
        level: of the test, such as 0.05; of m tests at once 0.05 / m is enough for Holm's correction, whatever
            the others show.
        power: probability of a decision.
        test_to_train: as in `intervals.mean_interval`: a floor of the variance for any number of pairs.

    Returns:
        A number of pairs from 2 on; None where no number decides (no difference, or too much overlap), and where
        the pairs show no spread.
    """
    if difference.spread is None or not difference.mean:
        return None
    effect = abs(difference.mean) / difference.spread

    def decides(n: int) -> bool:
        critical = float(special.stdtrit(n - 1, 1 - level / 2))
        shift = effect / math.sqrt(1 / n + test_to_train)
        missed = special.nctdtr(n - 1, shift, critical) - special.nctdtr(n - 1, shift, -critical)
        return 1 - float(missed) >= power

    return _first(decides)


def _first(decides: Callable[[int], bool]) -> int | None:
    """The smallest number from 2 on, of those that decide from there on."""
    high = 2
    while not decides(high):
        high *= 2
        if high > MOST_PAIRS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high
