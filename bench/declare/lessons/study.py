"""Lessons as a run keeps them: readable when the code has moved on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.cell import Cell
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Setting
from bench.declare.lessons.lesson import LESSONS, Arm, Expected, Hypothesis, Lesson, Missing, Quoted, Statistic
from bench.validity import written


@dataclass(frozen=True, kw_only=True)
class StudiedArm:
    """An arm as a run keeps it."""

    label: str
    cell: Cell
    """Cell of the arm with seed 0 and fold 0."""
    figure: str = ""
    """Detail of the records that is the figure; empty: the figure of the measure."""


@dataclass(frozen=True, kw_only=True)
class StudiedHypothesis:
    """A hypothesis as a run keeps it."""

    statement: str
    arms: tuple[StudiedArm, ...]
    statistic: Statistic
    expected: Expected
    margin: float
    unit: str
    is_exact: bool
    """Whether the figures are counts, which are the same everywhere."""
    is_open: bool
    """Whether seeds are added until the hypothesis is answered; if not, their number was fixed beforehand."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """A lesson as a run keeps it."""

    name: str
    title: str
    words: str
    slide: str
    about: str
    limits: str
    published: tuple[Quoted, ...]
    missing: tuple[Missing, ...]
    hypotheses: tuple[StudiedHypothesis, ...]
    """Hypotheses of which all arms are in the run's plan."""

    def to_dict(self) -> dict[str, Any]:
        """The study as plain data."""
        hypotheses = [
            {**written(item), "arms": [{**written(arm), "cell": arm.cell.to_dict()} for arm in item.arms]}
            for item in self.hypotheses
        ]
        published = [written(item) for item in self.published]
        missing = [written(item) for item in self.missing]
        return {**written(self), "published": published, "missing": missing, "hypotheses": hypotheses}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Study:
        """Inverse of `to_dict`."""
        published = tuple(Quoted(**item) for item in data["published"])
        missing = tuple(Missing(**item) for item in data["missing"])
        hypotheses = tuple(_hypothesis(item) for item in data["hypotheses"])
        return cls(**{**data, "published": published, "missing": missing, "hypotheses": hypotheses})


def _hypothesis(data: Mapping[str, Any]) -> StudiedHypothesis:
    arms = tuple(StudiedArm(**{**arm, "cell": Cell.from_dict(arm["cell"])}) for arm in data["arms"])
    return StudiedHypothesis(**{**data, "arms": arms})


def studies(cells: Iterable[Cell], setting: Setting) -> Iterator[Study]:
    """The lessons that the cells of a plan can decide, each with those hypotheses whose arms are all planned."""
    planned = {cell.arm for cell in cells}
    for lesson in LESSONS:
        asked = tuple(lesson.asks(setting))
        hypotheses = tuple(
            _studied(item)
            for item in asked
            if isinstance(item, Hypothesis) and all(arm.planned.cell.arm in planned for arm in item.arms)
        )
        if hypotheses:
            yield _study(lesson, hypotheses, tuple(item for item in asked if isinstance(item, Missing)))


def _study(lesson: Lesson, hypotheses: tuple[StudiedHypothesis, ...], missing: tuple[Missing, ...]) -> Study:
    return Study(
        name=lesson.name,
        title=lesson.title,
        words=lesson.words,
        slide=lesson.slide,
        about=lesson.about,
        limits=lesson.limits,
        published=lesson.published,
        missing=missing,
        hypotheses=hypotheses,
    )


def _studied(item: Hypothesis) -> StudiedHypothesis:
    return StudiedHypothesis(
        statement=item.statement,
        arms=tuple(StudiedArm(label=arm.label, cell=arm.planned.cell.arm, figure=arm.figure) for arm in item.arms),
        statistic=item.statistic,
        expected=item.expected,
        margin=item.margin,
        unit=item.unit,
        is_exact=all(_is_count(arm) for arm in item.arms),
        is_open=item.is_open,
    )


def _is_count(arm: Arm) -> bool:
    return MEASURES.get(arm.planned.cell.measure).repeats == "anywhere" and not arm.figure
