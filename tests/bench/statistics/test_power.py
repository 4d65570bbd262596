"""How many pairs would decide: against simulation, closed forms and the limits of what pairs can do."""

from __future__ import annotations

import math
import random

import pytest
from scipy import stats as scipy_stats

from bench.statistics import intervals as stats
from bench.statistics.power import runs_to_decide


def difference(mean: float, spread: float, n: int = 5) -> stats.PairedDifference:
    return stats.PairedDifference(mean, None, 0.5, n, spread)


def test_the_textbook_example_of_a_medium_effect_needs_34_pairs() -> None:
    # d = 0.5, two-sided 5 %, power 80 %: Cohen's tables, and every program of power
    assert 34 == runs_to_decide(difference(0.5, 1.0))


@pytest.mark.parametrize(("mean", "n"), [(0.2, 199), (0.8, 15), (-0.8, 15)])
def test_other_effects_need_what_tables_of_power_say(mean: float, n: int) -> None:
    assert n == runs_to_decide(difference(mean, 1.0))


def test_so_many_pairs_decide_as_often_as_promised() -> None:
    n = runs_to_decide(difference(0.9, 1.0))
    assert n is not None
    generator = random.Random(2)
    decided = 0
    for _ in range(2000):
        pairs = [(0.0, generator.gauss(0.9, 1.0)) for _ in range(n)]
        decided += stats.paired_difference(pairs).verdict != stats.UNDECIDED
    assert 0.8 <= decided / 2000 + 0.02


def test_a_stricter_level_needs_more_pairs() -> None:
    loose, strict = runs_to_decide(difference(0.5, 1.0)), runs_to_decide(difference(0.5, 1.0), level=0.005)
    assert loose is not None and strict is not None
    assert loose < strict


def test_a_difference_that_towers_above_its_spread_needs_few_pairs() -> None:
    assert 3 == runs_to_decide(difference(1.0, 0.1))


def test_no_number_of_pairs_decides_a_difference_of_zero() -> None:
    assert runs_to_decide(difference(0.0, 1.0)) is None


def test_pairs_without_spread_do_not_tell() -> None:
    assert runs_to_decide(stats.paired_difference([(0.8, 0.9)])) is None


def test_overlapping_folds_need_more_pairs() -> None:
    apart, overlapping = (runs_to_decide(difference(1.0, 1.0), test_to_train=ratio) for ratio in (0.0, 0.05))
    assert apart is not None and overlapping is not None
    assert apart < overlapping


def test_folds_that_overlap_too_much_never_decide() -> None:
    # however many pairs, the mean is known no better than to spread * sqrt(test over train)
    floor = (scipy_stats.norm.ppf(0.975) + scipy_stats.norm.ppf(0.8)) * math.sqrt(0.25)
    assert runs_to_decide(difference(0.99 * floor, 1.0), test_to_train=0.25) is None
    assert runs_to_decide(difference(1.1 * floor, 1.0), test_to_train=0.25) is not None


def test_what_is_undecided_among_several_needs_more_pairs_than_it_has() -> None:
    generator = random.Random(3)
    for _ in range(50):
        found = stats.corrected(
            [
                stats.paired_difference([(0.0, generator.gauss(0.5, 1.0)) for _ in range(generator.randint(2, 9))])
                for _ in range(4)
            ]
        )
        needed = [(d.n, runs_to_decide(d, level=0.05 / 4)) for d in found if d.verdict == stats.UNDECIDED]
        assert [] == [(n, more) for n, more in needed if more is not None and more <= n]
