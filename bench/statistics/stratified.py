"""Mean of several proportions that have images of their own: balanced accuracy, from the recalls of the
classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean

from bench.statistics.intervals import LEVEL, Interval, wilson

METHOD = "Wilson over classes"
"""Name of the interval's method."""


@dataclass(frozen=True)
class Proportion:
    """Trials of one proportion."""

    right: float
    """Number of successes; a mean where the same trials were repeated."""
    n: int
    """Number of trials, at least 1."""


@dataclass(frozen=True)
class ClassRecall:
    """Right answers of one training on the test images of a class."""

    right: int
    n: int
    seed: int
    folds: int
    """Number of folds of the cross-validation; 0 without one."""


def of_trainings(parts: Sequence[ClassRecall]) -> Proportion:
    """One class over several trainings, whose trials are different images.

    Folds of a cross-validation test different images; other seeds, and other draws of a budget, the same.
    """
    images: dict[int, int] = {}
    for part in parts:
        seen = images.get(part.seed, 0)
        images[part.seed] = seen + part.n if part.folds else max(seen, part.n)
    n = max(images.values())
    share = sum(part.right for part in parts) / sum(part.n for part in parts)
    return Proportion(min(share * n, n), n)


def mean_share(groups: Sequence[Proportion], level: float = LEVEL) -> tuple[float, Interval]:
    """Mean m of the proportions of G groups, each with equal weight, and its interval.

    Wilson's interval at the effective number of trials n = m~ (1 - m~) / v (Korn and Graubard 1998, Survey
    Methodology 24, 193-201; with Wilson's interval as Franco et al. 2019, Journal of Survey Statistics and
    Methodology 7, 334-364, compare it), where v = sum p~ (1 - p~) / n_g / G^2 is the variance of the mean of a
    stratified sample and p~ = (right + 1) / (n_g + 2), m~ their mean: so a group without a mistake is not taken
    for certain. Of one group, and of groups that are equal, it is Wilson's interval of all trials.

    Raises:
        ValueError: there is no group, or one without a trial.
    """
    if not groups or any(group.n < 1 for group in groups):
        raise ValueError("a mean of proportions needs a group, and trials in each")
    mean = fmean(group.right / group.n for group in groups)
    smooth = [(group.right + 1) / (group.n + 2) for group in groups]
    variance = fsum(p * (1 - p) / group.n for p, group in zip(smooth, groups, strict=True)) / len(groups) ** 2
    effective = fmean(smooth) * (1 - fmean(smooth)) / variance
    bounds = wilson(min(effective, mean * effective), effective, level)
    assert bounds is not None
    return mean, Interval(bounds.low, bounds.high, METHOD)
