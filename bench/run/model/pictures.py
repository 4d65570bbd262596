"""Number of pictures of data sets, as far as records state it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.declare.catalog import DATASETS
from bench.errors import EvobenchError

CLASSES = 10
"""Assumed number of classes of a data set that is no longer declared."""
BY_CLASS = {"n_train": 100.0, "n_val": 12.0, "n_test": 60.0}
"""Pictures of a class by split, of which no record has told: of the order of small data sets."""


@dataclass
class PictureCounts:
    """The sizes of the splits of data sets."""

    _told: dict[tuple[str, str], float] = field(default_factory=dict)
    """Number of pictures by data set and split, as named in the details of a record."""

    def note(self, target: str, shots: int | None, details: Mapping[str, Any]) -> None:
        """Take note of what a training tells of its data.

        Args:
            target: the data set.
            shots: training pictures a class that it was given; None: all.
            details: details of the record.
        """
        for split in BY_CLASS:
            number = details.get(split)
            if isinstance(number, int) and (split != "n_train" or shots is None):
                self._told[target, split] = float(number)

    def of(self, target: str, split: str) -> float:
        """Pictures of a split of a data set: `n_train`, `n_val` or `n_test`."""
        return self._told.get((target, split), BY_CLASS[split] * classes_of(target))

    def all(self, target: str) -> float:
        """Pictures of all splits."""
        return sum(self.of(target, split) for split in BY_CLASS)

    def learned(self, target: str, shots: int | None) -> float:
        """Training pictures of a budget of so many a class; None: all that there are."""
        return float(shots * classes_of(target)) if shots else self.of(target, "n_train")


def classes_of(target: str) -> int:
    """Number of classes of a data set."""
    try:
        return DATASETS.get(target).classes
    except EvobenchError:
        return CLASSES
