"""The verdict on a lesson, which is made of those on its hypotheses; and the lessons of a run of a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.cell import Cell, Record
from bench.compare.experiments.rule import Design, kept_design
from bench.compare.lessons.tested import Tested, Verdict, figures_of, rule_of, tested, tests_of
from bench.declare.lessons.study import Study
from bench.store.database import Store

KIND = "lesson"
"""Kind of the declarations that a run keeps its lessons in."""


@dataclass(frozen=True)
class Taught:
    """A lesson with what the records of a run say of it."""

    study: Study
    tests: tuple[Tested, ...]
    seconds: float
    """Wall time of the records of its arms, which other lessons may share."""

    @property
    def verdict(self) -> Verdict:
        """Confirmed where all of its hypotheses are, refuted where one is; undecided before that is known."""
        found = {test.verdict for test in self.tests}
        order: tuple[Verdict, ...] = ("refuted", "undecided", "no difference", "confirmed")
        return next(verdict for verdict in order if verdict in found)


def taught(studies: Sequence[Study], records: Iterable[Record], design: Design) -> tuple[Taught, ...]:
    """The lessons with their verdicts, all of which share one level.

    Args:
        studies: the lessons of a run.
        records: records of that run.
        design: the looks and levels by which the run compares.
    """
    of_arm: Mapping[Cell, list[Record]] = defaultdict(list)
    for record in records:
        of_arm[record.cell.arm].append(record)
    tests = tests_of(item for study in studies for item in study.hypotheses)
    return tuple(_taught(study, of_arm, design, tests) for study in studies)


def _taught(study: Study, of_arm: Mapping[Cell, Sequence[Record]], design: Design, tests: int) -> Taught:
    found = [
        tested(
            item,
            [figures_of(of_arm.get(arm.cell, ()), arm.figure) for arm in item.arms],
            rule_of(item, design, tests),
        )
        for item in study.hypotheses
    ]
    arms = {arm.cell for item in study.hypotheses for arm in item.arms}
    seconds = sum(record.seconds for arm in arms for record in of_arm.get(arm, ()))
    return Taught(study, tuple(found), seconds)


def kept_studies(store: Store, run: str) -> tuple[Study, ...]:
    """The lessons of a run, in the order of their declaration; none where it has none."""
    return tuple(Study.from_dict(item.content) for item in store.declarations(run, KIND))


def lessons_of(store: Store, run: str) -> tuple[Taught, ...]:
    """The lessons of a run with their verdicts, in the order of their declaration; none where it has none."""
    studies = kept_studies(store, run)
    if not studies:
        return ()
    design = kept_design(store, run)
    arms = {arm.cell for study in studies for item in study.hypotheses for arm in item.arms}
    return taught(studies, store.past.of_arms(run, arms), design)


def newest_lessons(store: Store) -> str:
    """The newest run that holds lessons; empty where none does."""
    runs = reversed(store.runs())
    return next((run.id for run in runs if store.declarations(run.id, KIND)), "")
