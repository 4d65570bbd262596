"""Nearest neighbours on frozen features: the value of features before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import nn

from bench.learning.heads.head import HeadTask, accuracy
from bench.learning.training.watch import CurvePoint

LEAST, MOST = 1, 200
"""Range of k; 200 is the most that DINO tries."""
USUAL = (20, 10, 5, 1)
"""Numbers of neighbours where none is given, the largest first. DINO finds 20 to be best most often."""
TEMPERATURE = 0.07
"""Temperature of the votes, as in DINO, which has it from Wu et al. (2018, Unsupervised Feature Learning via
Non-Parametric Instance Discrimination, section 3.4)."""
MOST_PAIRS = 1 << 24
"""Similarities that are computed at once."""


@dataclass(frozen=True)
class Neighbours:
    """Features of the training images, of which the nearest vote for their classes."""

    features: torch.Tensor
    """Features, float32, N x D, of length 1 each."""
    labels: torch.Tensor
    """Labels, int64, N."""
    classes: int
    strength: int
    """Number of neighbours that vote; all where there are fewer training images."""
    val: float = 0.0
    """Top-1 on the validation images."""
    val_loss: float | None = None
    """Always None: votes have no likelihood, since most classes have no vote."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    """Always empty: nothing is trained."""
    trainable: int = 0

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Scores, N x classes: share of the votes for each class, where a neighbour counts exp(cosine similarity /
        0.07).

        As in DINO (Caron et al. 2021, arXiv:2104.14294; its `eval_knn.py`). Classes without a vote follow with
        scores of 0 or less, by the similarity of their nearest image: answers after the first are no accident.
        """
        size = max(1, MOST_PAIRS // len(self.labels))
        return torch.cat([self._scores(chunk) for chunk in features.split(size)])

    def _scores(self, features: torch.Tensor) -> torch.Tensor:
        similar = nn.functional.normalize(features) @ self.features.T
        nearest = similar.topk(self.strength)
        shares = (nearest.values / TEMPERATURE).softmax(1)
        votes = similar.new_zeros(len(similar), self.classes)
        votes.scatter_add_(1, self.labels[nearest.indices], shares)
        closest = torch.full_like(votes, -1.0)
        closest.scatter_reduce_(1, self.labels.expand(len(similar), -1), similar, "amax")
        return torch.where(votes > 0, votes, (closest - 1).clamp(max=0))


def fit(task: HeadTask, k: float) -> Neighbours:
    """Classifier from the training images, with its accuracy on the validation images."""
    features, labels = task.train.own
    own = Neighbours(nn.functional.normalize(features), labels, task.classes, min(int(k), len(labels)))
    unseen, truth = task.val.own
    return replace(own, val=accuracy(own.scores(unseen), truth))
