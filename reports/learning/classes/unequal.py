"""Targets whose classes are unequal, so that top-1 favours the large ones."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.learning.accuracy import best_scenarios
from reports.learning.classes.recalls import Balanced, Recall, balanced_accuracy, recalls_of
from reports.learning.scenarios import trainings
from reports.tidy.frame import Frames
from reports.tidy.once import once

UNEQUAL = 1.5
"""Test images of the largest class over those of the smallest from which classes are told to be unequal."""


@dataclass(frozen=True)
class Unequal:
    """A target whose classes are unequal, with the scenario that is best on its validation images."""

    target: str
    good: pd.DataFrame
    """Trainings as `reports.learning.scenarios.trainings` gives them."""
    recalls: tuple[Recall, ...]
    balanced: Balanced

    @property
    def top1(self) -> float:
        """Mean over the trainings, 0..1."""
        return float(self.good["value"].mean())

    @property
    def sizes(self) -> tuple[int, int]:
        """Test images of the largest class, and of the smallest."""
        images = [item.images for item in self.recalls]
        return max(images), min(images)


@once
def unequal_targets(frames: Frames) -> tuple[Unequal, ...]:
    """The targets whose largest class has over `UNEQUAL` times as many test images as the smallest."""
    cells = trainings(frames)
    found = []
    for good in best_scenarios(frames, cells[cells["value"].notna()]):
        recalls, balanced = recalls_of(frames, good), balanced_accuracy(frames, good)
        sizes = [item.images for item in recalls]
        if balanced and sizes and max(sizes) > UNEQUAL * min(sizes):
            found.append(Unequal(str(good["target"].iloc[0]), good, recalls, balanced))
    return tuple(found)
