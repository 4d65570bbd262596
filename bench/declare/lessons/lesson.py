"""Lessons of a lecture as experiments that are declared before anything is measured. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from bench.cell import Learning
from bench.declare.declarations import Planned, Setting
from bench.declare.groups import asked
from bench.declare.registry import Registry, one_line, place_of, several
from bench.errors import UsageError
from bench.validity import ABOVE_0, FILLED, FROM_1, FieldRule, rules

F = TypeVar("F", bound=Callable[..., Any])

Statistic = Literal["difference", "ratio", "interaction", "rank", "peak"]
"""Statistic of the figures of a hypothesis' arms, computed for each seed.

`difference`: the arms come in pairs, base before treated; the mean of treated less base.
`ratio`: likewise, the mean of the logarithms of treated over base.
`interaction`: two pairs; the difference of the second less that of the first.
`rank`: the rank correlation of the figures with the order of the arms (Spearman's, between -1 and 1).
`peak`: two halves of arms in the same order; where the best of the second half stands less that of the first, as
    shares of the way from the first arm of a half to its last.
"""
_LEAST: Mapping[Statistic, int] = {"difference": 2, "ratio": 2, "interaction": 4, "rank": 3, "peak": 4}
"""Least number of arms that a statistic needs."""


Expected = Literal["more", "less", "same"]
"""Range of the statistic if the statement is true: above 0, below 0, or within the margin of 0."""


@dataclass(frozen=True)
class Arm:
    """Measurements of a hypothesis that differ in seed, fold and process alone."""

    label: str = field(metadata=rules(FILLED))
    """Text that tells the arm from the other arms."""
    planned: Planned
    """One of the planned cells; the seed of a training is ignored."""
    figure: str = ""
    """Detail of the records that is the arm's figure, a number; empty: the figure of the measure."""


def _fits(arms: tuple[Arm, ...], item: Any) -> bool:
    return len(arms) >= _LEAST[item.statistic] and (item.statistic == "rank" or len(arms) % 2 == 0)


_AS_MANY = FieldRule("as many arms as the statistic needs", _fits)


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """A statement about arms that measuring confirms or refutes."""

    statement: str = field(metadata=rules(FILLED))
    """A sentence that is true where the hypothesis is confirmed."""
    arms: tuple[Arm, ...] = field(metadata=rules(_AS_MANY))
    statistic: Statistic = "difference"
    expected: Expected = "more"
    margin: float = field(default=0.01, metadata=rules(ABOVE_0))
    """Bound below which a statistic counts as no difference, in the unit of the figure; a logarithm for a
    ratio."""
    unit: str = "points"
    """Unit of the statistic: `points` (of a hundred) for shares of one, `nats`; empty for a ratio and a rank."""
    seeds: int | None = field(default=None, metadata=rules(FROM_1, none_as=0))
    """Trainings of each arm; None: as many as the answer needs and the run has time for."""

    @property
    def is_open(self) -> bool:
        """Whether seeds are added until the hypothesis is answered."""
        return self.seeds is None and all(isinstance(arm.planned.cell.scenario, Learning) for arm in self.arms)


@dataclass(frozen=True)
class Missing:
    """A part of a lesson that cannot be tested with the available data."""

    statement: str = field(metadata=rules(FILLED))
    reason: str = field(metadata=rules(FILLED))
    """Reason in a phrase, such as that data are missing, and what would provide them."""


@dataclass(frozen=True)
class Quoted:
    """Full-size evidence that others published: never shown as measured."""

    words: str = field(metadata=rules(FILLED))
    source: str = field(metadata=rules(FILLED))


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson of a lecture, with the experiment that would show it."""

    name: str = field(metadata=rules(FILLED))
    title: str = field(metadata=rules(FILLED))
    words: str = field(metadata=rules(FILLED))
    """Words of the lecture."""
    slide: str = field(metadata=rules(FILLED))
    about: str
    """Measured quantity, in one sentence, from the docstring."""
    limits: str
    """Limits of the experiment; empty: none beyond its data."""
    published: tuple[Quoted, ...]
    asks: Callable[[Setting], Iterable[Hypothesis | Missing]]
    place: str


LESSONS: Registry[Lesson] = Registry("lesson")


def lesson(
    *, title: str, words: str, slide: str, limits: str = "", published: Iterable[Quoted] = ()
) -> Callable[[F], F]:
    """Declare a lesson: a function from a `Setting` to its `Hypothesis` and `Missing`, under the function's name.

    The arguments are the fields of `Lesson`.
    """

    def declare(asks: F) -> F:
        name = asks.__name__
        item = Lesson(
            name=name,
            title=title,
            words=words,
            slide=slide,
            about=one_line(asks),
            limits=limits,
            published=several(published),
            asks=asked(asks, f"lesson '{name}'", (Hypothesis, Missing), _distinct),
            place=place_of(asks),
        )
        LESSONS.add(item.name, item, item.place)
        return asks

    return declare


def _distinct(items: Iterable[Hypothesis | Missing]) -> None:
    """Make sure that no arm is compared with itself; it may occur in several pairs.

    Raises:
        UsageError: two arms of a pair, or of a trend, have the same figure of the same cell.
    """
    for item in items:
        if isinstance(item, Hypothesis):
            found = [(arm.planned.cell.arm, arm.figure) for arm in item.arms]
            in_pairs = item.statistic in ("difference", "ratio")
            compared = list(zip(found[::2], found[1::2], strict=True)) if in_pairs else [tuple(found)]
            if any(len(set(arms)) < len(arms) for arms in compared):
                raise UsageError(f"'{item.statement}' compares an arm with itself")
