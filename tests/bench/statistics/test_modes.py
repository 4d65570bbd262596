"""Whether values have two modes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.statistics.modes import CRITICAL, excess_mass, two_modes

APART = math.log(1.05)


def heaps(distance: float, upper: int = 50, noise: float = 0.01) -> list[float]:
    """A hundred values around 0, so many of them around the distance instead."""
    chance = np.random.default_rng(0)
    places = [0.0] * (100 - upper) + [distance] * upper
    return [place + float(chance.normal(0.0, noise)) for place in places]


def test_two_heaps_have_their_places_and_the_share_of_the_upper() -> None:
    found = two_modes(heaps(0.5, 30), 100, APART)
    assert found is not None
    assert (0.0, 0.5) == pytest.approx((found.low, found.high), abs=0.01)
    assert 0.3 == found.upper
    assert found.low < found.border < 0.4


def test_two_single_values_have_half_of_the_mass_to_move() -> None:
    assert 0.5 == pytest.approx(excess_mass([1.0] * 50 + [2.0] * 50))


@pytest.mark.parametrize("places", [[1.0, 1.0, 1.0, 1.0], [1.0], []])
def test_values_without_spread_have_one_mode(places: list[float]) -> None:
    assert two_modes(places, 100, APART) is None


def test_what_is_apart_by_less_than_matters_is_one_mode() -> None:
    assert two_modes(heaps(0.04, noise=0.001), 100, APART) is None
    assert two_modes(heaps(0.06, noise=0.001), 100, APART) is not None


def test_a_few_slow_values_are_no_mode() -> None:
    assert two_modes(heaps(0.5, 10), 100, APART) is None


def test_a_heavy_tail_is_no_mode() -> None:
    tail = np.random.default_rng(1).pareto(1.2, 1000).tolist()
    assert two_modes(tail, 1000, APART) is None


def test_a_thousand_values_of_nine_processes_are_nine_observations() -> None:
    values = heaps(0.5, 40) * 10
    assert two_modes(values, 1000, APART) is not None
    assert two_modes(values, 9, APART) is None


@pytest.mark.parametrize("n", [9, 36, 72])
@pytest.mark.parametrize("shape", ["uniform", "normal", "lognormal"])
def test_of_a_thousand_draws_with_one_mode_at_most_three_have_so_much_to_move(n: int, shape: str) -> None:
    draw = getattr(np.random.default_rng(2), shape)
    assert 3 >= sum(excess_mass(draw(size=n)) > CRITICAL / math.sqrt(n) for _ in range(1000))
