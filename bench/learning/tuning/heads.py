"""Tuning of heads on frozen features: choosing a trial, and softmax heads whose trials are trained together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from bench.declare.artifact import Report
from bench.learning.heads.head import Head, HeadTask
from bench.learning.heads.softmax import every_head, of_highest_top1, usual
from bench.learning.recipes import Values
from bench.learning.training.loop import TrainingPlan
from bench.learning.tuning.trials import Trial, TrialChoice


class Tried(Protocol):
    """A head with figures on validation images."""

    @property
    def val(self) -> float:
        """Top-1 on the validation images."""
        ...

    @property
    def val_loss(self) -> float | None:
        """Mean negative log-likelihood on the validation images, in nats; None where the head has none."""
        ...

    @property
    def seconds(self) -> float:
        """Seconds of its training."""
        ...


T = TypeVar("T", bound=Tried)


@dataclass(frozen=True)
class Tuned(Generic[T]):
    """The chosen head, with the trials that it was chosen from."""

    head: T
    choice: TrialChoice
    first: T | None
    """Head of the first trial, which has the values without tuning; None: it failed."""


def decided(tried: Sequence[tuple[T, Trial]]) -> Tuned[T]:
    """Choice of validation images among trials, the first of which has the values without tuning.

    Raises:
        FloatingPointError: all have failed.
    """
    choice = TrialChoice(tuple(trial for _, trial in tried))
    first, trial = tried[0]
    return Tuned(tried[choice.best][0], choice, None if trial.failed else first)


def trial_of(head: Tried, **values: float) -> Trial:
    """Trial of a head that has not failed."""
    return Trial(values, head.val, head.val_loss, head.seconds)


def tuned_heads(
    tasks: Sequence[HeadTask], training: TrainingPlan, further: Sequence[Values], batch: int, report: Report
) -> tuple[Tuned[Head], ...]:
    """A softmax head for each task, the best of its trials on its own validation images.

    The first trial is as without tuning: it has the recipe's choice of weight decays at the training's learning
    rate. The others, with one pair of both each, are trained together, as one problem. Tasks with a last fit (all
    or none) are trained once more as their heads were.

    Args:
        tasks: tasks with the same classes and with features of the same length.
        training: recipe, steps, learning rate of the first trial, patience.
        further: learning rates and weight decays of the other trials, the same for all tasks.
        batch: images a step, of each task.
        report: shows each point of the curves' mean.

    Raises:
        FloatingPointError: the loss of every trial of a task is no longer a number, or that of a last fit.
    """
    own = [usual(training)] * len(tasks)
    firsts = [_as_one(heads) for heads in every_head(tasks, own, training, batch, report, apart=True)]
    others: Sequence[Sequence[Head]] = [()] * len(tasks)
    among = {"weight_decay": training.recipe.head_decays}
    if further:
        others = every_head(tasks, [further] * len(tasks), training, batch, report, apart=True)
    found = [
        decided([(first, replace(_trial(first), among=among)), *((head, _trial(head)) for head in rest)])
        for first, rest in zip(firsts, others, strict=True)
    ]
    again = [task for task in map(HeadTask.again, tasks) if task is not None]
    return tuple(_last_fits(found, again, training, batch, report) if again else found)


def _as_one(heads: Sequence[Head]) -> Head:
    """The best of the heads of the first trial, with the seconds of all of them."""
    best, number = of_highest_top1(heads), len(heads)
    curve = tuple(replace(point, seconds=number * point.seconds) for point in best.curve)
    return replace(best, curve=curve, seconds=number * best.seconds)


def _trial(head: Head) -> Trial:
    values = {"lr": _lr(head), "weight_decay": head.strength}
    if not head.failed and not math.isfinite(head.val_loss or 0.0):
        head = replace(head, failed="the validation loss is not finite")
    return Trial(values, failed=head.failed) if head.failed else trial_of(head, **values)


def _lr(head: Head) -> float:
    assert head.lr is not None  # softmax heads are trained step by step
    return head.lr


def _last_fits(
    found: Sequence[Tuned[Head]], again: Sequence[HeadTask], training: TrainingPlan, batch: int, report: Report
) -> Iterator[Tuned[Head]]:
    """The chosen heads, and those of the first trials, trained once more with their values."""
    own = every_head(again, [usual(training)] * len(again), training, batch, report, apart=True)
    for one, task, heads in zip(found, again, own, strict=True):
        first = None if one.first is None else _of(heads, one.first)
        if one.head is one.first:
            last = first
        else:
            values = replace(training.values, lr=_lr(one.head), weight_decay=one.head.strength)
            last = _of(every_head([task], [[values]], training, batch, report)[0], one.head)
        if last is None:
            raise FloatingPointError(f"the last fit has failed: {heads[0].failed}")
        yield replace(one, head=last, first=first)


def _of(heads: Sequence[Head], chosen: Head) -> Head | None:
    """The head with the chosen decay; None where it has failed."""
    last = next(head for head in heads if head.strength == chosen.strength)
    return None if last.failed else last.chosen_by(chosen)
