"""One effect out of several studies of it, which may differ in truth: random effects. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.statistics.intervals import LEVEL, Interval, t_quantile


@dataclass(frozen=True)
class Estimate:
    """Estimate of one study."""

    mean: float
    error: float
    """Standard error of the mean, above 0."""


@dataclass(frozen=True)
class PooledEffect:
    """Mean of the true effects, where the studies stand for all such studies."""

    mean: float
    interval: Interval
    between: float
    """Estimated standard deviation of the true effects."""
    higher: int
    """Number of studies whose own mean is above 0."""
    n: int
    """Number of studies."""


def pooled(found: Sequence[Estimate], level: float = LEVEL) -> PooledEffect | None:
    """Pooled effect of two studies or more; None for fewer.

    The variance between studies is that of DerSimonian and Laird (1986, Controlled Clinical Trials 7, 177-188).
    The interval is that of Hartung and Knapp (2001, Statistics in Medicine 20, 3875-3889): Student's t with n - 1
    degrees of freedom. As Röver, Knapp and Friede (2015, BMC Medical Research Methodology 15:99) advise for few
    studies, it is never narrower than their own errors allow.

    Raises:
        ValueError: a standard error is not above 0.
    """
    if any(item.error <= 0 for item in found):
        raise ValueError("a study without a standard error cannot be pooled")
    n = len(found)
    if n < 2:
        return None
    variances = [item.error**2 for item in found]
    between = _between(found, variances)
    weights = [1 / (variance + between) for variance in variances]
    total = math.fsum(weights)
    mean = math.fsum(w * item.mean for w, item in zip(weights, found, strict=True)) / total
    squares = math.fsum(w * (item.mean - mean) ** 2 for w, item in zip(weights, found, strict=True))
    half = t_quantile(n - 1, level) * math.sqrt(max(1.0, squares / (n - 1)) / total)
    interval = Interval(mean - half, mean + half, "Hartung-Knapp")
    return PooledEffect(mean, interval, math.sqrt(between), sum(item.mean > 0 for item in found), n)


def _between(found: Sequence[Estimate], variances: Sequence[float]) -> float:
    """Variance between studies by the method of moments of DerSimonian and Laird, cut off at 0."""
    weights = [1 / variance for variance in variances]
    total = math.fsum(weights)
    fixed = math.fsum(w * item.mean for w, item in zip(weights, found, strict=True)) / total
    q = math.fsum(w * (item.mean - fixed) ** 2 for w, item in zip(weights, found, strict=True))
    scale = total - math.fsum(w * w for w in weights) / total
    return max(0.0, (q - (len(found) - 1)) / scale)
