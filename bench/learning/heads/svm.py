"""The linear support vector machine on frozen features."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from bench.lazy import lazy
from bench.learning.heads.head import Head, HeadTask, Standard, accuracy
from bench.learning.seeds import stream

svm = lazy("sklearn.svm")
exceptions = lazy("sklearn.exceptions")

CS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Penalties, the strongest regularisation first: it wins a tie."""
ITERATIONS = 5000
TOLERANCE = 1e-2
"""Stopping criterion of liblinear, whose own default is 0.1; scikit-learn's 1e-4 takes twice the time."""


def svm_head(task: HeadTask) -> Head:
    """Linear support vector machine (liblinear, squared hinge, one against the rest); validation picks C."""
    standard = Standard.of(task.train.own[0])
    best = max([_svm(task, standard, c) for c in CS], key=lambda head: head.val)
    if (again := task.again()) is None:
        return best
    last = _svm(again, Standard.of(again.train.own[0]), best.strength)
    return last.chosen_by(best)


def _svm(task: HeadTask, standard: Standard, c: float) -> Head:
    machine = svm.LinearSVC(
        C=c,
        dual="auto",
        tol=TOLERANCE,
        max_iter=ITERATIONS,
        random_state=stream("svm", task.seed, task.fold),
    )
    features, labels = task.train.own
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", exceptions.ConvergenceWarning)
        machine.fit(standard.apply(features).numpy(), labels.numpy())
    weight, bias = standard.folded(*_per_class(machine, task.classes))
    notes = tuple(f"SVM with C={c:g}: {w.message}" for w in caught)
    unseen, truth = task.val.own
    val = accuracy(unseen @ weight.T + bias, truth)
    return Head(weight, bias, (), val, c, notes=notes)


def _per_class(machine: Any, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """One row per class: of two classes, liblinear keeps one row only; of an absent class, none."""
    weight = np.zeros((classes, machine.coef_.shape[1]), np.float32)
    bias = np.full(classes, -np.inf, np.float32)
    coef, intercept = machine.coef_, np.atleast_1d(machine.intercept_)
    if len(machine.classes_) == 2:
        coef, intercept = np.concatenate([-coef, coef]), np.concatenate([-intercept, intercept])
    weight[machine.classes_], bias[machine.classes_] = coef, intercept
    return torch.from_numpy(weight), torch.from_numpy(bias)
