"""The bootstrap: an interval that supposes no distribution. Pure functions of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from bench.statistics.intervals import LEVEL, Interval, spread_of

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

special: Any = lazy("scipy.special")

DRAWS = 10_000
"""Resamples; their seed is fixed, so that equal values have equal intervals."""


def bootstrap_interval(values: Sequence[float], level: float = LEVEL, draws: int = DRAWS) -> Interval | None:
    """BCa interval of a mean (Efron 1987); of paired differences, give the differences.

    The percentile interval where the correction is not defined. None for fewer than two values, or values without
    spread: all resamples are then equal, and the interval would look certain. Of fewer than about ten values it is
    narrower than it promises, and it supposes that they are independent: folds that share images are not.

    Args:
        values: one per repetition.
        level: confidence, 0..1.
        draws: resamples.
    """
    if spread_of(values) is None:
        return None
    data = np.asarray(values, float)
    random = np.random.default_rng(0)
    means = data[random.integers(0, len(data), (draws, len(data)))].mean(1)
    corrected = _bca(data, means, level)
    quantiles = corrected or (0.5 - level / 2, 0.5 + level / 2)
    low, high = (float(q) for q in np.quantile(means, quantiles))
    return Interval(low, high, "BCa bootstrap" if corrected else "percentile bootstrap")


def _bca(data: np.ndarray, means: np.ndarray, level: float) -> tuple[float, float] | None:
    """The quantiles of the resampled means that bound the interval; None where they are not defined."""
    centre = fmean(data.tolist())
    # means that are equal count half: of few values many are
    below = float((means < centre).mean() + (means == centre).mean() / 2)
    if not 0 < below < 1:
        return None
    bias = float(special.ndtri(below))
    without = (data.sum() - data) / (len(data) - 1)
    pull = without.mean() - without
    acceleration = float((pull**3).sum() / (6 * (pull**2).sum() ** 1.5))
    bounds = []
    for share in (0.5 - level / 2, 0.5 + level / 2):
        z = bias + float(special.ndtri(share))
        if acceleration * z >= 1:
            return None
        bounds.append(float(special.ndtr(bias + z / (1 - acceleration * z))))
    return bounds[0], bounds[1]
