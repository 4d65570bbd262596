"""Whether the accuracies that a choice rests on are told apart, and which further seeds would tell them apart.

Answers are those of `bench.compare.experiments`, of arms that differ in their architecture and are paired by seed
and fold. docs/decisions/0039-what-more-would-settle.md says what shares their level.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench.compare.experiments.answers import UNDECIDED, Answered, answered, decided, image_of
from bench.compare.experiments.rule import ComparisonRule, Design
from bench.compare.experiments.training import Training, overlap, pairs_of
from bench.statistics.intervals import LEVEL, share_interval
from bench.statistics.looks import LOOKS

TIME = 600.0
"""Seconds of more measuring that people are told of."""
LOOKED = 2
"""Looks that share the level where a run fixed none: the one at what is there, and the one that is proposed."""
State = Literal["told apart", "no difference", "far apart", "open"]


@dataclass(frozen=True)
class CandidateArm:
    """The trainings of one architecture that a choice goes by."""

    trainings: tuple[Training, ...]
    """Their values are what is chosen by: accuracies, shares of one, or another figure of each."""
    seconds: float | None = None
    """Wall time that one more of them adds to a run on the same machine; None: not known."""
    grows: bool = True
    """Whether another seed is another training: unchanged weights give the same answers again."""


@dataclass(frozen=True)
class PairQuestion:
    """The question whether two architectures differ."""

    names: tuple[str, str]


@dataclass(frozen=True)
class LimitQuestion:
    """The question whether one architecture reaches a least value."""

    names: tuple[str]
    least: float


Question = PairQuestion | LimitQuestion


@dataclass(frozen=True, kw_only=True)
class Standing:
    """State of a question."""

    question: Question
    found: Answered | None
    """Second less first of a pair, or the architecture less its limit; None where no seed and fold is shared."""
    state: State
    """`no difference` is one that is surely within the margin; `far apart` is known of too few pairs for an
    answer, whose test images tell them apart all the same. What is `open` is neither of these nor told apart."""
    folds: int
    """Trainings of each seed: 1 without a cross-validation."""
    there: int
    """Seeds that all have, with all their folds."""
    seeds: int | None
    """Number of seeds with which an open comparison is expected to be decided, if its mean and spread are the true
    ones; where no spread is known, the seeds of a first look. None where no number of seeds is expected to decide
    it."""
    seconds: float | None
    """Wall time of the further trainings for that; None where it is not known."""

    @property
    def further(self) -> int:
        """Seeds to be added."""
        return max(0, (self.seeds or 0) - self.there)

    @property
    def is_first_look(self) -> bool:
        """Whether the spread between seeds is unknown."""
        return self.state == "open" and (self.found is None or self.found.spread is None)


@dataclass(frozen=True)
class More:
    """Further trainings that are expected to settle questions in the time that there is."""

    standings: tuple[Standing, ...]
    """Questions that they settle, the cheapest first; empty where none can be settled so soon."""
    seeds: int
    """Seeds of each architecture concerned, including the seeds that exist already."""
    seconds: float


@dataclass(frozen=True)
class Yardstick:
    """Rules by which answers are given: all pairs of architectures share the level, whichever of them a choice
    rests on."""

    pairs: ComparisonRule
    limits: ComparisonRule
    of_images: bool
    """Whether values are shares of right answers to test images, so that one image is the least difference."""


def yardstick(design: Design, arms: int, *, is_share: bool = True, of_images: bool = True) -> Yardstick:
    """Yardstick for the choice among so many architectures.

    Args:
        design: the run's design: its looks and levels.
        arms: architectures whose trainings compare.
        is_share: whether the margin of the design, points of accuracy, is one of what is compared; else there is
            no margin.
        of_images: whether the figure is a share of images, as in `Yardstick`.
    """
    pairs, limits = (_rule(design, tests, is_share) for tests in (arms * (arms - 1) // 2, arms))
    return Yardstick(pairs, limits, of_images)


def _rule(design: Design, tests: int, is_share: bool) -> ComparisonRule:
    rule = design.rule(max(1, tests) * (1 if design.looks else LOOKED))
    return rule if is_share else replace(rule, margin=0.0)


def standings(
    questions: Iterable[Question], arms: Mapping[str, CandidateArm], by: Yardstick
) -> tuple[Standing, ...]:
    """State of each question.

    Args:
        questions: about architectures that are among the arms.
        arms: arms by the name of their architecture.
        by: rules by which architectures are told apart.
    """
    return tuple(_standing(question, [arms[name] for name in question.names], by) for question in questions)


def more(found: Iterable[Standing], arms: Mapping[str, CandidateArm], within: float = TIME) -> More:
    """The further seeds that are expected to settle most questions in so many seconds, the cheapest first.

    All architectures that they are about get the same number of seeds, as one run plans them.
    """
    settled = More((), 0, 0.0)
    known = [item for item in found if item.seeds and item.seconds is not None]
    for item in sorted(known, key=lambda item: item.seconds or 0.0):
        some = (*settled.standings, item)
        seeds = max(standing.seeds or 0 for standing in some)
        names = dict.fromkeys(name for standing in some for name in standing.question.names)
        seconds = _seconds([arms[name] for name in names], seeds)
        if seconds is not None and seconds <= within:
            settled = More(some, seeds, seconds)
    return settled


def _standing(question: Question, arms: Sequence[CandidateArm], by: Yardstick) -> Standing:
    found, is_apart = _asked(question, arms, by)
    state: State = "open"
    if found and found.answer != UNDECIDED:
        state = "no difference" if found.answer == "no difference" else "told apart"
    elif is_apart:
        state = "far apart"
    seeds = _needed(found, arms, by) if state == "open" and all(arm.grows for arm in arms) else None
    return Standing(
        question=question,
        found=found,
        state=state,
        folds=_folds(arms),
        there=_there(arms),
        seeds=seeds,
        seconds=_seconds(arms, seeds) if seeds else None,
    )


def _asked(question: Question, arms: Sequence[CandidateArm], by: Yardstick) -> tuple[Answered | None, bool]:
    """The answer, and whether too few trainings for one are far apart."""
    if isinstance(question, LimitQuestion):
        return _against(question.least, arms[0].trainings, by)
    first, second = (arm.trainings for arm in arms)
    if by.of_images:
        found = answered(first, second, by.pairs)
        return found, found is not None and found.far_apart
    pairs = pairs_of(first, second)
    if not pairs:
        return None, False
    changes = [after.value - before.value for before, after in pairs]
    ratio = overlap([training for pair in pairs for training in pair])
    return decided(changes, by.pairs, step=0.0, test_to_train=ratio), False


def _against(least: float, trainings: Sequence[Training], by: Yardstick) -> tuple[Answered | None, bool]:
    if not trainings:
        return None, False
    ordered = sorted(trainings, key=lambda item: (item.seed, item.fold))
    step = image_of(ordered) if by.of_images else 0.0
    rule = replace(by.limits, margin=max(by.limits.margin, step))
    ratio = overlap(ordered)
    found = decided([item.value - least for item in ordered], rule, step=step, test_to_train=ratio)
    images = min((item.n_test for item in ordered if item.n_test), default=0)
    if found.interval or not by.of_images or not images:
        return found, False
    lies = share_interval(least + found.mean, images, 1 - (1 - LEVEL) / rule.tests)
    return found, lies is not None and least not in lies


def _needed(found: Answered | None, arms: Sequence[CandidateArm], by: Yardstick) -> int | None:
    """Seeds that make, with their folds, as many pairs as are wanted; None where no more of them help."""
    if found and found.spread is not None:
        pairs = found.pairs_to_decide
    else:
        pairs = by.pairs.looks.at[0] if by.pairs.looks else LOOKS[0]
    seeds = None if pairs is None else math.ceil(pairs / _folds(arms))
    return seeds if seeds and seeds > _there(arms) else None


def _folds(arms: Iterable[CandidateArm]) -> int:
    return max((training.folds for arm in arms for training in arm.trainings), default=0) or 1


def _keys(arm: CandidateArm) -> set[tuple[int, int]]:
    return {(training.seed, training.fold) for training in arm.trainings}


def _there(arms: Sequence[CandidateArm]) -> int:
    return len(set.intersection(*map(_keys, arms))) // _folds(arms)


def _seconds(arms: Sequence[CandidateArm], seeds: int) -> float | None:
    """Wall time of what each lacks of so many seeds, from the lowest one on; None where one is not known."""
    folds, first = _folds(arms), min((key[0] for arm in arms for key in _keys(arm)), default=0)
    total = 0.0
    for arm in arms:
        if arm.seconds is None:
            return None
        has = sum(seed < first + seeds for seed, _ in _keys(arm))
        total += max(0, seeds * folds - has) * arm.seconds
    return total
