"""Figures of a classifier: accuracy, chance, F1, likelihood, calibration, confusion."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, top_k_accuracy_score

from bench.cell import canonical
from bench.learning.evaluation.figures import (
    against_chance,
    calibration_error,
    confused_pairs,
    confusion,
    confusion_details,
    correctness,
    macro_f1,
    nll,
    top_k,
)


def scores(*answers: int, classes: int = 3) -> torch.Tensor:
    return torch.eye(classes)[list(answers)]


def test_each_image_is_right_or_wrong() -> None:
    assert (1.0, 0.0, 1.0) == correctness(scores(0, 0, 2), torch.tensor([0, 1, 2]))


def test_chance_is_the_share_of_the_largest_class() -> None:
    assert 0.75 == against_chance((1.0,), torch.tensor([0, 0, 0, 1])).chance


def told(right: int, n: int) -> bool | None:
    """Whether a training has started that answers so many of the images of two equal classes rightly."""
    return against_chance((1.0,) * right + (0.0,) * (n - right), torch.arange(n) % 2).started


def test_a_record_says_that_a_training_started_that_it_did_not_or_nothing() -> None:
    assert [True, False, None] == [told(17, 20), told(9, 20), told(15, 20)]


def test_the_exact_probability_of_nine_heads_in_ten_is_told() -> None:
    # 11 / 1024, and 1 / 1024 for ten
    how = against_chance((1.0,) * 9 + (0.0,), torch.arange(10) % 2).how
    assert (True, True) == ("p=0.011" in how, "of all right 0.00098" in how)


def test_macro_f1_is_the_mean_of_the_classes_that_have_test_images() -> None:
    # class 0: 2*1/(2+1), class 1: 2*1/(1+2), class 2: no image of it is among those for testing
    found = macro_f1(scores(0, 0, 1), torch.tensor([0, 1, 1]), 3)
    assert (2 / 3 + 2 / 3) / 2 == pytest.approx(found)


def test_macro_f1_counts_a_class_that_is_never_named_as_zero() -> None:
    # class 0: 2*1/(2+1), class 1: none of its images is named so
    assert (2 / 3 + 0) / 2 == pytest.approx(macro_f1(scores(0, 0), torch.tensor([0, 1]), 2))


def test_even_logits_have_the_likelihood_of_a_guess() -> None:
    assert math.log(3) == pytest.approx(nll(torch.zeros(2, 3), torch.tensor([0, 2])))


def test_one_of_the_first_five_answers_counts_as_an_independent_implementation_counts_it() -> None:
    generator = torch.Generator().manual_seed(0)
    found, labels = torch.randn(200, 8, generator=generator), torch.randint(8, (200,), generator=generator)
    expected = top_k_accuracy_score(labels.numpy(), found.numpy(), k=5, labels=range(8))
    assert expected == pytest.approx(top_k(found, labels))


def test_five_answers_of_five_classes_say_nothing() -> None:
    assert top_k(scores(0, 1, classes=5), torch.tensor([0, 2])) is None


def test_a_row_of_the_confusion_matrix_is_a_true_class() -> None:
    answers, labels = torch.tensor([0, 2, 2, 1]), torch.tensor([0, 0, 2, 2])
    expected = confusion_matrix(labels.numpy(), answers.numpy(), labels=range(3))
    assert expected.tolist() == confusion(scores(*answers.tolist()), labels, 3).tolist()


def test_the_most_confused_pairs_lead_and_right_answers_are_none() -> None:
    table = np.array([[9, 1, 0], [3, 5, 0], [0, 2, 7]])
    assert [(1, 0, 3), (2, 1, 2)] == confused_pairs(table, 2)


def test_a_matrix_without_mistakes_confuses_nothing() -> None:
    assert [] == confused_pairs(np.eye(3, dtype=int), 5)


def test_a_record_keeps_every_entry_of_a_small_matrix_with_the_names_of_its_classes() -> None:
    found = confusion_details(np.array([[2, 1], [0, 3]]), ("cat", "dog"))
    assert {
        "classes": 2,
        "whole": True,
        "entries": [[0, 0, 2], [0, 1, 1], [1, 1, 3]],
        "names": {"0": "cat", "1": "dog"},
    } == found


def test_a_record_keeps_the_largest_mistakes_alone_of_a_large_matrix() -> None:
    table = np.diag(np.full(1000, 50)) + np.ones((1000, 1000), int)
    table[7, 8] = 9
    found = confusion_details(table, tuple(f"class {i}" for i in range(1000)))
    assert (False, [7, 8, 9], 100) == (found["whole"], found["entries"][0], len(found["entries"]))
    assert 10_000 > len(canonical(found))


def test_sure_and_right_is_calibrated() -> None:
    assert 0 == pytest.approx(calibration_error(100 * scores(0, 1), torch.tensor([0, 1])))


def test_sure_and_wrong_is_off_by_one() -> None:
    assert 1 == pytest.approx(calibration_error(100 * scores(0, 1), torch.tensor([1, 0])))


def logits_of(confidence: float) -> list[float]:
    return [math.log(confidence), math.log(1 - confidence)]


def test_the_calibration_error_weighs_the_gap_of_each_bin_by_its_images() -> None:
    # three images at 0.61, two of them right; one at 0.92, wrong
    logits = torch.tensor([logits_of(0.61)] * 3 + [logits_of(0.92)], dtype=torch.float64)
    expected = 3 / 4 * abs(2 / 3 - 0.61) + 1 / 4 * 0.92
    assert expected == pytest.approx(calibration_error(logits, torch.tensor([0, 0, 1, 1])))


def test_gaps_of_one_bin_cancel_and_those_of_two_bins_do_not() -> None:
    # right at 0.61 and wrong at 0.65, both between 9/15 and 10/15
    logits = torch.tensor([logits_of(0.61), logits_of(0.65)], dtype=torch.float64)
    found = [calibration_error(logits, torch.tensor([0, 1]), bins=bins) for bins in (15, 100)]
    assert [abs(0.39 - 0.65) / 2, (0.39 + 0.65) / 2] == pytest.approx(found)


def test_a_confidence_on_a_border_belongs_to_the_bin_below() -> None:
    logits = torch.tensor([logits_of(0.75), logits_of(0.7500001)], dtype=torch.float64)
    assert (0.25 + 0.75) / 2 == pytest.approx(calibration_error(logits, torch.tensor([0, 1]), bins=4), abs=1e-6)
