"""Questions of a run: its comparisons, the rules by which they are answered, and the words about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.compare.asking.asking import Asking
from bench.compare.experiments.rule import DESIGN, Design, kept_design
from bench.compare.lessons.verdict import KIND, kept_studies
from bench.declare.lessons.study import Study, studies
from bench.run.plan import PlanStep, cells_of, told
from bench.run.runs import Wish
from bench.statistics.looks import LOOKS
from bench.store.database import Declaration, Store
from bench.words import comparisons, hypotheses

_NAME = "learning"
"""Name of the declaration that a run keeps its design in."""


@dataclass(frozen=True)
class Questions:
    """Questions of a run and the rules by which it answers; kept with the run, so that its report decides by the
    same rules."""

    design: Design
    studies: tuple[Study, ...] = ()

    def declared(self) -> list[Declaration]:
        """Declarations that are kept with a run."""
        lessons = [Declaration(KIND, study.name, study.to_dict()) for study in self.studies]
        return [Declaration(DESIGN, _NAME, self.design.to_dict()), *lessons]

    def asked_of(self, steps: Iterable[PlanStep]) -> Asking:
        """The questions of a plan."""
        return Asking(steps, self.design, self.studies)


def is_open(steps: Iterable[PlanStep]) -> bool:
    """Whether further seeds may be added to some training of a plan."""
    return any(step.planned.open for step in steps)


def questions_of(wish: Wish, steps: tuple[PlanStep, ...]) -> Questions:
    """Questions of a new run: answered at looks where seeds may be added, else once at its end."""
    design = Design(LOOKS if is_open(steps) else (), margin=wish.margin_share)
    return Questions(design, tuple(studies(cells_of(steps), told(*wish.question()))))


def kept_questions(store: Store, run: str) -> Questions:
    """Questions with which a run began; an older run has today's design, without further looks."""
    return Questions(kept_design(store, run), kept_studies(store, run))


def named(asking: Asking) -> str:
    """The questions of a plan in words: `38 comparisons: 18 augmentation, 20 tuning`; empty without any."""
    tally = asking.tally
    if asking.of_lessons:
        return f"{hypotheses(_all(tally))} of {len(tally)} lessons"
    kinds = ", ".join(f"{number} {kind}" for kind, (_, number) in tally.items())
    return f"{comparisons(_all(tally))}: {kinds}" if tally else ""


def outcome(asking: Asking, left_out: int) -> str:
    """Number of questions that a run has answered, by kind or lesson, and what it had no time for; empty without
    any.

    Args:
        asking: the questions of the run, which have received all of its records.
        left_out: planned processes without a record.
    """
    tally = asking.tally
    if not tally:
        return ""
    answered = sum(number for number, _ in tally.values())
    late = f"; {left_out} planned measurements left out for want of time" if left_out else ""
    if asking.of_lessons:
        whole = sum(number == of for number, of in tally.values())
        return f"{whole} of {len(tally)} lessons answered, {answered} of {hypotheses(_all(tally))}{late}"
    kinds = ", ".join(f"{number} of {of} {kind}" for kind, (number, of) in tally.items())
    return f"{answered} of {comparisons(_all(tally))} answered: {kinds}; {_all(tally) - answered} open{late}"


def _all(tally: Mapping[str, tuple[int, int]]) -> int:
    return sum(number for _, number in tally.values())
