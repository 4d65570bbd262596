"""Whether advice held."""

from __future__ import annotations

import pytest

from bench.compare.experiments.advice import advice, beats_all, difference_of
from tests.bench.compare.experiments.arms import seeds


def test_one_that_beats_every_rival_has_the_p_value_of_the_closest_one() -> None:
    best, close, far = seeds(0.80, 0.70, 0.60), seeds(0.78, 0.69, 0.57), seeds(0.60, 0.50, 0.41)
    closest = difference_of(close, best)
    assert closest is not None
    assert closest.p == beats_all([best], [close, far])


def test_of_two_candidates_either_may_win_so_that_chance_counts_twice() -> None:
    best, second, rival = seeds(0.80, 0.70, 0.60), seeds(0.60, 0.71, 0.52), seeds(0.60, 0.50, 0.41)
    alone = beats_all([best], [rival])
    assert alone is not None
    assert 2 * alone == beats_all([best, second], [rival])


def test_who_has_no_rival_beats_nobody() -> None:
    assert beats_all([seeds(0.8)], []) is None


def test_strategies_without_a_common_seed_have_no_difference() -> None:
    assert difference_of(seeds(0.8), seeds(0.8, 0.9)[1:]) is None


@pytest.mark.parametrize(
    ("expected", "p", "wins"),
    [("confirmed", 0.01, True), ("refuted", 0.01, False), ("undecided", 0.2, True), ("undecided", None, False)],
)
def test_advice_is_confirmed_or_refuted_by_who_wins_beyond_chance(
    expected: str, p: float | None, wins: bool
) -> None:
    assert expected == advice(p, advised_wins=wins)
