"""Spread of the values of a round, on the logarithmic scale. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.cell import quantile

MIDDLE = (0.1, 0.9)
"""Quantiles between which a width is measured: one value in ten may have been delayed."""
QUIET = math.log(1.02)
"""Least width of a round: smaller widths count as this one, so that a growth from almost nothing is not
reported."""


def width(logs: Sequence[float]) -> float:
    """Distance of the 90th percentile from the 10th, of one value or more."""
    ordered = sorted(logs)
    low, high = (quantile(ordered, share) for share in MIDDLE)
    return high - low


def widening(base: float, head: float, twin: float) -> tuple[float, float]:
    """Logarithms of head's width over those of base and its twin, and of the twin's over base's."""
    of_base, of_head, of_twin = (math.log(max(QUIET, value)) for value in (base, head, twin))
    return of_head - (of_base + of_twin) / 2, of_twin - of_base
