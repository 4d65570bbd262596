"""Choice of the next trainings of a run: those that decide an open question in the fewest seconds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from bench.cell import Cell, Record
from bench.compare.asking.question import AskedArm, Question, Seconds
from bench.compare.experiments.answers import Answered, answered
from bench.compare.experiments.contrasts import contrasts
from bench.compare.experiments.rule import ComparisonRule, Design
from bench.compare.lessons.tested import ArmFigure, answer_to, rule_of, tests_of
from bench.declare.lessons.study import Study
from bench.run.plan import PlanStep
from bench.words import comparisons, hypotheses


class Asking:
    """The questions of a plan, and the trainings that would decide those that are open: a `Wanted` of a run.

    They are the hypotheses of its lessons or, where it holds none, the comparisons that its trainings make.
    """

    def __init__(self, steps: Iterable[PlanStep], design: Design, studies: Sequence[Study] = ()) -> None:
        """Find the questions of a plan.

        Args:
            steps: all that is planned.
            design: the looks and levels by which they are answered; without looks nothing is asked for.
            studies: the lessons of the run.
        """
        self._arms: dict[Cell, AskedArm] = {}
        for step in steps:
            self._arms.setdefault(step.planned.cell.arm, AskedArm(step)).plan(step)
        found = self._hypotheses(studies, design) if studies else self._contrasts(design)
        self._questions = list(found)
        self.of_lessons = bool(studies)
        """Whether the questions are hypotheses of lessons, whose kinds are the lessons' names."""

    @property
    def named(self) -> int:
        """Number of questions that the plan asks: fixed before anything is measured."""
        return len(self._questions)

    @property
    def answered(self) -> int:
        """Number of questions with a final answer: helps, hurts or no difference."""
        return sum(question.is_answered for question in self._questions)

    @property
    def tally(self) -> Mapping[str, tuple[int, int]]:
        """Number of questions with a final answer, and of all questions, by kind."""
        kinds = dict.fromkeys(question.kind for question in self._questions)
        found = {kind: [item.is_answered for item in self._questions if item.kind == kind] for kind in kinds}
        return {kind: (sum(answers), len(answers)) for kind, answers in found.items()}

    @property
    def waits(self) -> bool:
        """Whether a planned record that is still missing may answer an open question."""
        return any(question.waits for question in self._questions)

    @property
    def told(self) -> str:
        """Number of answered questions in words: `3 of 38 comparisons answered`; empty without any question."""
        what = hypotheses if self.of_lessons else comparisons
        return f"{self.answered} of {what(self.named)} answered" if self.named else ""

    def learned(self, record: Record) -> None:
        """Take note of a record of the run, whether it was measured or taken over."""
        if arm := self._arms.get(record.cell.arm):
            arm.learned(record)

    def more(self, seconds: Seconds, within: float = math.inf) -> tuple[PlanStep, ...]:
        """The next trainings, all of one seed, of the open question that is to be decided next.

        One seed at a time: what is learned meanwhile may show that another question is cheaper to decide.

        That one is next which is expected to be decided for the least seconds, were its present mean and spread
        the true ones. What no look is expected to decide comes last.

        Args:
            seconds: expected time of one process of a planned cell, in seconds.
            within: seconds that are left: what is expected to take longer is not asked for.

        Returns:
            Each training once; none where nothing is open, where all that is open waits for trainings that are
            planned and not there yet, or where no time is left for more.
        """
        wishes = [wish for item in self._questions if (wish := item.wish(seconds)) is not None]
        for wish in sorted(wishes, key=lambda wish: (wish.rank, wish.cost)):
            some = [(arm, key) for arm, key in wish.missing if key == wish.missing[0][1]]
            steps = tuple(arm.made(key) for arm, key in some)
            if all(seconds(step.planned) <= within for step in steps):
                for arm, key in some:
                    arm.planned.add(key)
                return steps
        return ()

    def _contrasts(self, design: Design) -> Iterator[Question]:
        found = contrasts(arm.step.planned.cell for arm in self._arms.values())
        rules = design.rules(found)
        for item in found:
            arms, rule = (self._arms[item.base], self._arms[item.treated]), rules[item.family]
            yield Question(item.kind, arms, ("", ""), rule, partial(_answered, rule))

    def _hypotheses(self, studies: Sequence[Study], design: Design) -> Iterator[Question]:
        found = [(study, item) for study in studies for item in study.hypotheses]
        tests = tests_of(item for _, item in found)
        for study, item in found:
            arms = tuple(self._arms[arm.cell] for arm in item.arms)
            rule = rule_of(item, design, tests)
            names = tuple(arm.figure for arm in item.arms)
            yield Question(study.name, arms, names, rule, partial(answer_to, item, rule))


def _answered(rule: ComparisonRule, rows: Sequence[Sequence[ArmFigure]]) -> Answered | None:
    base, treated = ([row[side].training for row in rows] for side in (0, 1))
    return answered(filter(None, base), filter(None, treated), rule)
