"""Logistic regression by L-BFGS on frozen features: linear probing as in CLIP and DINOv2."""

from __future__ import annotations

import warnings

import numpy as np
from torch import nn

from bench.lazy import lazy
from bench.learning.heads.head import Head, HeadTask, Standard, accuracy, per_class

linear_model = lazy("sklearn.linear_model")
exceptions = lazy("sklearn.exceptions")

LEAST, MOST = 1e-5, 1e2
"""Range of C, the inverse of the penalty. On standardised features a larger C changes no answer, and a smaller one
gives all classes about the same probability."""
USUAL = 8
"""Values of C where their number is not given: one per decade. CLIP tries 96 in twelve decades, DINOv2 45 in
eleven."""
ITERATIONS = 1000
"""Most iterations, as in CLIP (Radford et al. 2021, appendix A.3) and DINOv2 (`eval/log_regression.py`)."""
TOLERANCE = 1e-6
"""Largest component of the gradient of the mean loss at which L-BFGS stops. With scikit-learn's 1e-4 it stops so
early at weak penalties that their figures are those of a stronger one."""


def fit(task: HeadTask, c: float) -> Head:
    """Multinomial logistic regression with an L2 penalty of 1 / (2 C) |w|^2 beside the sum of the losses.

    In float64, as DINOv2 does: in float32 the last steps are lost in rounding. Features are standardised, as those
    of the other heads are, so that one range of C suits all networks.
    """
    features, labels = task.train.own
    standard = Standard.of(features)
    machine = linear_model.LogisticRegression(C=c, tol=TOLERANCE, max_iter=ITERATIONS)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", exceptions.ConvergenceWarning)
        machine.fit(standard.apply(features).double().numpy(), labels.numpy())
    coef, intercept = machine.coef_, np.atleast_1d(machine.intercept_)
    if len(machine.classes_) == 2:  # one row, the difference of the logits of both
        coef, intercept = np.concatenate([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
    weight, bias = standard.folded(*per_class(coef, intercept, machine.classes_, task.classes))
    unseen, truth = task.val.own
    logits = unseen @ weight.T + bias
    loss = float(nn.functional.cross_entropy(logits.double(), truth))
    notes = tuple(f"logistic regression with C={c:g}: {str(w.message).partition(chr(10))[0]}" for w in caught)
    return Head(weight, bias, (), accuracy(logits, truth), c, notes=notes, val_loss=loss)
