"""Figures of a classifier on the test split. Pure functions of scores and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from bench.statistics.start import LEVEL, STALLED, STARTED, TOO_FEW, Start, by_chance, start_of

TOP = 5
"""Values of k for `top_k`, which counts an answer as right if its class is among the first k."""
BINS = 15
"""Number of bins of confidence, for the calibration error (Guo et al. 2017)."""
WHOLE_UP_TO = 100
"""Number of classes up to which the whole confusion matrix is kept, and only the largest entries above it."""


@dataclass(frozen=True)
class Against:
    """Comparison of the right answers with chance."""

    start: Start
    """Whether the training has left chance."""
    chance: float
    """Accuracy by chance: the share of the largest class."""
    how: str

    @property
    def started(self) -> bool | None:
        """The value of `start` for a record; None where the images are too few to tell."""
        return {STARTED: True, STALLED: False, TOO_FEW: None}[self.start]


def correctness(scores: torch.Tensor, labels: torch.Tensor) -> tuple[float, ...]:
    """1.0 for each image whose highest score is its own class, else 0.0."""
    return tuple((scores.argmax(1) == labels).double().tolist())


def against_chance(right: tuple[float, ...], labels: torch.Tensor) -> Against:
    """Compare the right answers with chance, by exact binomial tests."""
    chance = float(torch.bincount(labels).max()) / len(labels)
    hits, n = round(sum(right)), len(right)
    p, least = by_chance(hits, n, chance), by_chance(n, n, chance)
    how = (
        f"one-sided exact binomial test of {n} test answers against chance {chance:.3f}: p={p:.2g}, of all right "
        f"{least:.2g}, started below {LEVEL}"
    )
    return Against(start_of(hits, n, chance), chance, how)


def top_k(scores: torch.Tensor, labels: torch.Tensor, k: int = TOP) -> float | None:
    """Share of the images whose class is among the `k` highest scores; None where there are no more than `k`
    classes.

    Where k answers name every class, the figure would be 1 and say nothing.

    Args:
        scores: N x classes.
        labels: int64, N.
        k: answers.
    """
    if scores.shape[1] <= k:
        return None
    return float((scores.topk(k, 1).indices == labels[:, None]).any(1).double().mean())


def confusion(scores: torch.Tensor, labels: torch.Tensor, classes: int) -> np.ndarray:
    """Confusion matrix, int64, classes x classes: images by true class (row) and by the class of the highest score
    (column)."""
    pairs = (labels * classes + scores.argmax(1)).numpy()
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def confused_pairs(table: np.ndarray, most: int) -> list[tuple[int, int, int]]:
    """The largest entries off the diagonal: (true class, named class, images), largest first, no zeros."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    # stable: of equal counts the first classes lead
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    found = [(int(i) // len(table), int(i) % len(table)) for i in order]
    return [(true, named, int(wrong[true, named])) for true, named in found if wrong[true, named]]


def confusion_details(table: np.ndarray, names: Sequence[str] = ()) -> dict[str, Any]:
    """The matrix for a record: entries (true, named, images) that are not 0, with the classes' names.

    Of more than `WHOLE_UP_TO` classes only as many of the largest entries off the diagonal are kept.
    """
    classes = len(table)
    whole = classes <= WHOLE_UP_TO
    if whole:
        entries = [(int(t), int(n), int(table[t, n])) for t, n in zip(*np.nonzero(table), strict=True)]
    else:
        entries = confused_pairs(table, WHOLE_UP_TO)
    used = range(classes) if whole else sorted({c for true, named, _ in entries for c in (true, named)})
    return {
        "classes": classes,
        "whole": whole,
        "entries": [list(entry) for entry in entries],
        "names": {str(c): str(names[c]) for c in used if c < len(names)},
    }


def macro_f1(scores: torch.Tensor, labels: torch.Tensor, classes: int) -> float:
    """Unweighted mean over the occurring classes of F1 = 2 TP / (2 TP + FP + FN).

    A class without a test image has no F1, whether or not it was named: all models are judged by the same classes.
    """
    table = confusion(scores, labels, classes)
    hits, named, met = np.diag(table), table.sum(0), table.sum(1)
    return float(np.mean((2 * hits / np.maximum(1, named + met))[met > 0]))


def nll(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Mean negative log-likelihood in nats."""
    return float(torch.nn.functional.cross_entropy(logits.double(), labels))


def calibration_error(logits: torch.Tensor, labels: torch.Tensor, bins: int = BINS) -> float:
    """Expected calibration error, 0..1: sum over bins b of (n_b / N) |accuracy(b) - mean confidence(b)|.

    Confidence is the highest softmax probability; the bins are of equal width, open below and closed above (Guo
    et al. 2017, On Calibration of Modern Neural Networks, equation 3).

    Args:
        logits: N x classes, of a probability: margins of a support vector machine have no such error.
        labels: int64, N.
        bins: number of bins of 0..1.
    """
    confidence, named = logits.double().softmax(1).max(1)
    inside = (confidence * bins).ceil().long().clamp(1, bins) - 1
    gaps = (named == labels).double() - confidence
    return float(torch.zeros(bins, dtype=torch.float64).index_add_(0, inside, gaps).abs().sum()) / len(labels)
