"""Intervals and tests: pure functions of numbers.

An interval that cannot be had (one value, or values without spread) is None, never a point that looks certain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist, fmean, stdev, variance
from typing import Any

from bench.lazy import lazy

special: Any = lazy("scipy.special")

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Interval in which a figure plausibly lies."""

    low: float
    high: float
    method: str
    """Method by which the interval was computed, for the reader: `Wilson`, `t`, ..."""

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class PairedDifference:
    """Effect of a treatment, from pairs that differ in nothing else."""

    mean: float
    """Mean of (with - without)."""
    interval: Interval | None
    p: float | None
    """Two-sided p-value of no difference; None where no interval can be had."""
    n: int
    """Number of pairs."""
    spread: float | None = None
    """Standard deviation of (with - without); None where the pairs show none."""

    @property
    def is_sure(self) -> bool:
        """Whether there is a difference beyond chance."""
        return self.p is not None and self.p < 1 - LEVEL


@dataclass(frozen=True)
class PowerLaw:
    """A power law through points: y = factor * x ** exponent."""

    exponent: float
    interval: Interval | None
    """Interval of the exponent."""
    factor: float
    """y at x = 1, in y's unit."""
    n: int
    """Number of points."""

    def at(self, x: float) -> float:
        """Value of y on the line, in its unit."""
        return self.factor * math.pow(x, self.exponent)


def wilson(successes: float, n: float, level: float = LEVEL) -> Interval | None:
    """Score interval of a proportion (Wilson 1927); None without trials.

    Args:
        successes: a whole number, or the mean of several where the same trials were repeated.
        n: trials, or as many as a sample of another kind is worth.
        level: confidence, 0..1.

    Raises:
        ValueError: `successes` is not within 0..`n`.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} trials")
    if n == 0:
        return None
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half), "Wilson")


def share_interval(share: float, n: int, level: float = LEVEL) -> Interval | None:
    """Wilson's interval of a share of `n` test images; None where the figure, as a store has it, is not one."""
    return wilson(round(share * n), n, level) if 0 <= share <= 1 else None


def mean_interval(values: Sequence[float], level: float = LEVEL, test_to_train: float = 0.0) -> Interval | None:
    """Student's t interval of a mean; None for fewer than two values or values without spread.

    Args:
        values: one per repetition.
        level: confidence, 0..1.
        test_to_train: images in the test set over images in the training set, where the repetitions' training
            sets overlap: the variance is then corrected after Nadeau and Bengio (2003), equation 9.
    """
    spread = spread_of(values)
    if spread is None:
        return None
    return t_interval(fmean(values), spread, len(values), level, test_to_train)


def t_interval(mean: float, spread: float, n: int, level: float = LEVEL, test_to_train: float = 0.0) -> Interval:
    """Student's t interval from the mean and standard deviation of two values or more."""
    half = t_quantile(n - 1, level) * spread * math.sqrt(1 / n + test_to_train)
    return Interval(mean - half, mean + half, "corrected t" if test_to_train else "t")


def median_interval(process_medians: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Interval of a median from one median per process, which are independent where the samples of one are not.

    By order statistics (Hahn and Meeker 1991, section 5.2), which need six values at 95 %; below that, and for
    positive values only, Student's t interval of the logarithms. None for one value, or values without spread.
    """
    ordered = sorted(process_medians)
    n = len(ordered)
    if spread_of(ordered) is None:
        return None
    left_out = _left_out(n, level)
    if left_out:
        return Interval(ordered[left_out - 1], ordered[n - left_out], "order statistics")
    if ordered[0] <= 0:
        return None
    logs = mean_interval([math.log(value) for value in ordered], level)
    return logs and Interval(from_log(logs.low), from_log(logs.high), "t of logarithms")


@lru_cache(maxsize=1000)
def _left_out(n: int, level: float) -> int:
    """Values beyond either end of the interval of a median by order statistics."""
    return sum(float(special.bdtr(k, n, 0.5)) <= (1 - level) / 2 for k in range(n))


def ratio_interval(base: Sequence[float], head: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Interval of head over base from process medians of both: Welch's t interval of the logarithms (Welch 1947).

    None where a side has fewer than two processes, a value is not positive, or neither side has any spread.
    """
    if min(len(base), len(head)) < 2 or min(*base, *head) <= 0:
        return None
    a, b = [math.log(value) for value in base], [math.log(value) for value in head]
    share_a, share_b = variance(a) / len(a), variance(b) / len(b)
    error = share_a + share_b
    if error == 0:
        return None
    freedom = error**2 / (share_a**2 / (len(a) - 1) + share_b**2 / (len(b) - 1))
    half = t_quantile(freedom, level) * math.sqrt(error)
    centre = fmean(b) - fmean(a)
    return Interval(from_log(centre - half), from_log(centre + half), "Welch t of logarithms")


def power_law(x: Sequence[float], y: Sequence[float], level: float = LEVEL) -> PowerLaw:
    """Fit y = factor * x ** exponent by least squares of the logarithms.

    The exponent's interval is Student's t interval of the slope, n - 2 degrees of freedom (Draper and Smith 1998,
    Applied Regression Analysis, 3rd edition, section 1.4). It takes the points' scatter about the line for chance:
    of exact counts it says how far they are from a power law. None with fewer than 3 distinct x, or where the
    points lie on the line up to rounding.

    Args:
        x: positive, at least two distinct values.
        y: positive, one for each x.
        level: confidence, 0..1.

    Raises:
        ValueError: x and y differ in length, a value is not positive, or all x are equal.
    """
    if len(x) != len(y) or len(set(x)) < 2 or min(*x, *y) <= 0:
        raise ValueError("a power law needs as many x as y, all positive, and two distinct x")
    u, v = [math.log(value) for value in x], [math.log(value) for value in y]
    centre_u, centre_v = fmean(u), fmean(v)
    width = sum((a - centre_u) ** 2 for a in u)
    slope = sum((a - centre_u) * (b - centre_v) for a, b in zip(u, v, strict=True)) / width
    residuals = [b - centre_v - slope * (a - centre_u) for a, b in zip(u, v, strict=True)]
    interval = None
    if len(set(x)) > 2 and max(map(abs, residuals)) > 1e-12 * max(1.0, *map(abs, v)):
        freedom = len(u) - 2
        error = math.sqrt(sum(r * r for r in residuals) / freedom / width)
        half = t_quantile(freedom, level) * error
        interval = Interval(slope - half, slope + half, "t of the slope of logarithms")
    return PowerLaw(slope, interval, from_log(centre_v - slope * centre_u), len(u))


def paired_difference(pairs: Sequence[tuple[float, float]], test_to_train: float = 0.0) -> PairedDifference:
    """The mean of (with - without) over pairs of the same fold and seed.

    Args:
        pairs: (without, with), at least one.
        test_to_train: ratio as in `mean_interval`; makes the test Nadeau and Bengio's corrected resampled t-test.

    Raises:
        ValueError: there is no pair.
    """
    if not pairs:
        raise ValueError("no pairs to compare")
    differences = [after - before for before, after in pairs]
    n = len(differences)
    mean = fmean(differences)
    spread = spread_of(differences)
    if spread is None:
        return PairedDifference(mean, None, None, n)
    t = mean / (spread * math.sqrt(1 / n + test_to_train))
    p = 2 * float(special.stdtr(n - 1, -abs(t)))
    return PairedDifference(mean, mean_interval(differences, test_to_train=test_to_train), p, n, spread)


def mcnemar(before: Sequence[float], after: Sequence[float]) -> PairedDifference:
    """Change in the answers to the same questions, with the p-value of McNemar's exact test (1947).

    Args:
        before: 1 for a right answer, 0 for a wrong one; at least one.
        after: answers to the same questions, in the same order.
    """
    pairs = list(zip(before, after, strict=True))
    gained, lost = sum(b < a for b, a in pairs), sum(b > a for b, a in pairs)
    return replace(paired_difference(pairs), p=binomial_test(gained, gained + lost))


def corrected(differences: Sequence[PairedDifference]) -> tuple[PairedDifference, ...]:
    """The same differences with p-values that are adjusted for all of them together (Holm)."""
    tested = [d.p for d in differences if d.p is not None]
    adjusted = iter(holm(tested))
    return tuple(d if d.p is None else replace(d, p=next(adjusted)) for d in differences)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values of several tests, in the order given (Holm 1979)."""
    m = len(p_values)
    order = sorted(range(m), key=lambda i: p_values[i])
    adjusted = [0.0] * m
    worst = 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (m - rank) * p_values[i]))
        adjusted[i] = worst
    return tuple(adjusted)


def from_log(value: float) -> float:
    """The number with that logarithm; infinite where no float holds it, since a store may have any figure."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def spread_of(values: Sequence[float]) -> float | None:
    """Standard deviation; None where there is none to estimate (one value, equal up to rounding, or infinite)."""
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return None
    deviation = deviation_of(tuple(sorted(values)))
    noise = 1e-12 * max(abs(value) for value in values)
    return deviation if deviation > noise else None


@lru_cache(maxsize=1000)
def deviation_of(ordered: tuple[float, ...]) -> float:
    """Standard deviation of ascending values; what an interval is made of is asked for beside it, too."""
    return stdev(ordered)


def binomial_test(successes: int, n: int) -> float:
    """Exact two-sided p-value of a fair coin; 1 without trials."""
    if n == 0:
        return 1.0
    return min(1.0, 2 * float(special.bdtr(min(successes, n - successes), n, 0.5)))


@lru_cache(maxsize=1000)
def t_quantile(freedom: float, level: float) -> float:
    """Standard errors that Student's t interval reaches to either side, at a confidence `level` (0..1)."""
    return float(special.stdtrit(freedom, 0.5 + level / 2))
