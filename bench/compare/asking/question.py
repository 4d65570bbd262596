"""One question of a run: the arms of its plan, their records, and what its next look lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, takewhile

from bench.cell import Learning, Record
from bench.compare.experiments.answers import UNDECIDED, Answered
from bench.compare.experiments.rule import ComparisonRule
from bench.compare.lessons.tested import ArmFigure, Key, figure_of, key_of
from bench.declare.declarations import Planned
from bench.run.plan import PlanStep

Seconds = Callable[[Planned], float]
_UNKNOWN = 2.0
"""Times as much as its first look that a question is taken to cost of which nothing is known: about half are
decided there."""


@dataclass(eq=False)
class AskedArm:
    """The measurements of a plan that differ in seed, fold and process alone."""

    step: PlanStep
    """Any one of the steps."""
    open: bool = False
    names: set[str] = field(default_factory=set)
    """Figures that questions ask of it."""
    planned: set[Key] = field(default_factory=set)
    """Measurements that the plan holds, and those asked for since."""
    figures: dict[tuple[Key, str], ArmFigure] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)
    """Measurements that have a record without a figure."""

    def plan(self, step: PlanStep) -> None:
        """Take note of what is planned of it."""
        planned, where = step.planned, step.planned.cell.scenario
        self.open |= planned.open
        if isinstance(where, Learning):
            self.planned.add((where.seed, where.fold))
        else:
            self.planned.update((process, 0) for process in range(planned.replicates))

    def learned(self, record: Record) -> None:
        """Take note of a record of it."""
        key = key_of(record)
        self.planned.add(key)
        for name in self.names:
            if figure := figure_of(record, name):
                self.figures.setdefault((key, name), figure)
        if any((key, name) in self.figures for name in self.names):
            self.failed.discard(key)
        else:
            self.failed.add(key)

    @property
    def grows(self) -> bool:
        """Whether further trainings may be asked for: where one has failed, the next would fail too."""
        return self.open and not self.failed

    def made(self, key: Key) -> PlanStep:
        """The training of another seed and fold."""
        planned = self.step.planned
        assert isinstance(planned.cell.scenario, Learning)
        where = replace(planned.cell.scenario, seed=key[0], fold=key[1])
        return replace(self.step, planned=replace(planned, cell=replace(planned.cell, scenario=where), open=True))


@dataclass(frozen=True)
class QuestionWish:
    """Measurements that one question asks for."""

    rank: int
    """1 where no look is expected to decide it, else 0."""
    cost: float
    """Seconds until the look that is expected to decide it; before its first look twice those until that."""
    missing: tuple[tuple[AskedArm, Key], ...]
    """Up to the next look."""


@dataclass
class Question:
    """Arms that are looked at together."""

    kind: str
    arms: tuple[AskedArm, ...]
    names: tuple[str, ...]
    """Name of the figure of each arm."""
    rule: ComparisonRule
    answer: Callable[[Sequence[Sequence[ArmFigure]]], Answered | None]
    """Answer from the figures of each seed, in the order of the arms."""
    _kept: tuple[int, Answered | None] = (0, None)

    def __post_init__(self) -> None:
        for arm, name in zip(self.arms, self.names, strict=True):
            arm.names.add(name)

    @property
    def answered(self) -> Answered | None:
        """Answer from the seeds up to the first that is planned but has no record yet, so that an answer
        stands."""
        ready = self._ready()
        if len(ready) != self._kept[0]:
            rows = [[arm.figures[key, name] for arm, name in self._named()] for key in ready]
            self._kept = len(ready), self.answer(rows)
        return self._kept[1]

    @property
    def is_answered(self) -> bool:
        """Whether the question has a final answer."""
        if self.rule.looks is None and len(self._ready()) < len(self._keys()):
            return False
        found = self.answered
        return found is not None and found.answer != UNDECIDED

    @property
    def waits(self) -> bool:
        """Whether a planned record that is still missing may answer the question."""
        return not self.is_answered and len(self._ready()) < len(self._keys())

    def wish(self, seconds: Seconds) -> QuestionWish | None:
        """Measurements that the question asks for; None where it is answered, closed or waits for what is
        planned."""
        ready = len(self._ready())
        later = self.rule.looks.beyond(ready) if self.rule.looks else ()
        if self.is_answered or not later or any(arm.failed for arm in self.arms):
            return None
        missing = self._missing(later[0])
        if not missing:
            return None
        found = self.answered
        if found is None or found.interval is None:
            return QuestionWish(0, _UNKNOWN * _cost(missing, seconds), missing)
        expected = found.pairs_to_decide
        until = self._missing(expected) if expected else ()
        return (
            QuestionWish(0, _cost(until, seconds), missing)
            if until
            else QuestionWish(1, _cost(missing, seconds), missing)
        )

    def _named(self) -> Iterator[tuple[AskedArm, str]]:
        return zip(self.arms, self.names, strict=True)

    def _keys(self) -> list[Key]:
        """Measurements that all arms have planned, without failed ones."""
        planned = set.intersection(*(arm.planned for arm in self.arms))
        return sorted(planned.difference(*(arm.failed for arm in self.arms)))

    def _ready(self) -> list[Key]:
        return list(takewhile(self._is_there, self._keys()))

    def _is_there(self, key: Key) -> bool:
        return all((key, name) in arm.figures for arm, name in self._named())

    def _missing(self, pairs: int) -> tuple[tuple[AskedArm, Key], ...]:
        """The trainings that are not planned yet of so many seeds; none where they cannot be had."""
        known = self._keys()
        wanted = pairs - len(known)
        found: list[tuple[AskedArm, Key]] = []
        for key in self._further(known[-1:]):
            if wanted <= 0:
                break
            lacking = [arm for arm in dict.fromkeys(self.arms) if key not in arm.planned]
            if all(arm.grows for arm in lacking):
                found += [(arm, key) for arm in lacking]
                wanted -= 1
        return tuple(found) if wanted <= 0 else ()

    def _further(self, last: list[Key]) -> Iterator[Key]:
        """Keys behind the last one: first those of which some arms have their part, then new ones."""
        some = set[Key].union(*(arm.planned for arm in self.arms))
        yield from sorted(key for key in some if [key] > last)
        if not all(arm.grows for arm in self.arms):
            return
        where = self.arms[0].step.planned.cell.scenario
        assert isinstance(where, Learning)
        for seed in count(max(seed for seed, _ in some)):
            yield from ((seed, fold) for fold in range(where.folds or 1) if (seed, fold) not in some)


def _cost(missing: Sequence[tuple[AskedArm, Key]], seconds: Seconds) -> float:
    """Seconds of trainings; those of one arm take the same."""
    firsts: dict[AskedArm, Key] = {}
    counts = Counter(arm for arm, _ in missing)
    for arm, key in missing:
        firsts.setdefault(arm, key)
    return sum(number * seconds(arm.made(firsts[arm]).planned) for arm, number in counts.items())
