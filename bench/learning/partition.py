"""Split of an experiment's images into those for learning, for validation and for testing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch

from bench.errors import Unsupported
from bench.learning.data.images import Stored
from bench.learning.data.splits import SPLITS
from bench.learning.seeds import stream

VAL_MOST = 120
"""Most validation images that are evaluated: the learning curve must not cost more than the learning."""
TRAIN_MOST = 1000
"""Most training images that are evaluated after training: that must not cost more than the test."""
VAL_EVERY = 5
"""Interval at which, in a cross-validation, one of the images that are not tested on is used for validation."""


class Partition:
    """Images of one experiment: a labelled budget, validation images, and a test split that opens once."""

    def __init__(self, stored: Stored, shots: int | None, fold: int, seed: int, folds: int | None = None) -> None:
        stored = as_folded(stored, fold, seed, folds)
        train, val, test = (stored.indices(name) for name in SPLITS)
        # without folds of a cross-validation, a fold is another draw of the budget
        _require_all(stored, train, val, test)
        self.train = budget(train, stored.labels, shots, 0 if folds else fold, seed, stored.class_name)
        self.val = _most(val)
        self._whole_val = val
        self._test: torch.Tensor | None = test
        self.tested = len(test)
        """Number of test images."""
        self._content = stored.content

    @property
    def train_and_val(self) -> torch.Tensor:
        """Positions of the training images, then of all validation images, including those that are not
        evaluated."""
        return torch.cat([self.train, self._whole_val])

    def looked_at(self, *, refit: bool = False) -> torch.Tensor:
        """Positions of at most `TRAIN_MOST` of the training images, evenly spread over their order.

        They stand class by class, so that each class keeps its share; trainings on equal images look at the same.

        Args:
            refit: whether validation images are learned from, too.
        """
        learned = self.train_and_val if refit else self.train
        n = min(len(learned), TRAIN_MOST)
        return learned[torch.arange(n) * len(learned) // n]

    def tested_among(self, content: torch.Tensor) -> int:
        """Number of test images, by their digests, among others; neither positions nor classes are revealed."""
        return 0 if self._test is None else int(torch.isin(self._content[self._test], content).sum())

    def open_test(self) -> torch.Tensor:
        """Positions of the test split.

        Raises:
            RuntimeError: the test split has been opened before, so that something might select on it.
        """
        if self._test is None:
            raise RuntimeError("the test split is read once, after training")
        test, self._test = self._test, None
        return test


class Everything(Partition):
    """Partition for learning from all images, including those for validation and for testing: none is left to test
    on."""

    def __init__(self, stored: Stored) -> None:
        self.train = torch.arange(len(stored.labels))
        # a curve looks at some of them; nothing is chosen by it
        self.val, self._whole_val = _most(self.train), self.train[:0]
        self._test, self.tested, self._content = None, 0, stored.content


def _require_all(stored: Stored, train: torch.Tensor, val: torch.Tensor, test: torch.Tensor) -> None:
    """Make sure that there are images to learn every class from, to choose by and to test on.

    Raises:
        Unsupported: there is not.
    """
    absent = set(stored.labels.unique().tolist()) - set(stored.labels[train].unique().tolist())
    if absent:
        raise Unsupported(f"class {stored.class_name(min(absent))} has no training image")
    for what, positions in (("validation", val), ("test", test)):
        if not len(positions):
            raise Unsupported(f"the data are too few: no image is left for {what}")


def as_folded(stored: Stored, fold: int, seed: int, folds: int | None) -> Stored:
    """The data with the split of a fold of a cross-validation; unchanged without folds."""
    return replace(stored, split=cross_validated(stored, fold, seed, folds), folded=True) if folds else stored


def cross_validated(stored: Stored, fold: int, seed: int, folds: int) -> torch.Tensor:
    """Index into `SPLITS` of each image, int64, N; -1 for an image that takes no part.

    The folds of a seed are disjoint, hold each class in equal shares, and together all images; where the data
    prescribe a test split, it stays shut and the folds are of the rest. Equal images fall into the same fold.

    Raises:
        Unsupported: a class has fewer different images than there are folds.
        ValueError: the split is that of a fold: its images would be dealt out with the own test split of the data.
    """
    if stored.folded:
        raise ValueError("the split of a fold cannot be dealt out anew: folds are of the split of the data")
    split = torch.full_like(stored.labels, -1)
    train, val, test = range(len(SPLITS))
    pool = stored.split != test if stored.prescribed else torch.ones_like(stored.labels).bool()
    for label, members in _classes(stored, pool):
        _, different = torch.unique(stored.content[members], return_inverse=True)
        number = int(different.max()) + 1
        if number < folds:
            name = stored.class_name(label)
            raise Unsupported(f"class {name} has {number} different images, fewer than {folds} folds")
        generator = torch.Generator().manual_seed(stream("folds", seed, label))
        # dealt out from another fold for each class, so that the folds are of equal size
        home = (torch.arange(number) + label) % folds
        turn = (home != fold).cumsum(0) % VAL_EVERY
        dealt = torch.where(home == fold, test, torch.where(turn == 2 % VAL_EVERY, val, train))
        split[members] = dealt[torch.randperm(number, generator=generator)][different]
    return split


def _classes(stored: Stored, pool: torch.Tensor) -> Iterator[tuple[int, torch.Tensor]]:
    """Each class with its images of the pool; equal images count for the first one's label."""
    positions = torch.nonzero(pool).flatten()
    _, different = torch.unique(stored.content[positions], return_inverse=True)
    first = torch.full((int(different.max()) + 1,), len(different), dtype=torch.int64)
    first.scatter_reduce_(0, different, torch.arange(len(different)), "amin")
    labels = stored.labels[positions][first[different]]
    for label in torch.unique(labels).tolist():
        yield label, positions[labels == label]


def budget(
    train: torch.Tensor,
    labels: torch.Tensor,
    shots: int | None,
    fold: int,
    seed: int,
    name: Callable[[int], str] = str,
) -> torch.Tensor:
    """Selection from the positions `train`: `shots` per class, or all, drawn by seed and fold.

    The images of a seed lie in one shuffled row per class; a fold starts `shots` places further on. In fold 0 a
    larger budget holds the smaller one.

    Raises:
        Unsupported: a class has fewer training images than asked for.
    """
    own = labels[train]
    generator = torch.Generator().manual_seed(stream("budget", seed))
    chosen = []
    for label in torch.unique(own).tolist():
        members = train[own == label]
        if len(members) < (shots or 0):
            raise Unsupported(f"class {name(label)} has {len(members)} training images, fewer than {shots}")
        row = members[torch.randperm(len(members), generator=generator)].roll(-fold * (shots or 0))
        chosen.append(row[:shots])
    return torch.cat(chosen)


def _most(indices: torch.Tensor) -> torch.Tensor:
    """At most `VAL_MOST` of the positions, the same for all seeds so that experiments stay paired."""
    generator = torch.Generator().manual_seed(stream("val"))
    return indices[torch.randperm(len(indices), generator=generator)[:VAL_MOST].sort().values]
