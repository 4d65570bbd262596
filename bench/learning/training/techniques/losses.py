"""Loss of a batch: cross-entropy, optionally with smoothed labels and weighted classes."""

from __future__ import annotations

import torch
from torch.nn import functional


def class_weights(labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Weight of each class, float32: n / (classes x n of the class), so that the mean over the images is 1.

    That is scikit-learn's `balanced` (King and Zeng 2001, Logistic Regression in Rare Events Data).

    Args:
        labels: int64, N, of the training images.
        classes: number of classes; a class without an image counts as if it had one.
    """
    numbers = torch.bincount(labels, minlength=classes).clamp(min=1)
    return len(labels) / (classes * numbers.float())


def mean_loss(
    scores: torch.Tensor, wanted: torch.Tensor, smoothing: float = 0.0, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean cross-entropy; with class weights the weighted mean over the images, as torch computes it for classes.

    Args:
        scores: B x classes.
        wanted: int64, B: classes; or float32, B x classes: the share of each, by which its weight counts, too.
        smoothing: share of what is wanted that is spread evenly over all classes.
        weights: float32, one a class.
    """
    if weights is None:
        return functional.cross_entropy(scores, wanted, label_smoothing=smoothing)
    losses = functional.cross_entropy(scores, wanted, reduction="none", label_smoothing=smoothing)
    counts = (wanted * weights).sum(1) if wanted.is_floating_point() else weights[wanted]
    return (losses * counts).sum() / counts.sum()
