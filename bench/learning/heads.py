"""Linear classifiers on frozen features: softmax regression and a linear support vector machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from bench.artifact import Report
from bench.lazy import lazy
from bench.learning.fit import tell
from bench.learning.seeds import seeded, stream
from bench.learning.training import Batches, Point, Recipe, Watch, optimise, order

svm = lazy("sklearn.svm")
exceptions = lazy("sklearn.exceptions")

WEIGHT_DECAYS = (10.0, 1.0, 0.1, 0.01)
"""Of the softmax head, the strongest first: it wins a tie."""
CS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Penalties of the SVM, the strongest regularisation first: it wins a tie."""
SVM_ITERATIONS = 5000
SVM_TOLERANCE = 1e-2
"""Stopping criterion of liblinear, whose own default is 0.1; scikit-learn's 1e-4 takes twice the time."""
STILL = 0.05
"""A feature that varies less than this share of the average one is not blown up to unit variance."""


@dataclass(frozen=True)
class Labelled:
    """Features with their labels."""

    features: torch.Tensor
    """float32, N x D."""
    labels: torch.Tensor


@dataclass(frozen=True)
class HeadTask:
    """What a head learns from."""

    train: Labelled
    val: Labelled
    classes: int
    seed: int
    fold: int


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
    """The weight decay, or C of the SVM."""
    notes: tuple[str, ...] = ()

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """N x classes: logits of softmax, margins of the SVM."""
        return features @ self.weight.T + self.bias

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

    def apply(self, features: torch.Tensor) -> torch.Tensor:
        """Standardised features."""
        return (features - self.mean) / self.std

    def folded(self, weight: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight and bias that give the same scores on features as they come."""
        scaled = weight / self.std
        return scaled, bias - scaled @ self.mean


def softmax_head(task: HeadTask, recipe: Recipe, batch: int, report: Report) -> Head:
    """Softmax regression by AdamW; validation picks the weight decay."""
    standard = Standard.of(task.train.features)
    candidates = [
        _softmax(task, standard, Recipe(recipe.steps, recipe.lr, d), batch, report) for d in WEIGHT_DECAYS
    ]
    return max(candidates, key=lambda head: head.val)


def _softmax(task: HeadTask, standard: Standard, recipe: Recipe, batch: int, report: Report) -> Head:
    train, val = standard.apply(task.train.features), standard.apply(task.val.features)
    with seeded(stream("head", task.seed, task.fold)):
        layer = nn.Linear(train.shape[1], task.classes)

    def loss_of(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(layer(inputs), labels)

    def validate() -> float:
        with torch.inference_mode():
            return accuracy(layer(val), task.val.labels)

    watch = Watch(validate, partial(tell, report))
    batches = _batches(Labelled(train, task.train.labels), batch, task.seed, task.fold)
    optimise(list(layer.parameters()), loss_of, batches, recipe, watch)
    weight, bias = standard.folded(layer.weight.detach(), layer.bias.detach())
    return Head(weight, bias, tuple(watch.curve), watch.curve[-1].val, recipe.weight_decay)


def _batches(data: Labelled, batch: int, seed: int, fold: int) -> Batches:
    chosen: Iterator[torch.Tensor] = order(len(data.labels), batch, seed, fold)
    return ((data.features[some], data.labels[some]) for some in chosen)


def svm_head(task: HeadTask) -> Head:
    """Linear support vector machine (liblinear, squared hinge, one against the rest); validation picks C."""
    standard = Standard.of(task.train.features)
    return max([_svm(task, standard, c) for c in CS], key=lambda head: head.val)


def _svm(task: HeadTask, standard: Standard, c: float) -> Head:
    machine = svm.LinearSVC(
        C=c,
        dual="auto",
        tol=SVM_TOLERANCE,
        max_iter=SVM_ITERATIONS,
        random_state=stream("svm", task.seed, task.fold),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", exceptions.ConvergenceWarning)
        machine.fit(standard.apply(task.train.features).numpy(), task.train.labels.numpy())
    weight, bias = standard.folded(*_per_class(machine, task.classes))
    notes = tuple(f"SVM with C={c:g}: {w.message}" for w in caught)
    val = accuracy(task.val.features @ weight.T + bias, task.val.labels)
    return Head(weight, bias, (), val, c, notes)


def _per_class(machine: Any, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """One row per class: of two classes, liblinear keeps one row only; of an absent class, none."""
    weight = np.zeros((classes, machine.coef_.shape[1]), np.float32)
    bias = np.full(classes, -np.inf, np.float32)
    coef, intercept = machine.coef_, np.atleast_1d(machine.intercept_)
    if len(machine.classes_) == 2:
        coef, intercept = np.concatenate([-coef, coef]), np.concatenate([-intercept, intercept])
    weight[machine.classes_], bias[machine.classes_] = coef, intercept
    return torch.from_numpy(weight), torch.from_numpy(bias)


def accuracy(scores: torch.Tensor, labels: torch.Tensor) -> float:
    """Top-1."""
    return float((scores.argmax(1) == labels).double().mean())
