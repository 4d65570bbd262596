"""Statistic of a hypothesis: a single number from the figures of its arms, for one seed. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from bench.declare.lessons.lesson import Statistic
from bench.lazy import lazy

stats = lazy("scipy.stats")


def value_of(statistic: Statistic, figures: Sequence[float]) -> float:
    """The statistic of figures in the order of the arms; `Statistic` says what each is.

    Raises:
        ValueError: the ratio of figures that are not all above 0.
    """
    return _WAYS[statistic](figures)


def step_of(statistic: Statistic, arms: int, image: float) -> float:
    """The least by which the statistic can differ from seed to seed, where that is known; else 0.

    Args:
        statistic: a statistic of accuracies, or of anything that is ranked.
        arms: their number.
        image: worth of one test image, as a share of one; 0 where figures are not accuracies.
    """
    match statistic:
        case "difference":
            return image / (arms // 2)
        case "interaction":
            return image
        case "rank":
            return 12 / (arms**3 - arms)  # two neighbours change places
        case "peak":
            return 1 / (arms // 2 - 1)
    return 0.0


def _difference(figures: Sequence[float]) -> float:
    return fmean(treated - base for base, treated in zip(figures[::2], figures[1::2], strict=True))


def _ratio(figures: Sequence[float]) -> float:
    if min(figures) <= 0:
        raise ValueError("a ratio is of figures above 0")
    return _difference([math.log(figure) for figure in figures])


def _interaction(figures: Sequence[float]) -> float:
    base, treated, other_base, other_treated = figures
    return (other_treated - other_base) - (treated - base)


def _rank(figures: Sequence[float]) -> float:
    """Spearman's rank correlation with the order of the arms; 0 where all figures are equal.

    Equal figures share their mean rank.
    """
    ranks = [float(rank) for rank in stats.rankdata(figures)]
    middle = (len(ranks) + 1) / 2
    order = [place - middle for place in range(1, len(ranks) + 1)]
    own = [rank - middle for rank in ranks]
    scale = math.sqrt(math.fsum(a * a for a in order) * math.fsum(b * b for b in own))
    return math.fsum(a * b for a, b in zip(order, own, strict=True)) / scale if scale else 0.0


def _peak(figures: Sequence[float]) -> float:
    half = len(figures) // 2
    return (_best(figures[half:]) - _best(figures[:half])) / (half - 1)


def _best(figures: Sequence[float]) -> float:
    """Position of the highest figure, the mean one of equals."""
    highest = max(figures)
    return fmean(place for place, figure in enumerate(figures) if figure == highest)


_WAYS: Mapping[Statistic, Callable[[Sequence[float]], float]] = {
    "difference": _difference,
    "ratio": _ratio,
    "interaction": _interaction,
    "rank": _rank,
    "peak": _peak,
}
