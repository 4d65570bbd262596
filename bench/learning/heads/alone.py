"""Heads that a cell trains by itself: candidates one after the other, from which validation images choose."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bench.learning.heads import logistic, neighbours, svm
from bench.learning.heads.head import Head, HeadTask
from bench.learning.heads.neighbours import Neighbours
from bench.learning.tuning.heads import Tuned, decided, trial_of

Classifier = Head | Neighbours


@dataclass(frozen=True)
class Sort:
    """A kind of head, with the one number that validation images choose."""

    chooses: str
    """Name of the number in a record."""
    usual: tuple[float, ...]
    """Values that are tried without tuning, the one that fits least closely first."""
    further: Callable[[int], tuple[float, ...]]
    """Function that returns so many further values, in the same order."""
    fit: Callable[[HeadTask, float], Classifier]
    """Function that fits the head of one value; returns it with its top-1 on validation images and, if any, its
    loss."""
    probabilistic: bool
    """Whether the scores are logits of a probability."""


def spread(low: float, high: float, n: int) -> tuple[float, ...]:
    """`n` values from `low` to `high` with equal ratios between them; a single one lies in their middle."""
    return tuple(np.geomspace(low, high, n).tolist()) if n > 1 else ((low * high) ** 0.5,) * n


def between(low: float, high: float, n: int) -> tuple[float, ...]:
    """`n` values with equal ratios between them, half a ratio away from both ends: other values than those of
    `spread`."""
    return tuple(low * (high / low) ** ((i + 0.5) / n) for i in range(n))


def numbers(low: int, high: int, n: int) -> tuple[float, ...]:
    """`n` different whole numbers about as far apart, from the highest to the lowest."""
    found: list[int] = []
    for value in spread(low, high, n):
        found.append(max(round(value), found[-1] + 1 if found else low))
    return tuple(reversed(found))


SORTS: Mapping[str, Sort] = {
    "svm": Sort(
        "C",
        spread(svm.LEAST, svm.MOST, svm.USUAL),
        partial(between, svm.LEAST, svm.MOST),
        svm.fit,
        probabilistic=False,
    ),
    "logistic": Sort(
        "C",
        spread(logistic.LEAST, logistic.MOST, logistic.USUAL),
        partial(between, logistic.LEAST, logistic.MOST),
        logistic.fit,
        probabilistic=True,
    ),
    "knn": Sort(
        "k",
        neighbours.USUAL,
        partial(numbers, neighbours.LEAST, neighbours.MOST),
        neighbours.fit,
        probabilistic=False,
    ),
}
"""Kinds of heads by their name in a mode."""


def as_said(sort: Sort, task: HeadTask, trials: int | None) -> Classifier | Tuned[Classifier]:
    """The head of a scenario: the best of its trials or, with None, the head without tuning."""
    return trained(sort, task) if trials is None else tuned(sort, task, trials)


def trained(sort: Sort, task: HeadTask) -> Classifier:
    """The head whose value validates best, trained once more with it where the task has a last fit.

    Best is the highest top-1, then the lower validation loss where there is one, then what fits least closely: a
    few validation images give many values the same top-1, of which the loss tells the sound ones.
    """
    return _last(sort, task, _of_usual(sort, task))


def tuned(sort: Sort, task: HeadTask, trials: int) -> Tuned[Classifier]:
    """The best of so many trials, the first of which is the head without tuning."""
    first = _of_usual(sort, task)
    tried = [first, *(timed(sort, task, value) for value in sort.further(trials - 1))]
    own, *rest = [trial_of(head, **{sort.chooses: head.strength}) for head in tried]
    own = replace(own, among={sort.chooses: sort.usual})
    found = decided(list(zip(tried, (own, *rest), strict=True)))
    head = _last(sort, task, found.head)
    return replace(found, head=head, first=head if found.head is first else _last(sort, task, first))


def _of_usual(sort: Sort, task: HeadTask) -> Classifier:
    heads = [timed(sort, task, value) for value in sort.usual]
    return replace(max(heads, key=_worth), seconds=sum(head.seconds for head in heads))


def _last(sort: Sort, task: HeadTask, head: Classifier) -> Classifier:
    """The head of a last fit, with the validation figures of the one that chose its value."""
    again = task.again()
    if again is None:
        return head
    last = timed(sort, again, head.strength)
    return replace(last, val=head.val, val_loss=head.val_loss, seconds=head.seconds + last.seconds)


def timed(sort: Sort, task: HeadTask, value: float) -> Classifier:
    """The head of one value, with the seconds of its training."""
    since = time.perf_counter()
    head = sort.fit(task, value)
    return replace(head, seconds=time.perf_counter() - since)


def _worth(head: Classifier) -> tuple[float, float]:
    return head.val, -(head.val_loss or 0.0)
