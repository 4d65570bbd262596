"""Linear classifiers on frozen features: what they learn from, and what they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from bench.learning.training.watch import Point

STILL = 0.05
"""A feature that varies less than this share of the average one is not blown up to unit variance."""


@dataclass(frozen=True)
class Labelled:
    """Features with their labels."""

    features: torch.Tensor
    """float32, N x D; many tasks may share one matrix."""
    labels: torch.Tensor
    """int64, N."""
    rows: torch.Tensor
    """int64: the rows of both that belong to the task."""

    @classmethod
    def all(cls, features: torch.Tensor, labels: torch.Tensor) -> Labelled:
        """Every row."""
        return cls(features, labels, torch.arange(len(labels)))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and labels at these places among the rows."""
        rows = self.rows[chosen]
        return self.features[rows], self.labels[rows]

    @property
    def own(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and labels of all rows."""
        return self.features[self.rows], self.labels[self.rows]


@dataclass(frozen=True)
class HeadTask:
    """What a head learns from."""

    train: Labelled
    val: Labelled
    classes: int
    seed: int
    fold: int
    images: int | None = None
    """Training images, of which `train` may hold several views each; None: one each."""
    last: Labelled | None = None
    """What the head is trained on once more when its strength is chosen; None: it stays as it is."""

    @property
    def epoch(self) -> int:
        """Rows that make an epoch: every image once, in whichever view."""
        return self.images or len(self.train)

    def again(self) -> HeadTask | None:
        """The task of the last fit, where there is one."""
        return None if self.last is None else replace(self, train=self.last, images=None, last=None)


@dataclass(frozen=True)
class Head:
    """A linear classifier with the standardisation of its features folded into it."""

    weight: torch.Tensor
    """float32, classes x D."""
    bias: torch.Tensor
    curve: tuple[Point, ...]
    val: float
    """Top-1 on the validation images, which chose `strength`."""
    strength: float
    """The weight decay, or C of the SVM and of logistic regression."""
    seconds: float = 0.0
    """Of training; of heads that were trained together, this one's share."""
    notes: tuple[str, ...] = ()
    val_loss: float | None = None
    """Mean negative log-likelihood on the validation images, in nats; None of margins, or where none is asked."""
    lr: float | None = None
    """Peak of the learning rate; None of what is not trained step by step."""
    failed: str = ""
    """Why its weights are no numbers; empty where they are."""

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """N x classes: logits, or margins of the SVM."""
        return features @ self.weight.T + self.bias

    def chosen_by(self, first: Head) -> Head:
        """This head, of a last fit, with what validation saw of the one that chose its strength."""
        seconds = first.seconds + self.seconds
        return replace(self, curve=first.curve, val=first.val, val_loss=first.val_loss, seconds=seconds)

    @property
    def trainable(self) -> int:
        """Parameters."""
        return self.weight.numel() + self.bias.numel()


@dataclass(frozen=True)
class Standard:
    """Mean and deviation of the training features."""

    mean: torch.Tensor
    std: torch.Tensor

    @classmethod
    def of(cls, features: torch.Tensor) -> Standard:
        """Of N x D features; almost constant ones are only centred and scaled like the others' floor."""
        std = features.std(0, correction=0)
        floor = STILL * float(std.mean())
        return cls(features.mean(0), std.clamp(min=floor if floor > 0 else 1.0))

    @classmethod
    def none(cls, features: torch.Tensor) -> Standard:
        """Leaves features as they are."""
        return cls(torch.zeros(features.shape[1]), torch.ones(features.shape[1]))

    def apply(self, features: torch.Tensor) -> torch.Tensor:
        """Standardised features."""
        return (features - self.mean) / self.std

    def folded(self, weight: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight and bias that give the same scores on features as they come."""
        scaled = weight / self.std
        return scaled, bias - scaled @ self.mean


def accuracy(scores: torch.Tensor, labels: torch.Tensor) -> float:
    """Top-1."""
    return float((scores.argmax(1) == labels).double().mean())


def per_class(
    weight: np.ndarray, bias: np.ndarray, known: np.ndarray, classes: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """float32, one row per class, of what scikit-learn keeps: an absent class, without a row, is never named.

    Args:
        weight: rows x D, a row for each class that was met.
        bias: one a row.
        known: int64, the class of each row.
        classes: of the target.
    """
    all_weights = np.zeros((classes, weight.shape[1]), np.float32)
    all_biases = np.full(classes, -np.inf, np.float32)
    all_weights[known], all_biases[known] = weight, bias
    return torch.from_numpy(all_weights), torch.from_numpy(all_biases)
