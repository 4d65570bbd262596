"""The bootstrap against scipy's own, and where there is nothing to resample."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy import stats as scipy_stats

from bench.statistics.resampling import bootstrap_interval


def test_the_bca_interval_agrees_with_an_independent_implementation() -> None:
    generator = random.Random(0)
    values = [generator.expovariate(1.0) for _ in range(25)]
    found = bootstrap_interval(values)
    expected = scipy_stats.bootstrap(
        (np.array(values),), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    assert found is not None
    assert "BCa bootstrap" == found.method
    assert (expected.low, expected.high) == pytest.approx((found.low, found.high), abs=0.03)


def test_equal_values_have_equal_intervals() -> None:
    assert bootstrap_interval([0.1, 0.3, 0.2]) == bootstrap_interval([0.1, 0.3, 0.2])


@pytest.mark.parametrize("values", [[], [0.1], [0.1, 0.1, 0.1], [0.1 + 0.2, 0.3]])
def test_values_without_spread_have_no_interval(values: list[float]) -> None:
    assert bootstrap_interval(values) is None


def test_two_values_bound_their_mean() -> None:
    found = bootstrap_interval([1.0, 2.0])
    assert found is not None
    assert (1.0, 2.0) == (found.low, found.high)


def test_a_long_tail_pulls_the_interval_its_way() -> None:
    found = bootstrap_interval([0.0] * 12 + [1.0, 2.0, 12.0])
    assert found is not None
    assert found.high - 1.0 > 1.0 - found.low


def test_the_interval_holds_nearly_as_often_as_it_says_and_less_often_of_few_values() -> None:
    generator = random.Random(1)
    held = {5: 0, 30: 0}
    for n in held:
        for _ in range(300):
            found = bootstrap_interval([generator.gauss(0.0, 1.0) for _ in range(n)], draws=1000)
            held[n] += found is not None and 0.0 in found
    assert 0.95 == pytest.approx(held[30] / 300, abs=0.04)
    assert held[5] < held[30]
