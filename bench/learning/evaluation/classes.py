"""Figures of a classifier class by class, which large classes do not dominate. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


def recalls(table: np.ndarray, names: Sequence[str] = ()) -> list[list[str | int]]:
    """For each class with test images, its name, the number of correctly named images, and the number of images.

    Args:
        table: int64, classes x classes: images by true class (row) and named class (column).
        names: names of the classes; a class without one goes by its number.
    """
    met = table.sum(1)
    return [
        [str(names[c]) if c < len(names) else str(c), int(table[c, c]), int(met[c])]
        for c in np.flatnonzero(met).tolist()
    ]


def balanced_accuracy(table: np.ndarray) -> float:
    """Mean recall over the classes with test images (Brodersen et al. 2010).

    Args:
        table: counts of answers, as in `recalls`.
    """
    met = table.sum(1)
    return float(np.mean(np.diag(table)[met > 0] / met[met > 0]))


def average_precision(scores: torch.Tensor, labels: torch.Tensor, *, probabilistic: bool) -> float:
    """Mean average precision over the classes with test images, each against all others.

    Of a class it is the sum over thresholds of (recall - recall at the threshold above) x precision, without
    interpolation; images of equal score share a threshold (scikit-learn's definition). A class that all images are
    of has 1.

    Args:
        scores: N x classes. Images are ordered by the score of the class alone, so logits are compared as
            probabilities: by themselves they are known up to a constant of each image.
        labels: int64, N.
        probabilistic: whether the scores are logits; else margins or votes, which are compared as they are.
    """
    comparable = scores.double().log_softmax(1) if probabilistic else scores.double()
    return float(np.mean([_precision(comparable[:, c], labels == c) for c in labels.unique().tolist()]))


def _precision(scores: torch.Tensor, positive: torch.Tensor) -> float:
    """Average precision of one class."""
    ordered, order = scores.sort(descending=True, stable=True)
    hits = positive[order].double().cumsum(0)
    last = torch.ones_like(positive)
    last[:-1] = ordered[1:] != ordered[:-1]  # of the images of one threshold
    number, found = torch.arange(1, len(scores) + 1)[last], hits[last]
    gained = torch.diff(found, prepend=found.new_zeros(1))
    return float((gained * found / number).sum() / hits[-1])
