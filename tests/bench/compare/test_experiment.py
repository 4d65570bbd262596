"""Trainings that differ in one condition."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bench.compare.experiment import Paired, Training, advice, beats_all, corrected, overlap, paired


def seeds(*values: float) -> list[Training]:
    return [Training(value, fold=0, seed=seed) for seed, value in enumerate(values)]


def difference(base: Sequence[Training], treated: Sequence[Training]) -> Paired:
    found = paired(base, treated)
    assert found is not None
    return found


def test_trainings_of_the_same_seed_are_paired() -> None:
    found = difference(seeds(0.8, 0.7, 0.6), seeds(0.85, 0.75, 0.65)[1:])
    assert 2 == found.difference.n
    assert pytest.approx(0.05) == found.difference.mean


def test_trainings_without_a_common_seed_are_not_compared() -> None:
    assert paired(seeds(0.8), seeds(0.8, 0.9)[1:]) is None


def test_what_helps_alone_is_undecided_among_many() -> None:
    helps = difference(seeds(0.80, 0.70, 0.60), seeds(0.85, 0.76, 0.64))
    noise = difference(seeds(0.80, 0.70, 0.60), seeds(0.81, 0.68, 0.61))
    assert ("helps", "undecided at this n") == (
        corrected([helps])[0].difference.verdict,
        corrected([helps, *[noise] * 9])[0].difference.verdict,
    )


def test_folds_of_a_cross_validation_overlap() -> None:
    folds = [Training(0.8, fold, 0, folds=2, n_train=80, n_test=100) for fold in range(2)]
    assert 100 / 80 == overlap(folds)


def test_one_that_beats_every_rival_has_the_p_value_of_the_closest_one() -> None:
    best, close, far = seeds(0.80, 0.70, 0.60), seeds(0.78, 0.69, 0.57), seeds(0.60, 0.50, 0.41)
    assert difference(close, best).difference.p == beats_all([best], [close, far])


def test_of_two_candidates_either_may_win_so_that_chance_counts_twice() -> None:
    best, second, rival = seeds(0.80, 0.70, 0.60), seeds(0.60, 0.71, 0.52), seeds(0.60, 0.50, 0.41)
    alone = beats_all([best], [rival])
    assert alone is not None
    assert 2 * alone == beats_all([best, second], [rival])


@pytest.mark.parametrize(
    ("expected", "p", "wins"),
    [("confirmed", 0.01, True), ("refuted", 0.01, False), ("undecided", 0.2, True), ("undecided", None, False)],
)
def test_advice_is_confirmed_or_refuted_by_who_wins_beyond_chance(
    expected: str, p: float | None, wins: bool
) -> None:
    assert expected == advice(p, advised_wins=wins)


def test_who_has_no_rival_beats_nobody() -> None:
    assert beats_all([seeds(0.8)], []) is None
