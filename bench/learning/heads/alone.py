"""Heads that a cell trains by itself: candidates one after the other, among which validation images choose."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bench.learning.heads import logistic, neighbours, svm
from bench.learning.heads.head import Head, HeadTask
from bench.learning.heads.neighbours import Neighbours

Classifier = Head | Neighbours


@dataclass(frozen=True)
class Sort:
    """A sort of head, and the one number that validation images choose."""

    chooses: str
    """What the number is called in a record."""
    candidates: Callable[[int | None], tuple[float, ...]]
    """So many values of it, what fits least closely first; None: as many as usual."""
    fit: Callable[[HeadTask, float], Classifier]
    """The head of one value, with its top-1 on the validation images, and its loss where it has one."""
    probabilistic: bool
    """Whether scores are logits of a probability."""


def spread(low: float, high: float, n: int) -> tuple[float, ...]:
    """`n` values from `low` to `high` with equal ratios between them; a single one lies in their middle."""
    return tuple(np.geomspace(low, high, n).tolist()) if n > 1 else ((low * high) ** 0.5,)


def numbers(low: int, high: int, n: int) -> tuple[float, ...]:
    """`n` different whole numbers about as far apart, from the highest to the lowest."""
    found: list[int] = []
    for value in spread(low, high, n):
        found.append(max(round(value), found[-1] + 1 if found else low))
    return tuple(reversed(found))


SORTS: Mapping[str, Sort] = {
    "svm": Sort("C", lambda n: spread(svm.LEAST, svm.MOST, n or svm.USUAL), svm.fit, probabilistic=False),
    "logistic": Sort(
        "C",
        lambda n: spread(logistic.LEAST, logistic.MOST, n or logistic.USUAL),
        logistic.fit,
        probabilistic=True,
    ),
    "knn": Sort(
        "k",
        lambda n: numbers(neighbours.LEAST, neighbours.MOST, n) if n else neighbours.USUAL,
        neighbours.fit,
        probabilistic=False,
    ),
}
"""By the head's name in a mode."""


def trained(sort: Sort, task: HeadTask, tune: int | None = None) -> Classifier:
    """The head whose candidate validates best, trained once more with it where the task has a last fit.

    Best is the highest top-1, then the lower validation loss where there is one, then what fits least closely: a
    few validation images give many candidates the same top-1, of which the loss tells the sound ones.
    """
    tried = [timed(sort, task, value) for value in sort.candidates(tune)]
    best = max(tried, key=_worth)
    seconds = sum(head.seconds for head in tried)
    again = task.again()
    if again is None:
        return replace(best, seconds=seconds)
    last = timed(sort, again, best.strength)
    return replace(last, val=best.val, val_loss=best.val_loss, seconds=seconds + last.seconds)


def timed(sort: Sort, task: HeadTask, value: float) -> Classifier:
    """The head of one value, with the seconds that it took."""
    since = time.perf_counter()
    head = sort.fit(task, value)
    return replace(head, seconds=time.perf_counter() - since)


def _worth(head: Classifier) -> tuple[float, float]:
    return head.val, -(head.val_loss or 0.0)
