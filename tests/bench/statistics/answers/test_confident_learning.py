"""Labels in doubt, by confident learning."""

from __future__ import annotations

import pytest

from bench.statistics.answers.confident_learning import likelier_class, thresholds

LEAST = {0: 0.9, 1: 0.6, 2: 0.3}


def test_a_threshold_is_the_mean_self_confidence_of_a_class_over_all_folds() -> None:
    assert {0: pytest.approx(0.7), 1: pytest.approx(0.5)} == thresholds([(0, 3, 2.4), (1, 2, 1.0), (0, 1, 0.4)])


def test_a_label_is_in_doubt_where_another_class_reaches_its_threshold() -> None:
    assert [1, None] == [likelier_class(0.2, [(1, p)], LEAST) for p in (0.6, 0.59)]


def test_no_label_is_in_doubt_that_is_more_probable_than_the_other_class() -> None:
    assert likelier_class(0.4, [(2, 0.35)], LEAST) is None


def test_of_several_classes_that_reach_their_thresholds_the_most_probable_is_meant() -> None:
    assert 1 == likelier_class(0.0, [(2, 0.31), (1, 0.65)], {1: 0.6, 2: 0.3})


def test_a_less_probable_class_is_meant_where_it_alone_reaches_its_threshold() -> None:
    assert 2 == likelier_class(0.05, [(0, 0.55), (2, 0.4)], LEAST)


def test_no_image_is_taken_for_one_of_a_class_of_which_there_are_no_images() -> None:
    assert likelier_class(0.1, [(3, 0.9)], LEAST) is None


def test_rules_of_the_paper_on_a_table_of_probabilities() -> None:
    """Each image by hand: 0 of class 0 looks like 1 as much as those of 1 do on the average, and no other does."""
    probabilities = [([0.1, 0.9], 0), ([0.9, 0.1], 0), ([0.4, 0.6], 0), ([0.2, 0.8], 1), ([0.3, 0.7], 1)]
    least = thresholds((label, 1, row[label]) for row, label in probabilities)
    assert {0: pytest.approx(1.4 / 3), 1: pytest.approx(0.75)} == least
    found = [
        likelier_class(row[label], [(c, p) for c, p in enumerate(row) if c != label], least)
        for row, label in probabilities
    ]
    assert [1, None, None, None, None] == found
