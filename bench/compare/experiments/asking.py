"""What a run asks for next: the trainings that decide an open comparison for the least seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, takewhile

from bench.cell import Cell, Learning, Record
from bench.compare.experiments.answers import UNDECIDED, Answered, answered
from bench.compare.experiments.contrasts import ACCURACY, Kind, contrasts
from bench.compare.experiments.rule import Design, Rule
from bench.compare.experiments.training import Training, training_of
from bench.declare.declarations import Planned
from bench.run.plan import Step

Key = tuple[int, int]
"""Seed and fold of a training."""
Seconds = Callable[[Planned], float]
_UNKNOWN = 2.0
"""Times as much as its first look that a comparison is taken to cost of which nothing is known: about half are
decided there."""


@dataclass(eq=False)
class _Arm:
    """The trainings of a plan that differ in seed and fold alone."""

    step: Step
    """One of them."""
    open: bool = False
    planned: set[Key] = field(default_factory=set)
    """What the plan holds, and what was asked for since."""
    trainings: dict[Key, Training] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)

    @property
    def grows(self) -> bool:
        """Whether further trainings may be asked for: where one has failed, the next would, too."""
        return self.open and not self.failed

    def made(self, key: Key) -> Step:
        """The training of another seed and fold."""
        planned = self.step.planned
        assert isinstance(planned.cell.scenario, Learning)
        where = replace(planned.cell.scenario, seed=key[0], fold=key[1])
        return replace(self.step, planned=replace(planned, cell=replace(planned.cell, scenario=where), open=True))


@dataclass(frozen=True)
class _Wish:
    """What one comparison asks for."""

    rank: int
    """1 where no look is expected to decide it, else 0."""
    cost: float
    """Seconds until the look that is expected to decide it; before its first look twice those until that."""
    missing: tuple[tuple[_Arm, Key], ...]
    """Up to the next look."""


@dataclass
class _Comparison:
    kind: Kind
    base: _Arm
    treated: _Arm
    rule: Rule
    _kept: tuple[int, Answered | None] = (0, None)

    @property
    def answered(self) -> Answered | None:
        """As of the pairs up to the first that is planned and not there yet, so that an answer stands."""
        ready = self._ready()
        if len(ready) != self._kept[0]:
            base, treated = ([arm.trainings[key] for key in ready] for arm in (self.base, self.treated))
            self._kept = len(ready), answered(base, treated, self.rule)
        return self._kept[1]

    @property
    def is_answered(self) -> bool:
        """Whether it has one of the answers that end it."""
        if self.rule.looks is None and len(self._ready()) < len(self._pairs()):
            return False
        found = self.answered
        return found is not None and found.answer != UNDECIDED

    def wish(self, seconds: Seconds) -> _Wish | None:
        """What it asks for; None where it is answered, closed or waits for what is planned."""
        ready = len(self._ready())
        later = self.rule.looks.beyond(ready) if self.rule.looks else ()
        if self.is_answered or not later or self._fails():
            return None
        missing = self._missing(later[0])
        if not missing:
            return None
        found = self.answered
        if found is None or found.interval is None:
            return _Wish(0, _UNKNOWN * _cost(missing, seconds), missing)
        expected = found.pairs_to_decide
        until = self._missing(expected) if expected else ()
        return _Wish(0, _cost(until, seconds), missing) if until else _Wish(1, _cost(missing, seconds), missing)

    def _fails(self) -> bool:
        return bool(self.base.failed or self.treated.failed)

    def _pairs(self) -> list[Key]:
        """What both arms have planned, but for what has failed."""
        planned = self.base.planned & self.treated.planned
        return sorted(planned - self.base.failed - self.treated.failed)

    def _ready(self) -> list[Key]:
        there = self.base.trainings.keys() & self.treated.trainings.keys()
        return list(takewhile(there.__contains__, self._pairs()))

    def _missing(self, pairs: int) -> tuple[tuple[_Arm, Key], ...]:
        """The trainings that are not planned yet of so many pairs; none where they cannot be had."""
        known = self._pairs()
        wanted = pairs - len(known)
        found: list[tuple[_Arm, Key]] = []
        for key in self._further(known[-1:]):
            if wanted <= 0:
                break
            lacking = [arm for arm in (self.base, self.treated) if key not in arm.planned]
            if all(arm.grows for arm in lacking):
                found += [(arm, key) for arm in lacking]
                wanted -= 1
        return tuple(found) if wanted <= 0 else ()

    def _further(self, last: list[Key]) -> Iterator[Key]:
        """Pairs behind the last one: first those of which one arm has its half, then new ones."""
        either = self.base.planned | self.treated.planned
        yield from sorted(key for key in either if [key] > last)
        if not (self.base.grows and self.treated.grows):
            return
        where = self.base.step.planned.cell.scenario
        assert isinstance(where, Learning)
        for seed in count(max(seed for seed, _ in either)):
            yield from ((seed, fold) for fold in range(where.folds or 1) if (seed, fold) not in either)


class Asking:
    """The comparisons of a plan, and the trainings that would decide those that are open: a `Wanted` of a run."""

    def __init__(self, steps: Iterable[Step], design: Design) -> None:
        """Find the comparisons of a plan.

        Args:
            steps: all that is planned.
            design: by what the comparisons are answered; without looks nothing is asked for.
        """
        self._arms: dict[Cell, _Arm] = {}
        cells = []
        for step in steps:
            if _is_training(step.planned.cell):
                self._plan(step)
                cells.append(step.planned.cell)
        found = contrasts(cells)
        rules = design.rules(found)
        self._comparisons = [
            _Comparison(item.kind, self._arms[item.base], self._arms[item.treated], rules[item.family])
            for item in found
        ]

    @property
    def named(self) -> int:
        """How many comparisons the plan makes: fixed before anything is measured."""
        return len(self._comparisons)

    @property
    def answered(self) -> int:
        """How many of them have an answer that ends them: helps, hurts or no difference."""
        return sum(comparison.is_answered for comparison in self._comparisons)

    @property
    def tally(self) -> Mapping[Kind, tuple[int, int]]:
        """By kind how many comparisons have an answer that ends them, and how many there are."""
        kinds = dict.fromkeys(comparison.kind for comparison in self._comparisons)
        found = {kind: [item.is_answered for item in self._comparisons if item.kind == kind] for kind in kinds}
        return {kind: (sum(answers), len(answers)) for kind, answers in found.items()}

    def learned(self, record: Record) -> None:
        """Take note of a record of the run, whether it was measured or taken over."""
        arm = self._arms.get(record.cell.arm) if _is_training(record.cell) else None
        if arm is None:
            return
        key = _key(record.cell)
        arm.planned.add(key)
        if record.status == "ok":
            arm.trainings.setdefault(key, training_of(record))
            arm.failed.discard(key)
        elif key not in arm.trainings:
            arm.failed.add(key)

    def more(self, seconds: Seconds) -> tuple[Step, ...]:
        """The next pair of trainings of the open comparison that is to be decided next.

        One pair at a time: what is learned meanwhile may show that another comparison is cheaper to decide.

        That one is next which is expected to be decided for the least seconds, were its present mean and spread
        the true ones. What no look is expected to decide comes last.

        Args:
            seconds: that one process of a planned cell is expected to take.

        Returns:
            Each training once, by seed; none where nothing is open, or all that is open waits for trainings that
            are planned and not there yet.
        """
        wishes = [wish for item in self._comparisons if (wish := item.wish(seconds)) is not None]
        if not wishes:
            return ()
        best = min(wishes, key=lambda wish: (wish.rank, wish.cost))
        pair = [(arm, key) for arm, key in best.missing if key == best.missing[0][1]]
        for arm, key in pair:
            arm.planned.add(key)
        return tuple(arm.made(key) for arm, key in pair)

    def _plan(self, step: Step) -> None:
        planned = step.planned
        arm = self._arms.setdefault(planned.cell.arm, _Arm(step))
        arm.open |= planned.open
        arm.planned.add(_key(planned.cell))


def _is_training(cell: Cell) -> bool:
    return cell.measure == ACCURACY and isinstance(cell.scenario, Learning)


def _key(cell: Cell) -> Key:
    assert isinstance(cell.scenario, Learning)
    return cell.scenario.seed, cell.scenario.fold


def _cost(missing: Sequence[tuple[_Arm, Key]], seconds: Seconds) -> float:
    """Seconds of trainings; those of one arm take the same."""
    firsts: dict[_Arm, Key] = {}
    counts = Counter(arm for arm, _ in missing)
    for arm, key in missing:
        firsts.setdefault(arm, key)
    return sum(number * seconds(arm.made(firsts[arm]).planned) for arm, number in counts.items())
