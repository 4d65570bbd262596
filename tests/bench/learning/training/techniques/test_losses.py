"""The loss of a batch against torch's own and against the formula of class weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from bench.learning.training.techniques.losses import class_weights, mean_loss

LABELS = torch.tensor([0] * 6 + [1] * 3 + [2])
SCORES = torch.randn(len(LABELS), 3, generator=torch.Generator().manual_seed(0))


def test_class_weights_are_those_that_scikit_learn_calls_balanced() -> None:
    expected = compute_class_weight("balanced", classes=np.arange(3), y=LABELS.numpy())
    assert expected.tolist() == pytest.approx(class_weights(LABELS, 3).tolist())


def test_images_count_one_in_the_mean() -> None:
    assert 1.0 == pytest.approx(float(class_weights(LABELS, 3)[LABELS].mean()))


def test_equal_classes_have_weights_of_exactly_one() -> None:
    assert [1.0, 1.0, 1.0] == class_weights(torch.arange(3).repeat(7), 3).tolist()


def test_a_weighted_loss_is_torchs() -> None:
    weights = class_weights(LABELS, 3)
    expected = functional.cross_entropy(SCORES, LABELS, weight=weights)
    torch.testing.assert_close(mean_loss(SCORES, LABELS, weights=weights), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, class_weights(LABELS, 3)], ids=["plain", "weighted"])
def test_classes_and_their_shares_give_one_loss(smoothing: float, weights: torch.Tensor | None) -> None:
    shares = functional.one_hot(LABELS, 3).float()
    torch.testing.assert_close(
        mean_loss(SCORES, LABELS, smoothing, weights), mean_loss(SCORES, shares, smoothing, weights)
    )


def test_a_smoothed_loss_is_that_of_smoothed_shares() -> None:
    shares = 0.9 * functional.one_hot(LABELS, 3).float() + 0.1 / 3
    torch.testing.assert_close(mean_loss(SCORES, LABELS, 0.1), functional.cross_entropy(SCORES, shares))


@pytest.mark.parametrize("shares", [LABELS, functional.one_hot(LABELS, 3).float()], ids=["classes", "shares"])
def test_the_loss_of_16_bits_is_taken_in_32(shares: torch.Tensor) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        found = mean_loss(SCORES.bfloat16(), shares, 0.1, class_weights(LABELS, 3))
    assert torch.float32 == found.dtype
    assert mean_loss(SCORES.bfloat16().float(), shares, 0.1, class_weights(LABELS, 3)).equal(found)
