"""Verdict of measurements on one hypothesis: confirmed, refuted, no difference that matters, or undecided."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Literal

from bench.cell import Learning, Record
from bench.compare.experiments.answers import Answer, Answered, answer_of, decided, image_of
from bench.compare.experiments.rule import ComparisonRule, Design
from bench.compare.experiments.training import Training, overlap, training_of
from bench.compare.lessons.statistic import step_of, value_of
from bench.declare.lessons.lesson import Expected
from bench.declare.lessons.study import StudiedHypothesis
from bench.statistics.intervals import Interval

Verdict = Literal["confirmed", "refuted", "no difference", "undecided"]
_OF_SAME: Mapping[Answer, Verdict] = {
    "helps": "refuted",
    "hurts": "refuted",
    "no difference": "confirmed",
    "undecided": "undecided",
}
Key = tuple[int, int]
"""Seed and fold of a training, or process and 0: what pairs the arms."""
ACCURACIES = ("", "train_top1", "val_top1", "gap")
"""Figures of a training that are shares of images."""
NOISY = "noisy"
"""Detail of a record that says by what it was disturbed."""


@dataclass(frozen=True)
class ArmFigure:
    """A figure of one arm, from one record."""

    value: float
    training: Training | None = None
    """Seed, fold and numbers of images of a training; None for another figure."""


Figures = Mapping[Key, ArmFigure]
"""Figures of one arm."""


@dataclass(frozen=True)
class Tested:
    """A hypothesis with what the records of a run say of it."""

    hypothesis: StudiedHypothesis
    verdict: Verdict
    found: Answered | None
    """Answer about the statistic, in the unit of its margin; None where no seed has all arms."""
    arms: tuple[Figures, ...]
    """Arms in the order of the hypothesis."""

    @property
    def n(self) -> int:
        """Seeds, or processes, that all arms have."""
        return self.found.pairs if self.found else 0


def key_of(record: Record) -> Key:
    """Key by which a record pairs with those of the other arms."""
    where = record.cell.scenario
    return (where.seed, where.fold) if isinstance(where, Learning) else (record.replicate, 0)


def figure_of(record: Record, name: str) -> ArmFigure | None:
    """The figure of a record; None where it has none, or a time that others disturbed.

    Args:
        record: a record of any measure.
        name: name of a detail that is a number; empty: the measure's own figure, which is the mean of the values
            of a training and the median of those of cost.
    """
    if record.status != "ok" or not record.values or NOISY in record.details:
        return None
    where = record.cell.scenario
    own = fmean(record.values) if isinstance(where, Learning) else median(record.values)
    value = record.details.get(name) if name else own
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return ArmFigure(float(value), training_of(record) if isinstance(where, Learning) else None)


def figures_of(records: Iterable[Record], name: str) -> Figures:
    """The figures of one arm."""
    found = {key_of(record): figure_of(record, name) for record in records}
    return {key: figure for key, figure in found.items() if figure is not None}


def tests_of(hypotheses: Iterable[StudiedHypothesis]) -> int:
    """Number of hypotheses that share the level of the table: counts do not, since they cannot err."""
    return max(1, sum(not item.is_exact for item in hypotheses))


def rule_of(hypothesis: StudiedHypothesis, design: Design, tests: int) -> ComparisonRule:
    """Rule by which one hypothesis of so many is answered: at the looks of the design where seeds are added."""
    beyond = hypothesis.margin if hypothesis.expected == "same" else 0.0
    rule = replace(design.rule(tests), margin=hypothesis.margin, beyond=beyond)
    return rule if hypothesis.is_open else replace(rule, looks=None)


def tested(hypothesis: StudiedHypothesis, arms: Sequence[Figures], rule: ComparisonRule) -> Tested:
    """The verdict on a hypothesis.

    Args:
        hypothesis: the hypothesis, with its margin.
        arms: the measured figures of each arm, in the order of the hypothesis.
        rule: the rule that `rule_of` gives.
    """
    keys = sorted(set[Key].intersection(*(set(arm) for arm in arms)))
    if not keys:
        return Tested(hypothesis, "undecided", None, tuple(arms))
    found = answer_to(hypothesis, rule, [[arm[key] for arm in arms] for key in keys])
    return Tested(hypothesis, verdict_of(found.answer, hypothesis.expected), found, tuple(arms))


def answer_to(
    hypothesis: StudiedHypothesis, rule: ComparisonRule, rows: Sequence[Sequence[ArmFigure]]
) -> Answered:
    """Answer about the statistic's sign, from the figures of at least one seed in the order of the arms."""
    values = [value_of(hypothesis.statistic, [figure.value for figure in row]) for row in rows]
    return _exact(values, rule) if hypothesis.is_exact else _decided(hypothesis, rows, values, rule)


def verdict_of(answer: Answer, expected: Expected) -> Verdict:
    """Verdict on a hypothesis that expects the statistic on one side of 0, or near it, from an answer."""
    if expected == "same":
        return _OF_SAME[answer]
    match answer:
        case "helps":
            return "confirmed" if expected == "more" else "refuted"
        case "hurts":
            return "confirmed" if expected == "less" else "refuted"
    return answer


def _decided(
    hypothesis: StudiedHypothesis,
    rows: Sequence[Sequence[ArmFigure]],
    values: Sequence[float],
    rule: ComparisonRule,
) -> Answered:
    trainings = [figure.training for row in rows for figure in row if figure.training]
    are_accuracies = all(arm.figure in ACCURACIES for arm in hypothesis.arms)
    image = image_of(trainings) if are_accuracies else 0.0
    step = step_of(hypothesis.statistic, len(hypothesis.arms), image)
    return decided(values, rule, step=step, test_to_train=overlap(trainings))


def _exact(values: Sequence[float], rule: ComparisonRule) -> Answered:
    """Answer about counts, which have no spread: it is exact."""
    value, n = values[0], len(values)
    exact = Interval(value, value, "exact")
    return Answered(
        answer=answer_of(exact, replace(rule, beyond=rule.margin)),
        mean=value,
        interval=exact,
        n=n,
        pairs=n,
        spread=0.0,
        margin=rule.margin,
        far_apart=False,
        pairs_to_decide=None,
        test_to_train=0.0,
        changes=tuple(values),
    )
