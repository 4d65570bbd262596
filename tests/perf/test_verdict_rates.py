"""The parts of the simulation of verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from bench.compare.experiments.rule import Design
from bench.statistics.looks import LOOKS
from tests.perf.verdict_rates import PLANS, SYMBOLS, accuracies, asked, recorded, seeded, told
from tests.perf.verdict_tables import (
    NETWORKS,
    ROWS,
    Noise,
    answers_of,
    changes_of,
    drawn,
    margin_of,
    sequence,
    truth_of,
    weighted,
    wrong,
)


def test_tables_are_answered_as_those_of_runs_are() -> None:
    chance = np.random.default_rng(3)
    base, treated = drawn("normal", truth_of("mixture", 1.0, 1, chance), 40, chance)
    values = accuracies(base[0], treated[0])
    records = [recorded(seeded(cell, seed), values, 360) for cell in values for seed in range(40)]
    found = [SYMBOLS[item.answer] for item in told(records, Design(LOOKS))]
    there = replace(PLANS[0], looks=tuple(look for look in LOOKS if look <= 40))
    answers, _ = answers_of(changes_of(base, treated), there, 1.0, 100 / 360)
    assert answers[0].tolist() == found


@pytest.mark.parametrize("noise", get_args(Noise))
def test_the_mean_difference_is_the_true_one_whatever_the_noise(noise: Noise) -> None:
    chance = np.random.default_rng(4)
    truth = np.tile([0.0, 1.0, -2.0], (100, NETWORKS))
    found = changes_of(*drawn(noise, truth, 1000, chance)).mean(axis=(0, 2))
    assert truth[0].tolist() == pytest.approx(found.tolist(), abs=0.25)


def test_a_wrong_answer_is_a_sign_that_is_not_so_or_a_difference_that_is_denied() -> None:
    truth = np.array([[0.0, 0.0, 0.5, 0.5, 0.5, 1.0, -1.0]])
    answers = np.array([["+", "0", "+", "-", "0", "0", "0"]])
    assert [True, False, False, True, False, True, True] == wrong(answers, truth, 1.0)[0].tolist()


def test_a_single_look_has_the_whole_level_whatever_its_weight() -> None:
    # of two pairs, Student's quantile has a closed form: p = 2 / pi * atan(1 / t)
    plan = weighted((2,), 1.0)
    assert 0.05 == pytest.approx(2 / np.pi * np.arctan(1 / plan.quantile(2, 0.05)))


def test_a_confidence_sequence_is_wider_than_a_single_interval() -> None:
    assert sequence(1.0, 50).quantile(20, 0.05) > weighted((20,), 0.0).quantile(20, 0.05)


def test_few_pairs_of_a_confidence_sequence_say_nothing_at_a_strict_level() -> None:
    assert np.inf == sequence(1.0, 50).quantile(3, 1e-6)


def test_a_table_with_large_effects_is_answered_after_the_plan() -> None:
    chance = np.random.default_rng(5)
    base, treated = drawn("normal", np.full((1, ROWS), 40.0), LOOKS[-1], chance)
    found = asked(base[0], treated[0], 360, most=1000)
    assert (["+"] * ROWS, LOOKS[0] * (NETWORKS + ROWS)) == (found.answers[0].tolist(), found.trainings)


def test_a_table_that_is_stopped_after_the_plan_has_no_more_than_that() -> None:
    chance = np.random.default_rng(6)
    base, treated = drawn("normal", np.zeros((1, ROWS)), LOOKS[-1], chance)
    found = asked(base[0], treated[0], 360, most=1)
    assert ([""] * ROWS, LOOKS[0] * (NETWORKS + ROWS)) == (found.answers[0].tolist(), found.trainings)


def test_few_images_make_the_margin_one_of_them() -> None:
    assert (1.0, 100 / 60) == (margin_of("normal"), margin_of("discrete"))
