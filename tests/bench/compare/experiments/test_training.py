"""Trainings, how they pair, and how far their training sets overlap."""

from __future__ import annotations

from bench.compare.experiments.training import Training, overlap, pairs_of, training_of
from tests.bench.compare.experiments.arms import cell, seeds, trained


def test_trainings_of_the_same_seed_are_paired() -> None:
    assert [(0.7, 0.75), (0.6, 0.65)] == [
        (base.value, treated.value)
        for base, treated in pairs_of(seeds(0.8, 0.7, 0.6), seeds(0.85, 0.75, 0.65)[1:])
    ]


def test_pairs_are_in_order_of_seed_and_then_of_fold_whatever_ended_first() -> None:
    ended = [Training(0.5, fold, seed, folds=2) for fold, seed in ((1, 1), (0, 1), (1, 0), (0, 0))]
    pairs = pairs_of(ended, ended)
    assert [(0, 0), (0, 1), (1, 0), (1, 1)] == [(base.seed, base.fold) for base, _ in pairs]


def test_trainings_without_a_common_seed_are_not_paired() -> None:
    assert () == pairs_of(seeds(0.8), seeds(0.8, 0.9)[1:])


def test_a_record_tells_the_share_of_right_answers_and_how_many_images_there_were() -> None:
    record = trained(cell(seed=3, fold=1, folds=5), 0.75, images=8)
    assert Training(0.75, fold=1, seed=3, folds=5, n_train=50, n_test=8) == training_of(record)


def test_folds_of_a_cross_validation_overlap() -> None:
    folds = [Training(0.8, fold, 0, folds=2, n_train=80, n_test=100) for fold in range(2)]
    assert 100 / 80 == overlap(folds)


def test_seeds_with_a_test_split_of_their_own_do_not_overlap() -> None:
    assert 0.0 == overlap([Training(0.8, 0, seed, n_train=80, n_test=100) for seed in range(2)])
