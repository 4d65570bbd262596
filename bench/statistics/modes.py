"""Test for values that gather around two places with a valley between them. Pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

Array = Any
CRITICAL = 1.4
"""Excess mass, times the root of the number of values, that one mode exceeds about once in a thousand times.

That is of the uniform distribution, the worst that has one mode; of a normal one it is 1.1. A test draws both.
"""
MOST = 4000
"""Most values that are examined; of more values, as many at even ranks."""
_DENSITIES = 64


@dataclass(frozen=True)
class Modes:
    """Two modes of a set of values."""

    low: float
    """Median of the lower mode."""
    high: float
    upper: float
    """Share of the values that belong to the upper mode."""
    border: float
    """Largest value of the lower mode."""


def two_modes(values: Sequence[float], units: int, apart: float) -> Modes | None:
    """The two modes of the values; None where a single mode would explain them, or the two are too close.

    The test is that of excess mass (Müller and Sawitzki 1991), which is twice Hartigan and Hartigan's dip (1985):
    the least share of the values that has to move before one mode is left. A heavy tail has no valley, and values
    that are few are a small share: neither is a mode.

    Args:
        values: values in any order.
        units: number of independent observations behind them: processes, where each gave many values.
        apart: least difference between the medians of both modes.
    """
    ordered = np.sort(np.asarray(values, float))
    if len(ordered) > MOST:
        ordered = ordered[np.linspace(0, len(ordered) - 1, MOST).round().astype(int)]
    if units < 2 or len(ordered) < 2 or ordered[0] == ordered[-1]:
        return None
    excess, below = _excess_mass(ordered)
    if excess < CRITICAL / math.sqrt(units):
        return None
    lower, upper = ordered[:below], ordered[below:]
    distance = float(np.median(upper) - np.median(lower))
    # beyond the noise of either: neither's middle half reaches over to the other
    noise = max(float(np.quantile(heap, 0.75) - np.quantile(heap, 0.25)) for heap in (lower, upper))
    if distance < max(apart, 2 * noise):
        return None
    share = len(upper) / len(ordered)
    return Modes(float(np.median(lower)), float(np.median(upper)), share, float(lower[-1]))


def excess_mass(values: Sequence[float]) -> float:
    """The least share of the values, two at least and not all equal, that has to move before one mode is left."""
    return _excess_mass(np.sort(np.asarray(values, float)))[0]


def _excess_mass(ordered: Array) -> tuple[float, int]:
    """The excess mass, and how many of the values belong to the lower mode.

    For each density: the mass of an interval beyond that density times its length. By how much the two best
    disjoint intervals have more of it than the single best one, at the density where this is most.
    """
    n = len(ordered)
    reach = ordered[-1] - ordered[0]
    tenth = max(1, n // 10)
    closest = max((ordered[tenth:] - ordered[:-tenth]).min(), 1e-6 * reach)
    densities = np.geomspace(0.25 / reach, max(2 * tenth / n / closest, 1 / reach), _DENSITIES)
    beyond = (np.arange(1, n + 1) / n)[:, None] - ordered[:, None] * densities
    ending = beyond - np.minimum.accumulate(beyond) + 1 / n
    beginning = np.maximum.accumulate(beyond[::-1])[::-1] - beyond + 1 / n
    before = np.maximum.accumulate(ending)
    after = np.maximum.accumulate(beginning[::-1])[::-1]
    gained = before[:-1] + after[1:] - before[-1]
    place = int(gained.argmax())
    return float(gained.flat[place]), place // _DENSITIES + 1
