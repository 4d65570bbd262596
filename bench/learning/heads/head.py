"""Linear classifiers on frozen features, and their training data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from bench.learning.training.watch import CurvePoint

STILL = 0.05
"""Share of the average deviation below which a feature is not scaled up to unit variance."""


@dataclass(frozen=True)
class Labelled:
    """Features with their labels."""

    features: torch.Tensor
    """Features, float32, N x D; many tasks may share one matrix."""
    labels: torch.Tensor
    """Labels, int64, N."""
    rows: torch.Tensor
    """Rows of both that belong to the task, int64."""

    @classmethod
    def all(cls, features: torch.Tensor, labels: torch.Tensor) -> Labelled:
        """Labelled data with every row."""
        return cls(features, labels, torch.arange(len(labels)))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and labels at these positions among the rows."""
        rows = self.rows[chosen]
        return self.features[rows], self.labels[rows]

    @property
    def own(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and labels of all rows."""
        return self.features[self.rows], self.labels[self.rows]


@dataclass(frozen=True)
class HeadTask:
    """Training data of a head."""

    train: Labelled
    val: Labelled
    classes: int
    seed: int
    fold: int
    images: int | None = None
    """Number of training images, where `train` holds several views of each; None: one view each."""
    last: Labelled | None = None
    """Data on which the head is trained once more after its strength is chosen; None: it stays as it is."""

    @property
    def epoch(self) -> int:
        """Number of rows in an epoch: every image once, in any view."""
        return self.images or len(self.train)

    def again(self) -> HeadTask | None:
        """The task of the last fit; None without one."""
        return None if self.last is None else replace(self, train=self.last, images=None, last=None)


@dataclass(frozen=True)
class Head:
    """A linear classifier with the standardisation of its features folded into it."""

    weight: torch.Tensor
    """Weights, float32, classes x D."""
    bias: torch.Tensor
    curve: tuple[CurvePoint, ...]
    val: float
    """Top-1 on the validation images, which chose `strength`."""
    strength: float
    """Weight decay, or C of the SVM and of logistic regression."""
    seconds: float = 0.0
    """Seconds of training; for heads that were trained together, this one's share."""
    notes: tuple[str, ...] = ()
    val_loss: float | None = None
    """Mean negative log-likelihood on the validation images, in nats; None for margins, or where none is asked."""
    lr: float | None = None
    """Peak of the learning rate; None where training takes no steps."""
    failed: str = ""
    """Why the weights are not numbers; empty where they are."""

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Scores, N x classes: logits, or margins of the SVM."""
        return features @ self.weight.T + self.bias

    def chosen_by(self, first: Head) -> Head:
        """This head from a last fit, with the validation figures of the one that chose its strength."""
        seconds = first.seconds + self.seconds
        return replace(self, curve=first.curve, val=first.val, val_loss=first.val_loss, seconds=seconds)

    @property
    def trainable(self) -> int:
        """Number of trainable parameters."""
        return self.weight.numel() + self.bias.numel()


@dataclass(frozen=True)
class Standard:
    """Mean and deviation of the training features."""

    mean: torch.Tensor
    std: torch.Tensor

    @classmethod
    def of(cls, features: torch.Tensor) -> Standard:
        """Standardisation of N x D features; almost constant features are scaled no more than a floor allows."""
        std = features.std(0, correction=0)
        floor = STILL * float(std.mean())
        return cls(features.mean(0), std.clamp(min=floor if floor > 0 else 1.0))

    @classmethod
    def none(cls, features: torch.Tensor) -> Standard:
        """Standardisation that leaves features unchanged."""
        return cls(torch.zeros(features.shape[1]), torch.ones(features.shape[1]))

    def apply(self, features: torch.Tensor) -> torch.Tensor:
        """Standardised features."""
        return (features - self.mean) / self.std

    def folded(self, weight: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight and bias that give the same scores on features that are not standardised."""
        scaled = weight / self.std
        return scaled, bias - scaled @ self.mean


def accuracy(scores: torch.Tensor, labels: torch.Tensor) -> float:
    """Top-1."""
    return float((scores.argmax(1) == labels).double().mean())


def per_class(
    weight: np.ndarray, bias: np.ndarray, known: np.ndarray, classes: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Coefficients of scikit-learn as float32, one row per class; a class without a row is never predicted.

    Args:
        weight: rows x D, a row for each class that was met.
        bias: one a row.
        known: int64, the class of each row.
        classes: number of classes of the target.
    """
    all_weights = np.zeros((classes, weight.shape[1]), np.float32)
    all_biases = np.full(classes, -np.inf, np.float32)
    all_weights[known], all_biases[known] = weight, bias
    return torch.from_numpy(all_weights), torch.from_numpy(all_biases)
