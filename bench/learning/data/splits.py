"""Split of images into training, validation and test images. Pure functions of contents and labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.words import in_room

SPLITS = ("train", "val", "test")
SHARES = (0.5, 0.2, 0.3)
"""Shares of the splits where the data prescribe none."""
VAL_SHARE = 0.2
"""Share of the training images for validation, where the data prescribe a test split and no validation split."""
_TRAIN, _VAL, _TEST = range(len(SPLITS))


def split_of(names: Sequence[str], content: np.ndarray, labels: np.ndarray, *, few: bool) -> np.ndarray:
    """Index into `SPLITS` of each image; -1 for an image that takes no part since it is tested on, too.

    What the data prescribe is kept. Without `val`, a share of the training images is drawn for validation; without
    `test`, `val` is what is tested on, as in ImageNet's layout, and validation is drawn; where all are `train`,
    nothing is prescribed. What is drawn for validation leaves every class a training image.

    Args:
        names: name of the split of each image; empty: the data prescribe no split.
        content: int64, N: equal for equal images, which are never on both sides.
        labels: int64, N.
        few: whether the images may be so few that each class must have its share; else it is met only about.

    Raises:
        ValueError: a split of another name.
    """
    unknown = set(names) - set(SPLITS)
    if unknown:
        raise ValueError(f"splits are {', '.join(SPLITS)}, not {in_room(sorted(unknown))}")
    if set(names) <= {"train"}:
        place = places_by_class(content, labels) if few else places_by_content(content)
        split = np.searchsorted(np.cumsum(SHARES)[:-1], place, side="right").astype(np.int64)
        return _with_training(split, split == _VAL, content, labels)
    split = np.asarray([SPLITS.index(name) for name in names], np.int64)
    if not (split == _TEST).any():
        split[split == _VAL] = _TEST
    split[(split != _TEST) & np.isin(content, content[split == _TEST])] = -1
    if (split == _VAL).any():
        return split
    train = np.flatnonzero(split == _TRAIN)
    place = places_by_class(content[train], labels[train]) if few else places_by_content(content[train])
    split[train[place < VAL_SHARE]] = _VAL
    return _with_training(split, split == _VAL, content, labels)


def places_by_content(content: np.ndarray) -> np.ndarray:
    """Position of each image in 0..1, by its content: further images do not change it."""
    return content / 2**48


def places_by_class(content: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Position of each image among those of its class, 0..1, so that different images of a class are evenly
    spread.

    Equal images stand in the same place: all of them go with the label of the first one.
    """
    different, first, inverse = np.unique(content, return_index=True, return_inverse=True)
    owner = labels[first]
    place = np.zeros(len(different))
    for label in np.unique(owner):
        members = np.flatnonzero(owner == label)
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return place[inverse]


def _with_training(split: np.ndarray, drawn: np.ndarray, content: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The split, where each class without a training image is given the last one drawn for validation."""
    for label in np.setdiff1d(labels[drawn], labels[split == _TRAIN]):
        last = content[drawn & (labels == label)].max()
        split[content == last] = _TRAIN
    return split
