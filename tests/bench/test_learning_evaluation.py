"""Figures of a classifier: accuracy, chance, F1, likelihood."""

import math

import pytest
import torch

from bench.learning.evaluation import correctness, macro_f1, nll, start


def scores(*answers: int, classes: int = 3) -> torch.Tensor:
    return torch.eye(classes)[list(answers)]


def test_each_image_is_right_or_wrong() -> None:
    assert (1.0, 0.0, 1.0) == correctness(scores(0, 0, 2), torch.tensor([0, 1, 2]))


def test_chance_is_the_share_of_the_largest_class() -> None:
    assert 0.75 == start((1.0,), torch.tensor([0, 0, 0, 1])).chance


def test_fifteen_of_twenty_coins_are_not_yet_skill_and_seventeen_are() -> None:
    labels = torch.arange(20) % 2
    verdicts = [start((1.0,) * right + (0.0,) * (20 - right), labels).started for right in (15, 17)]
    assert [False, True] == verdicts


def test_the_exact_probability_of_nine_heads_in_ten_is_told() -> None:
    # 11 / 1024
    assert "p=0.011" in start((1.0,) * 9 + (0.0,), torch.arange(10) % 2).how


def test_nothing_right_has_not_started() -> None:
    assert not start((0.0,) * 10, torch.arange(10) % 2).started


def test_macro_f1_is_the_mean_of_the_classes() -> None:
    # class 0: 2*1/(2+1), class 1: 2*1/(1+2), class 2: never met nor named
    found = macro_f1(scores(0, 0, 1), torch.tensor([0, 1, 1]), 3)
    assert (2 / 3 + 2 / 3 + 0) / 3 == pytest.approx(found)


def test_even_logits_have_the_likelihood_of_a_guess() -> None:
    assert math.log(3) == pytest.approx(nll(torch.zeros(2, 3), torch.tensor([0, 2])))
