"""Which values are tried: known beforehand, the same for everybody, in the ranges of the recipe."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bench.cell import Learning
from bench.errors import UsageError
from bench.learning.recipes import RECIPES
from bench.learning.scenario import check
from bench.learning.tuning.points import further
from bench.learning.tuning.ranges import Range

TUNED = Learning(
    weights="random",
    target="digits",
    mode="finetune:all",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=60,
    batch=16,
    lr=3e-4,
    tune=8,
)


def test_the_first_trial_is_not_among_the_further_ones() -> None:
    assert 7 == len(further(TUNED))


def test_one_trial_is_the_first_one() -> None:
    assert () == further(replace(TUNED, tune=1))


@pytest.mark.parametrize(
    "other", [{"lr": 1e-2}, {"seed": 3}, {"fold": 2, "folds": 5}, {"steps": 7}, {"mode": "finetune:upper"}]
)
def test_networks_folds_and_seeds_try_the_same_values(other: dict[str, Any]) -> None:
    assert further(TUNED) == further(replace(TUNED, **other))


def test_more_trials_begin_with_the_same_values() -> None:
    assert further(TUNED) == further(replace(TUNED, tune=20))[:7]


def test_a_network_with_layers_tries_the_same_rates_as_one_without() -> None:
    plain, layered = further(TUNED), further(TUNED, layered=True)
    assert [(v.lr, v.weight_decay) for v in plain] == [(v.lr, v.weight_decay) for v in layered]


def test_only_a_network_with_layers_tries_rates_for_them() -> None:
    assert {1.0} == {v.layer_decay for v in further(TUNED)}
    assert 7 == len({v.layer_decay for v in further(TUNED, layered=True)} - {1.0})


@pytest.mark.parametrize("recipe", RECIPES.names())
@pytest.mark.parametrize("mode", ["scratch", "features+softmax", "finetune:all"])
def test_all_values_lie_in_the_ranges_of_the_recipe(recipe: str, mode: str) -> None:
    kind = mode.partition(":")[0].partition("+")[0]
    ranges = RECIPES.get(recipe).ranges[kind]  # type: ignore[index]
    for values in further(replace(TUNED, recipe=recipe, mode=mode, tune=64)):
        assert ranges.lr.low <= values.lr <= ranges.lr.high
        assert ranges.weight_decay.low <= values.weight_decay <= ranges.weight_decay.high


def test_eight_trials_leave_no_third_of_the_rates_without_one() -> None:
    ranges = RECIPES.get("harness").ranges["finetune"]
    rates = [values.lr for values in further(TUNED)]
    thirds = [ranges.lr.at(share) for share in (0, 1 / 3, 2 / 3, 1)]
    assert all(any(low <= rate <= high for rate in rates) for low, high in pairwise(thirds))


def test_a_range_has_equal_steps_on_a_logarithmic_scale() -> None:
    assert [0.01, 0.1, 1.0] == pytest.approx([Range(0.01, 1.0).at(share) for share in (0.0, 0.5, 1.0)])


@pytest.mark.parametrize("wrong", [{"tune": 65}, {"tune": 8, "duration": 5.0}])
def test_too_many_trials_or_trials_for_a_time_are_refused_in_one_line(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="1 to 64 trials, each for its steps"):
        check(replace(TUNED, **wrong))
