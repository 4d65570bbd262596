"""Ticks of a logarithmic axis of ratios."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

_TICKS = (
    0.001,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    1,
    1.1,
    1.2,
    1.4,
    1.6,
    2,
    3,
    4,
    5,
    10,
    20,
    50,
    100,
    1000,
)
_MOST_TICKS = 10


def ticks(ratios: Sequence[float]) -> list[float]:
    """The round ratios that have room on an axis over these ratios, above zero; 1 always has."""
    apart = (log(max(ratios)) - log(min(ratios))) / _MOST_TICKS
    shown = [1.0]
    for side in (_TICKS[_TICKS.index(1) + 1 :], _TICKS[_TICKS.index(1) - 1 :: -1]):
        last = 1.0
        for tick in side:
            if abs(log(tick / last)) >= apart:
                shown.append(tick)
                last = tick
    return sorted(shown)
