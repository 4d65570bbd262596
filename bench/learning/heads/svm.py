"""The linear support vector machine on frozen features."""

from __future__ import annotations

import warnings

import numpy as np

from bench.lazy import lazy
from bench.learning.heads.head import Head, HeadTask, Standard, accuracy, per_class
from bench.learning.seeds import stream

svm = lazy("sklearn.svm")
exceptions = lazy("sklearn.exceptions")

LEAST, MOST = 1e-4, 1e-1
"""Range of C."""
USUAL = 4
"""Values of C where nobody says how many."""
ITERATIONS = 5000
TOLERANCE = 1e-2
"""Stopping criterion of liblinear, whose own default is 0.1; scikit-learn's 1e-4 takes twice the time."""


def fit(task: HeadTask, c: float) -> Head:
    """Linear support vector machine (liblinear, squared hinge, one against the rest) on standardised features."""
    features, labels = task.train.own
    standard = Standard.of(features)
    machine = svm.LinearSVC(
        C=c,
        dual="auto",
        tol=TOLERANCE,
        max_iter=ITERATIONS,
        random_state=stream("svm", task.seed, task.fold),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", exceptions.ConvergenceWarning)
        machine.fit(standard.apply(features).numpy(), labels.numpy())
    coef, intercept = machine.coef_, np.atleast_1d(machine.intercept_)
    if len(machine.classes_) == 2:  # of which liblinear keeps one row
        coef, intercept = np.concatenate([-coef, coef]), np.concatenate([-intercept, intercept])
    weight, bias = standard.folded(*per_class(coef, intercept, machine.classes_, task.classes))
    unseen, truth = task.val.own
    val = accuracy(unseen @ weight.T + bias, truth)
    return Head(weight, bias, (), val, c, notes=tuple(f"SVM with C={c:g}: {w.message}" for w in caught))
