"""Random effects: against published results, and in the cases that have a closed form."""

from __future__ import annotations

import math

import pytest
from scipy import stats as scipy_stats

from bench.statistics.pooled import Estimate, PooledEffect, pooled

BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)
"""Tuberculosis with and without, of the vaccinated and of others, in 13 trials (Colditz et al. 1994, JAMA 271)."""


def log_risk_ratio(a: int, b: int, c: int, d: int) -> Estimate:
    ratio = (a / (a + b)) / (c / (c + d))
    return Estimate(math.log(ratio), math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))


def of(*means: float, error: float = 1.0) -> PooledEffect:
    found = pooled([Estimate(mean, error) for mean in means])
    assert found is not None
    return found


def test_mean_and_variance_between_trials_are_the_published_ones_of_dersimonian_and_laird() -> None:
    # metafor's test "metan vs rma.uni with dat.bcg": -0.7141 with the method DL, whose tau^2 is 0.3088
    found = pooled([log_risk_ratio(*row) for row in BCG])
    assert found is not None
    assert (-0.7141, 0.3088) == pytest.approx((found.mean, found.between**2), abs=5e-5)


def test_equal_errors_give_students_interval_of_the_studies_means() -> None:
    # with equal weights Hartung and Knapp's interval is that of a plain sample
    means = (1.0, 4.0, 9.0, 16.0)
    expected = scipy_stats.t.interval(0.95, 3, 7.5, scipy_stats.sem(means))
    found = of(*means, error=0.1)
    assert expected == pytest.approx((found.interval.low, found.interval.high))


def test_equal_errors_leave_between_studies_what_they_do_not_explain() -> None:
    # variance of the means 43 less that of their errors
    assert 43 - 0.25 == pytest.approx(of(1.0, 4.0, 9.0, 16.0, error=0.5).between ** 2)


def test_studies_that_agree_have_no_variance_between_them() -> None:
    assert 0.0 == of(1.0, 1.1, 0.9).between


def test_studies_that_happen_to_agree_are_no_surer_than_their_own_errors() -> None:
    found = of(1.0, 1.0, 1.0, 1.0)
    half = scipy_stats.t.ppf(0.975, 3) / 2
    assert (1 - half, 1 + half) == pytest.approx((found.interval.low, found.interval.high))


def test_it_is_told_how_many_studies_are_higher() -> None:
    found = of(1.0, -0.1, 0.0, 2.0)
    assert (2, 4) == (found.higher, found.n)


def test_one_study_is_not_pooled() -> None:
    assert pooled([Estimate(1.0, 1.0)]) is None


def test_a_study_without_a_standard_error_is_refused() -> None:
    with pytest.raises(ValueError, match="standard error"):
        pooled([Estimate(1.0, 0.0), Estimate(1.0, 1.0)])
