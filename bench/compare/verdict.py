"""A verdict on one cell, and what all verdicts share: direction, a missing side, what a point is worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, get_args

from bench.compare.causes.difference import Cause
from bench.compare.spread.distribution import Spread
from bench.declare.nature import Nature, gain
from bench.errors import UsageError
from bench.statistics.intervals import Interval

Verdict = Literal["regression", "dropped", "erratic", "improvement", "changed", "undecided", "fine"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""The gravest first. `dropped`: base watches the cell, and head does not plan it."""
POINT = 0.01
"""Share of right answers that may be lost and still be fine."""
NO_FIGURE = ("unsupported", "not run")
"""Statuses of a cell without a figure that nothing went wrong with."""


def tolerance_of(percent: float, word: str = "--tolerance") -> float:
    """Share by which a time or a peak of memory may grow and still be fine, from percent.

    Args:
        percent: what was asked for.
        word: the option that it was asked for by.

    Raises:
        UsageError: it is not from 0 to 100 percent.
    """
    if not 0 <= percent < 100:
        raise UsageError(f"{word} takes 0 to 100 percent, not {percent:g}")
    return percent / 100


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Verdict on one cell, or on one group of trainings, of base and head."""

    cell: str
    measure: str
    unit: str
    nature: Nature
    base: float | None = None
    head: float | None = None
    ratio: float | None = None
    """Head over base: of pairs that were measured in turn where there are some, else of the two figures."""
    low: float | None = None
    high: float | None = None
    """Interval of the ratio; of a share, that of head less base."""
    verdict: Verdict
    note: str
    key: str = ""
    """Identity of the cell in the store."""
    better: str = "neither"
    """Better direction of the measure: `lower`, `higher` or `neither`."""
    pairs: int | None = None
    """Fresh pairs of processes that were measured in turn; None where they were not."""
    band: float | None = None
    """Share by which base differs from itself in such pairs; None where that was not measured."""
    spread: Spread | None = None
    """Distribution of the values of both sides; None where it is not known."""
    job: str = ""
    """Key of the job that told it, where jobs are to be told apart."""
    causes: tuple[Cause, ...] = ()
    """Explanations of a regression by profiles that are not part of the verdict: the largest of each kind
    first."""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Comparison:
        """Inverse of `dataclasses.asdict`; fields that an older evobench did not have take their defaults.

        Raises:
            KeyError: a field without a default is missing.
        """
        known = {field.name for field in fields(cls) if field.default is MISSING} | content.keys()
        values = {field.name: content[field.name] for field in fields(cls) if field.name in known}
        spread = content.get("spread")  # which older stores lack, as they do causes
        values |= {"nature": Nature(values["nature"]), "spread": Spread.from_dict(spread) if spread else None}
        return cls(**{**values, "causes": tuple(Cause(**cause) for cause in content.get("causes", ()))})

    @property
    def share(self) -> bool:
        """Whether the figure is a share of one that a training reached, such as an accuracy."""
        return self.nature.is_share

    @property
    def worsening(self) -> float:
        """Logarithm of the factor by which it became worse; of `neither`, by which it changed.

        Infinite where head has no figure, minus infinity where there is no ratio: nobody can tell.
        """
        if self.head is None:
            return math.inf
        if self.ratio is None:
            return -math.inf
        change = math.log(self.ratio) if self.ratio > 0 else -math.inf
        return abs(change) if self.better == "neither" else -gain(self.better, change)


def direction(better: str, change: float) -> Verdict:
    """The verdict on a change that is none of chance.

    Args:
        better: better direction of the measure.
        change: change of the figure, other than 0.
    """
    if better == "neither":
        return "changed"
    return "improvement" if gain(better, change) > 0 else "regression"


def least_gain(better: str, change: Interval) -> float:
    """The end of the interval of a change at which the figure is worst; of `neither` the end farthest from 0."""
    if better == "neither":
        return -max(abs(change.low), abs(change.high))
    return min(gain(better, end) for end in (change.low, change.high))


def without_figure(base: str, head: str) -> Verdict:
    """The verdict on a cell of which one side at least has no figure that compares, by the sides' statuses.

    Only a failure of head where base has a figure says something of the change. That base failed says nothing of
    how good head is: no figure is better than a missing one.
    """
    if base == head == "unsupported":
        return "fine"
    return "regression" if base == "ok" and head not in ("ok", *NO_FIGURE) else "undecided"


def gravest_first(found: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """The comparisons by verdict; equal ones stay in their order."""
    return tuple(sorted(found, key=lambda item: VERDICTS.index(item.verdict)))
