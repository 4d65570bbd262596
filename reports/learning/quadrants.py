"""Advice for a quadrant beside what wins there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from bench.compare.experiments.advice import Advice, advice, beats_all, difference_of
from bench.compare.experiments.training import Training
from bench.statistics import intervals as stats
from bench.transfer import transfer_of
from reports.learning.effects import trained, training_of
from reports.learning.scenarios import NO_AUGMENTATION, SCENARIO, Row, groups, joined
from reports.tidy.frame import Frames, rows_of


@dataclass(frozen=True)
class Strategy:
    """One way of transfer in one task."""

    name: str
    advised: bool
    rows: tuple[Row, ...]
    """Trainings of the strategy, one per fold and seed."""

    @property
    def trainings(self) -> tuple[Training, ...]:
        """The same as they are compared."""
        return tuple(map(training_of, self.rows))

    @property
    def mean(self) -> float:
        """Accuracy, a share of one."""
        return fmean(row["value"] for row in self.rows)


@dataclass(frozen=True)
class JudgedAdvice:
    """A quadrant's advice put to the test in one task."""

    quadrant: Row
    """The quadrant and the task, as declared."""
    strategies: tuple[Strategy, ...]
    """The best first."""
    p: float | None
    """Probability that chance alone confirms or refutes; corrected for all tasks of the run. None where no pair
    shows it."""

    @property
    def best_advised(self) -> Strategy | None:
        """The advised strategy of the highest mean."""
        return next((item for item in self.strategies if item.advised), None)

    @property
    def best_other(self) -> Strategy | None:
        """The same of those that are not advised."""
        return next((item for item in self.strategies if not item.advised), None)

    @property
    def difference(self) -> stats.PairedDifference | None:
        """Accuracy of the best advised strategy less that of the best other one, which both were picked for it."""
        if self.best_advised is None or self.best_other is None:
            return None
        return difference_of(self.best_other.trainings, self.best_advised.trainings)

    @property
    def verdict(self) -> Advice:
        """Verdict on the advice."""
        return advice(self.p, advised_wins=any(item.advised for item in self.strategies[:1]))


def judged(frames: Frames) -> tuple[JudgedAdvice, ...]:
    """Every task of every quadrant of the run; p-values hold for all of them at once (Holm).

    Advice is confirmed where one advised strategy beats every other one, refuted where one that is not advised
    beats every advised one. To pick the winner by its mean and test that one alone would promise too much.
    """
    rows = trained(frames)
    found = [_judged(task, rows) for task in rows_of(frames.quadrants)]
    tested = [item for item in found if item.p is not None]
    adjusted = iter(stats.holm([item.p for item in tested if item.p is not None]))
    return tuple(item if item.p is None else replace(item, p=next(adjusted)) for item in found)


def form_of(mode: str) -> str:
    """The mode as advice names it: whatever stage features are taken from, it is `STAGE`."""
    transfer = transfer_of(mode)
    stage = transfer.stage
    return mode.replace(f"@{stage}+", "@STAGE+") if transfer.frozen and stage else mode


def _judged(task: Row, rows: Sequence[Row]) -> JudgedAdvice:
    strategies = sorted(_strategies(task, rows), key=lambda item: -item.mean)
    advised, others = ([s.trainings for s in strategies if s.advised is wanted] for wanted in (True, False))
    known = [p for p in (beats_all(advised, others), beats_all(others, advised)) if p is not None]
    return JudgedAdvice(task, tuple(strategies), min(known, default=None))


def _strategies(task: Row, rows: Sequence[Row]) -> Iterable[Strategy]:
    advised = str(task["advised"]).split()
    own = [row for row in rows if _belongs(row, task)]
    for mode in dict.fromkeys(row["mode"] for row in own):
        scenarios = list(groups((row for row in own if row["mode"] == mode), SCENARIO))
        for trainings in scenarios:
            setting = trainings[0]["setting"] if len(scenarios) > 1 else ""
            name = joined(mode, trainings[0]["rare"], setting)
            yield Strategy(name, form_of(mode) in advised, tuple(trainings))


def _belongs(row: Row, task: Row) -> bool:
    """Whether a training belongs to a task: from scratch it has no source; augmentation is another question.

    Learning for a given time is another question too.
    """
    same = all(row[name] == task[name] for name in ("architecture", "target", "shots"))
    from_source = row["weights"] == task["weights"] or row["mode"] == "scratch"
    return same and from_source and row["augmentation"] == NO_AUGMENTATION and not row["duration"]
