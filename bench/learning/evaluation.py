"""Figures of a classifier on the test split. Pure functions of scores and labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from bench.lazy import lazy

special = lazy("scipy.special")

LEVEL = 0.01
"""Below this probability of so many right answers by chance, training counts as started."""


@dataclass(frozen=True)
class Start:
    """Whether training left chance."""

    started: bool
    chance: float
    """Share of the largest class: what always naming it would get right."""
    how: str


def correctness(scores: torch.Tensor, labels: torch.Tensor) -> tuple[float, ...]:
    """1.0 for each image whose highest score is its own class, else 0.0."""
    return tuple((scores.argmax(1) == labels).double().tolist())


def start(right: tuple[float, ...], labels: torch.Tensor) -> Start:
    """Compare the right answers with chance: one-sided exact binomial test."""
    chance = float(torch.bincount(labels).max()) / len(labels)
    hits = round(sum(right))
    p = float(special.bdtrc(hits - 1, len(right), chance)) if hits else 1.0
    how = f"one-sided exact binomial test of {len(right)} test answers against chance {chance:.3f}: p={p:.2g}"
    return Start(p < LEVEL, chance, f"{how}, started below {LEVEL}")


def macro_f1(scores: torch.Tensor, labels: torch.Tensor, classes: int) -> float:
    """Unweighted mean over the classes of F1 = 2 TP / (2 TP + FP + FN), 0 for a class never met nor named."""
    table = np.bincount((labels * classes + scores.argmax(1)).numpy(), minlength=classes**2).reshape(classes, -1)
    hits, named, met = np.diag(table), table.sum(0), table.sum(1)
    return float(np.mean(2 * hits / np.maximum(1, named + met)))


def nll(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Mean negative log-likelihood in nats."""
    return float(torch.nn.functional.cross_entropy(logits.double(), labels))
