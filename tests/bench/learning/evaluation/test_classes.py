"""Figures class by class: recalls, balanced accuracy, average precision."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, balanced_accuracy_score

from bench.learning.evaluation.classes import average_precision, balanced_accuracy, recalls
from bench.learning.evaluation.figures import confusion

UNEQUAL = np.array([[90, 5, 5], [4, 6, 0], [0, 0, 0]])
"""Images of two classes, 100 and 10, and of a third that no test image has."""


def answered(n: int, classes: int, seed: int = 0, steps: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Random logits, better than chance, with labels of unequal classes; of so many different values, if any."""
    generator = torch.Generator().manual_seed(seed)
    labels = (torch.rand(n, generator=generator) ** 2 * classes).long()
    logits = torch.randn(n, classes, generator=generator, dtype=torch.float64)
    logits[torch.arange(n), labels] += 1
    return (logits * steps).round() / steps if steps else logits, labels


def test_a_recall_has_the_name_the_right_answers_and_the_images_of_its_class() -> None:
    assert [["cat", 90, 100], ["dog", 6, 10]] == recalls(UNEQUAL, ("cat", "dog", "emu"))


def test_a_class_without_a_name_goes_by_its_number() -> None:
    assert ["0", "1"] == [name for name, *_ in recalls(UNEQUAL)]


def test_balanced_accuracy_is_the_mean_recall_of_the_classes_that_are_met() -> None:
    assert (0.9 + 0.6) / 2 == pytest.approx(balanced_accuracy(UNEQUAL))


def test_always_naming_the_largest_class_is_chance_in_balanced_accuracy() -> None:
    assert 0.5 == balanced_accuracy(np.array([[99, 0], [1, 0]]))


def test_balanced_accuracy_is_scikit_learns() -> None:
    logits, labels = answered(300, 5)
    expected = balanced_accuracy_score(labels.numpy(), logits.argmax(1).numpy())
    assert expected == pytest.approx(balanced_accuracy(confusion(logits, labels, 5)), abs=1e-12)


@pytest.mark.parametrize("steps", [0, 1, 3], ids=["no ties", "many ties", "ties"])
@pytest.mark.parametrize("classes", [2, 5])
def test_average_precision_is_scikit_learns(classes: int, steps: int) -> None:
    margins, labels = answered(300, classes, steps=steps)
    every = np.eye(classes)[labels.numpy()]
    expected = average_precision_score(every, margins.numpy(), average="macro")
    assert expected == pytest.approx(average_precision(margins, labels, probabilistic=False), abs=1e-12)


def test_average_precision_of_logits_is_scikit_learns_of_their_probabilities() -> None:
    logits, labels = answered(300, 5)
    every = np.eye(5)[labels.numpy()]
    expected = average_precision_score(every, logits.softmax(1).numpy(), average="macro")
    assert expected == pytest.approx(average_precision(logits, labels, probabilistic=True), abs=1e-12)


def test_a_constant_of_an_images_logits_does_not_change_its_average_precision() -> None:
    logits, labels = answered(100, 4)
    shifted = logits + 30 * torch.randn(100, 1, generator=torch.Generator().manual_seed(1))
    found = [average_precision(some, labels, probabilistic=True) for some in (logits, shifted)]
    assert found[0] == pytest.approx(found[1], abs=1e-9)


def test_a_class_without_test_images_has_no_average_precision() -> None:
    margins, labels = answered(300, 4)
    labels[labels == 2] = 0
    kept = [0, 1, 3]
    every = np.eye(4)[labels.numpy()][:, kept]
    expected = average_precision_score(every, margins[:, kept].numpy(), average="macro")
    assert expected == pytest.approx(average_precision(margins, labels, probabilistic=False), abs=1e-12)


def test_a_perfect_order_has_an_average_precision_of_one() -> None:
    assert 1.0 == average_precision(torch.eye(3), torch.arange(3), probabilistic=False)


def test_answers_that_cannot_be_because_a_class_was_not_learnt_are_ordered_last() -> None:
    logits = torch.tensor([[2.0, 1.0, -torch.inf], [0.0, 1.0, -torch.inf]])
    assert 1.0 == average_precision(logits, torch.tensor([0, 1]), probabilistic=True)
