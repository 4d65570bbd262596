"""One sort of comparison over all its rows: how many of each answer, and the effect pooled over the networks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.compare.experiments.answers import Answer, Answered
from bench.compare.experiments.contrasts import Family
from bench.statistics.pooled import Estimate, PooledEffect, pooled
from reports.learning.effects import FAMILIES, Effect, effects_of
from reports.tidy.frame import Frames
from reports.tidy.once import once

ALL = "all"
FEWEST = 3
"""Networks: two say next to nothing of how networks differ."""


@dataclass(frozen=True, kw_only=True)
class Overall:
    """Comparisons of one table, or those of one treatment."""

    family: Family
    treatment: str
    """`ALL` of a table with several."""
    answers: Mapping[Answer, int]
    of: int
    """Comparisons, those without a pair too."""
    compared: int
    """Number of comparisons with a pair."""
    higher: int
    """Number of comparisons whose mean difference is above 0."""
    networks: int
    """Architectures that have a pair."""
    pooled: PooledEffect | None
    """Over networks; None of fewer than `FEWEST` with a known spread."""

    @property
    def title(self) -> str:
        """Common name of the comparisons."""
        return FAMILIES[self.family]


@once
def overall(frames: Frames) -> tuple[Overall, ...]:
    """Each table of comparisons as a whole, and then each of its treatments where it has several."""
    return tuple(item for family in FAMILIES for item in _of_family(family, effects_of(frames, family)))


def whole(frames: Frames, family: Family) -> Overall | None:
    """One table as a whole; None without a comparison."""
    return next((item for item in overall(frames) if item.family == family), None)


def _of_family(family: Family, effects: Sequence[Effect]) -> Iterator[Overall]:
    treatments: dict[str, list[Effect]] = {}
    for effect in effects:
        treatments.setdefault(effect.treatment, []).append(effect)
    if treatments:
        yield _over(family, ALL if len(treatments) > 1 else effects[0].treatment, effects)
    if len(treatments) > 1:
        for treatment, some in treatments.items():
            yield _over(family, treatment, some)


def _over(family: Family, treatment: str, effects: Sequence[Effect]) -> Overall:
    found = [(effect.architecture, effect.found) for effect in effects if effect.found]
    studies = list(_studies(found))
    return Overall(
        family=family,
        treatment=treatment,
        answers=Counter(effect.answer for effect in effects),
        of=len(effects),
        compared=len(found),
        higher=sum(item.mean > 0 for _, item in found),
        networks=len({name for name, _ in found}),
        pooled=pooled(studies) if len(studies) >= FEWEST else None,
    )


def _studies(found: Iterable[tuple[str, Answered]]) -> Iterator[Estimate]:
    """One estimate per network: the mean of its comparisons of which the spread is known, each counting alike."""
    by_network: dict[str, list[tuple[float, float]]] = {}
    for name, item in found:
        if item.error:
            by_network.setdefault(name, []).append((item.mean, item.error))
    for items in by_network.values():
        error = math.sqrt(math.fsum(error**2 for _, error in items)) / len(items)
        yield Estimate(fmean(mean for mean, _ in items), error)
