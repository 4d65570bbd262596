"""Whether networks that are compared had the same chance."""

from __future__ import annotations

import pandas as pd
import pytest

from reports.learning.recipe_note import recipe_note


def _note(*trials: object, mode: str = "finetune:all") -> str:
    return recipe_note({"tune": number, "mode": mode} for number in trials)


@pytest.mark.parametrize("nothing", [0, None, pd.NA, float("nan")])
def test_without_trials_all_have_one_recipe_and_it_is_said_how_to_tune(nothing: object) -> None:
    assert _note(nothing, nothing).startswith("one recipe for all: no learning rate was tuned")
    assert "--tune 8" in _note(nothing)


def test_tuned_ones_say_among_how_many() -> None:
    assert "tuned: best of 8 on validation images" == _note(8, 8)


def test_those_that_were_not_tuned_are_told_beside_those_that_were() -> None:
    assert _note(8, 0).endswith("; some were not, and have the usual learning rate")


def test_of_weights_as_they_are_there_is_no_recipe() -> None:
    assert "" == _note(0, mode="as-is")
