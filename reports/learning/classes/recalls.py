"""Recalls of trainings class by class, over their folds and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import pandas as pd

from bench.statistics import intervals as stats
from bench.statistics.intervals import Interval
from bench.statistics.stratified import ClassRecall, Proportion, mean_share, of_trainings
from reports.learning.effects import overlap
from reports.learning.scenarios import Row
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once


@dataclass(frozen=True)
class Recall:
    """Share of a class's test images that are classified as that class."""

    name: str
    group: Proportion
    """Over all trainings, as one of the proportions of a balanced accuracy."""

    @property
    def share(self) -> float:
        """Share of the images that are classified as this class."""
        return self.group.right / self.group.n

    @property
    def images(self) -> int:
        """Different ones: those of all folds of a seed, and not again those of a further seed."""
        return self.group.n

    @property
    def interval(self) -> Interval | None:
        """Wilson's, over the images: another seed of the same images makes it no narrower."""
        return stats.wilson(self.group.right, self.images)


@dataclass(frozen=True)
class Balanced:
    """A balanced accuracy, 0..1."""

    mean: float
    interval: Interval
    method: str
    """Method of the interval, for the reader."""


def recalls_of(frames: Frames, good: pd.DataFrame) -> tuple[Recall, ...]:
    """The classes that the test images of these trainings have, of one scenario; none where the run is older.

    Args:
        frames: frames of the run.
        good: records of trainings with an accuracy, that differ in fold and seed alone.
    """
    known = _by_key(frames)
    found: dict[str, list[Row]] = {}
    for key in good["key"]:
        for row in known.get(key, ()):
            found.setdefault(row["class"], []).append(row)
    return tuple(_recall(name, rows) for name, rows in found.items())


def balanced_accuracy(frames: Frames, good: pd.DataFrame) -> Balanced | None:
    """The mean over these trainings, with the interval that top-1 has by the same rule; None where they tell none.

    Student's t over the trainings (corrected after Nadeau and Bengio where training sets overlap) or, of one
    training or several that are equal, Wilson's interval over the images of each class (`mean_share`).

    Args:
        frames: frames of the run.
        good: records of trainings, as in `recalls_of`.
    """
    known = _by_key(frames)
    values = [
        fmean(row["right"] / row["images"] for row in rows) for key in good["key"] if (rows := known.get(key))
    ]
    if not values:
        return None
    mean = fmean(values)
    if bounds := stats.mean_interval(values, test_to_train=overlap(good)):
        found = Interval(max(0.0, bounds.low), min(1.0, bounds.high), bounds.method)
        return Balanced(mean, found, f"95 %, {bounds.method} over {len(values)} trainings")
    _, over_classes = mean_share([item.group for item in recalls_of(frames, good)])
    return Balanced(mean, over_classes, f"95 %, {over_classes.method}")


@once
def _by_key(frames: Frames) -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows_of(frames.recalls):
        found.setdefault(row["key"], []).append(row)
    return found


def _recall(name: str, rows: Sequence[Row]) -> Recall:
    parts = [ClassRecall(row["right"], row["images"], row["seed"], row["folds"] or 0) for row in rows]
    return Recall(name, of_trainings(parts))
