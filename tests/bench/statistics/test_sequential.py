"""The rule: what is a regression, what is fine, what cannot be told."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from bench.statistics import signed_rank
from bench.statistics.sequential import Decision, SequentialRule, band_of

QUIET = (0.002, -0.001, 0.001, -0.002, 0.0015, -0.0005, 0.0005, -0.0015, 0.001)


def logs(share: float) -> tuple[float, ...]:
    """Nine pairs of a head that is slower by a share, and a little noise."""
    return tuple(math.log1p(share) + noise for noise in QUIET)


def decided(share: float, twins: tuple[float, ...] = QUIET) -> Decision:
    return SequentialRule(1).decide(logs(share), twins)


@pytest.mark.parametrize(
    ("share", "answer"),
    [(0.05, "regression"), (0.03, "regression"), (0.0, "fine"), (0.008, "fine"), (-0.05, "improvement")],
)
def test_nine_quiet_pairs_tell_how_a_cell_has_changed(share: float, answer: str) -> None:
    assert answer == decided(share).answer


def test_what_is_slower_by_less_than_a_percent_is_no_regression_however_sure() -> None:
    assert "fine" == decided(0.009).answer


def test_a_base_that_differs_from_itself_by_five_percent_hides_a_slowdown_of_four() -> None:
    restless = tuple(math.log1p(0.05) * sign for sign in (1, -1, 1, -1, 1, -1, 1, -1, 1))
    assert "regression" == decided(0.04).answer
    assert "undecided" == decided(0.04, restless).answer


def test_between_two_looks_nothing_is_decided() -> None:
    rule = SequentialRule(1)
    assert 8 not in rule.looks
    assert "undecided" == rule.decide(logs(0.5)[:8], QUIET[:8]).answer


def test_noise_that_hides_three_percent_leaves_it_undecided() -> None:
    wide = (0.09, -0.08, 0.1, -0.07, 0.05, -0.06, 0.08, -0.09, 0.01)
    assert "undecided" == SequentialRule(1).decide(wide, QUIET).answer


@pytest.mark.parametrize("cells", [1, 5, 20, 200])
def test_the_first_look_for_a_change_can_reach_the_level_of_one_cell_among_many(cells: int) -> None:
    rule = SequentialRule(cells)
    assert signed_rank.smallest_p(rule.looks[1]) <= rule.level


def test_more_cells_take_more_pairs_to_find_a_change() -> None:
    assert [9, 12, 15] == [SequentialRule(cells).looks[1] for cells in (1, 10, 100)]


def test_more_cells_take_no_more_pairs_to_be_plainly_fine() -> None:
    assert {6} == {SequentialRule(cells).early for cells in (1, 10, 100)}


def test_the_looks_for_a_change_in_all_cells_together_keep_the_error_of_the_run() -> None:
    rule = SequentialRule(7)
    assert rule.alpha == pytest.approx(rule.level * 7 * len(rule.looks[1:]))


def test_the_early_look_and_the_others_together_keep_the_chance_of_a_miss() -> None:
    rule = SequentialRule(4)
    others = rule.level_of_fine * len(rule.looks[1:])
    assert rule.miss == pytest.approx(signed_rank.smallest_p(rule.early) + others)


EARLY = (0.002, -0.001, 0.001, -0.002, 0.0015, -0.0005)


def early(share: float) -> str:
    """The answer after six quiet pairs of a head that is slower by a share."""
    return SequentialRule(4).decide([math.log1p(share) + noise for noise in EARLY], EARLY).answer


def test_six_quiet_pairs_are_enough_for_what_has_not_changed() -> None:
    assert "fine" == early(0.0)


@pytest.mark.parametrize("share", [0.03, 0.5, -0.03, -0.5])
def test_after_six_pairs_a_change_is_neither_fine_nor_decided(share: float) -> None:
    assert "undecided" == early(share)


def test_one_early_pair_that_is_far_off_waits_for_more() -> None:
    assert "undecided" == SequentialRule(4).decide((*EARLY[:5], 0.025), EARLY).answer


def test_the_ratio_is_that_of_head_over_base() -> None:
    assert 1.05 == pytest.approx(decided(0.05).ratio, abs=0.001)


def test_the_band_is_the_far_end_of_the_interval_of_base_against_itself() -> None:
    found = signed_rank.interval(QUIET)
    assert found is not None
    assert math.expm1(max(abs(found.low), abs(found.high))) == pytest.approx(band_of(QUIET))


def test_too_few_twins_give_the_farthest_of_them_as_the_band() -> None:
    assert 0.02 == pytest.approx(band_of([math.log1p(0.02), 0.01]))


def test_without_twins_there_is_no_band() -> None:
    assert 0.0 == band_of([])


def test_a_spread_that_doubled_in_every_pair_is_erratic() -> None:
    assert SequentialRule(1).is_erratic(logs(1.0), QUIET)


def test_a_spread_that_grew_by_less_than_half_is_not_erratic_however_sure() -> None:
    assert not SequentialRule(1).is_erratic(logs(0.45), QUIET)


def test_a_base_whose_spread_doubles_and_halves_hides_a_head_of_twice_the_spread() -> None:
    restless = tuple(math.log(2.1) * sign for sign in (1, -1, 1, -1, 1, -1, 1, -1, 1))
    assert not SequentialRule(1).is_erratic(logs(1.0), restless)


def test_between_two_looks_no_spread_is_decided() -> None:
    assert not SequentialRule(1).is_erratic(logs(1.0)[:8], QUIET[:8])


def test_of_300_runs_with_spreads_that_vary_by_half_at_most_one_in_a_hundred_is_erratic() -> None:
    chance = random.Random(4)
    runs = [[(chance.gauss(0.0, 0.5), chance.gauss(0.0, 0.6)) for _ in range(18)] for _ in range(300)]
    found = [
        any(
            SequentialRule(1).is_erratic([a for a, _ in run[:look]], [b for _, b in run[:look]])
            for look in SequentialRule(1).looks
        )
        for run in runs
    ]
    assert 3 >= sum(found)


def runs_of(rule: SequentialRule, draw: Callable[[], tuple[float, float]]) -> str:
    """The answer of a cell whose pairs are drawn until it is decided."""
    pairs: list[float] = []
    twins: list[float] = []
    while not rule.is_last(len(pairs)):
        pair, twin = draw()
        pairs.append(pair)
        twins.append(twin)
        answer = rule.decide(pairs, twins).answer
        if answer != "undecided":
            return answer
    return "undecided"


def noisy(chance: random.Random, share: float) -> Callable[[], tuple[float, float]]:
    """Pairs of a noisy machine: most within a percent or two, one in ten far off."""

    def draw() -> tuple[float, float]:
        spread = 0.08 if chance.random() < 0.1 else 0.015
        return chance.gauss(math.log1p(share), spread), chance.gauss(0.0, spread)

    return draw


def test_of_300_runs_in_which_nothing_changed_none_is_red() -> None:
    draw = noisy(random.Random(1), 0.0)
    assert 0 == sum("regression" == runs_of(SequentialRule(1), draw) for _ in range(300))


def test_of_300_runs_at_the_very_edge_at_most_one_in_a_hundred_is_red() -> None:
    draw = noisy(random.Random(2), 0.01)
    assert 3 >= sum("regression" == runs_of(SequentialRule(1), draw) for _ in range(300))


def test_of_300_slowdowns_of_what_is_noticed_five_in_a_hundred_are_fine_at_most() -> None:
    draw = noisy(random.Random(4), 0.03)
    assert 15 >= sum("fine" == runs_of(SequentialRule(4), draw) for _ in range(300))


def test_of_100_slowdowns_of_five_percent_ninety_five_are_seen_on_a_noisy_machine() -> None:
    draw = noisy(random.Random(3), 0.05)
    assert 95 <= sum("regression" == runs_of(SequentialRule(1), draw) for _ in range(100))


def test_an_early_cell_whose_spread_looks_new_waits_for_a_later_look() -> None:
    quiet = (0.001, -0.002, 0.0, 0.003, -0.001, 0.002)
    assert "fine" == SequentialRule(1).decide(quiet, quiet, [0.1] * 6).answer
    assert "undecided" == SequentialRule(1).decide(quiet, quiet, [0.6] * 6).answer
