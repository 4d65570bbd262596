"""Heads on frozen features: softmax regression and the linear SVM."""

from collections.abc import Callable

import pytest
import torch

from bench.learning import heads
from bench.learning.heads import Head, HeadTask, Labelled, Standard, softmax_head, svm_head
from bench.learning.training import Recipe


def clouds(n: int, classes: int, seed: int, apart: float = 6.0) -> Labelled:
    """Gaussian clouds around fixed centres, in eight dimensions."""
    centres = torch.randn(classes, 8, generator=torch.Generator().manual_seed(99)) * apart
    labels = torch.arange(n) % classes
    noise = torch.randn(n, 8, generator=torch.Generator().manual_seed(seed))
    return Labelled(centres[labels] + noise, labels)


def task(classes: int = 3, apart: float = 6.0) -> HeadTask:
    return HeadTask(clouds(30, classes, 0, apart), clouds(60, classes, 1, apart), classes, seed=0, fold=0)


def softmax(some: HeadTask) -> Head:
    return softmax_head(some, Recipe(60, 0.01), 16, lambda progress: None)


HEADS = pytest.mark.parametrize("train", [softmax, svm_head])


@HEADS
@pytest.mark.parametrize("classes", [2, 3])
def test_a_head_tells_clouds_apart_that_lie_apart(train: Callable[[HeadTask], Head], classes: int) -> None:
    head = train(task(classes))
    unseen = clouds(90, classes, seed=2)
    assert unseen.labels.tolist() == head.scores(unseen.features).argmax(1).tolist()


@HEADS
def test_the_same_task_gives_the_same_head(train: Callable[[HeadTask], Head]) -> None:
    assert train(task()).weight.equal(train(task()).weight)


@HEADS
def test_the_strongest_regularisation_wins_a_tie(train: Callable[[HeadTask], Head]) -> None:
    head = train(task(apart=60.0))
    assert 1.0 == head.val
    assert head.strength == (heads.WEIGHT_DECAYS[0] if train is softmax else heads.CS[0])


@HEADS
def test_the_strength_that_validates_best_is_chosen(train: Callable[[HeadTask], Head]) -> None:
    hard = task(apart=0.7)
    chosen = train(hard)
    scores = chosen.scores(hard.val.features)
    assert chosen.val == pytest.approx(float((scores.argmax(1) == hard.val.labels).double().mean()))


def test_a_head_has_a_weight_per_class_and_feature_and_a_bias_per_class() -> None:
    assert 3 * 8 + 3 == svm_head(task()).trainable


def test_a_class_that_was_not_learnt_is_never_answered() -> None:
    two_of_four = HeadTask(clouds(30, 2, 0), clouds(30, 2, 1), 4, seed=0, fold=0)
    assert {0, 1} == set(svm_head(two_of_four).scores(torch.randn(200, 8) * 9).argmax(1).tolist())


def test_an_svm_that_did_not_converge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "SVM_ITERATIONS", 1)
    monkeypatch.setattr(heads, "CS", (1.0,))
    assert "SVM with C=1: Liblinear failed to converge" in svm_head(task(apart=0.5)).notes[0]


def test_a_folded_standardisation_gives_the_same_scores() -> None:
    features = clouds(40, 3, 0).features
    standard = Standard.of(features)
    weight, bias = torch.randn(3, 8), torch.randn(3)
    folded = Standard.folded(standard, weight, bias)
    expected = standard.apply(features) @ weight.T + bias
    assert torch.allclose(expected, features @ folded[0].T + folded[1], atol=1e-4)


def test_standardised_features_have_mean_zero_and_deviation_one() -> None:
    ready = Standard.of(features := clouds(40, 3, 0).features).apply(features)
    assert torch.allclose(torch.zeros(8), ready.mean(0), atol=1e-5)
    assert torch.allclose(torch.ones(8), ready.std(0, correction=0), atol=1e-5)


def test_a_feature_that_is_constant_in_training_is_not_blown_up() -> None:
    features = torch.cat([torch.randn(20, 3), torch.zeros(20, 1)], 1)
    ready = Standard.of(features).apply(torch.ones(1, 4))
    assert abs(float(ready[0, 3])) < 100
