"""What the simulation of tuning shows, with a fixed seed."""

from dataclasses import replace

import numpy as np
import pytest

from tests.perf.tuning_fairness import CASES, Case, Told, simulated

NUMBER = 400
EQUAL, WIDER = CASES[0], CASES[1]


def told(case: Case) -> Told:
    return simulated(case, NUMBER, np.random.default_rng(7))


@pytest.mark.parametrize("case", [EQUAL, WIDER], ids=["equal plateaus", "a wider plateau"])
def test_what_is_told_of_a_tuned_network_is_what_its_weights_are_worth(case: Case) -> None:
    assert (0.0, 0.0) == pytest.approx(told(case).flattered, abs=0.3)


def test_of_equal_networks_neither_is_ahead() -> None:
    found = told(EQUAL)
    assert abs(found.ahead) < 3 * found.error
    assert max(found.answers["helps"], found.answers["hurts"]) < 0.04 * NUMBER


def test_a_network_that_more_learning_rates_suit_is_ahead_by_less_than_the_margin() -> None:
    found = told(WIDER)
    assert found.ahead < 1.0
    assert found.answers["helps"] < 0.06 * NUMBER


def test_without_tuning_it_is_far_ahead() -> None:
    assert told(replace(WIDER, trials=1)).ahead > 10


def test_by_the_images_that_chose_it_would_be_ahead_by_more_than_the_margin() -> None:
    found = told(replace(WIDER, by_validation=True))
    assert found.ahead > 1.0
    assert found.flattered[0] > found.flattered[1] + 1.0
