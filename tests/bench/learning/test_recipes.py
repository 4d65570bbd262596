"""Recipes of optimisation: what each declares, and that one more needs no other line."""

import argparse
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from bench.cell import Learning
from bench.cli.options.learning import add_learning_options, learning_wish
from bench.declare.catalog import SUITES, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.learning_axes import LearningAxes
from bench.learning.recipes import RECIPES, Recipe, Usual
from bench.learning.scenario import check
from bench.learning.training.loop import training_of


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recipe]:
    """A recipe of which nothing else knows."""
    monkeypatch.setattr(RECIPES, "_items", dict(RECIPES._items))
    recipe = replace(
        RECIPES.get("lecture"),
        name="third",
        optimizer="NAdam",
        settings={},
        weight_decay=0.5,
        schedule=lambda step, steps, epoch: 0.25,
        usual=Usual(lr=0.02, batch=5, epochs=3),
    )
    RECIPES.add(recipe.name, recipe, __name__)
    yield recipe


def scenario(**changes: object) -> Learning:
    usual = {
        "weights": "random",
        "target": "uci-digits",
        "mode": "finetune:all",
        "augmentation": "none",
        "resolution": 32,
        "shots": 5,
        "steps": 8,
        "batch": 4,
        "lr": 0.1,
    }
    return Learning(**{**usual, **changes})  # type: ignore[arg-type]


def test_a_recipe_of_ones_own_trains_as_it_declares(third: Recipe) -> None:
    some = scenario(recipe=third.name)
    check(some)
    training = training_of(some)
    optimizer = training.optimizer([torch.ones(1, requires_grad=True)])
    assert isinstance(optimizer, torch.optim.NAdam)
    assert (0.5, 0.025) == (optimizer.defaults["weight_decay"], training.lr_at(3, 1.5))


def test_momentum_that_a_first_overflow_of_fp16_skips_begins_at_zero() -> None:
    training = training_of(scenario(recipe="lecture", precision="fp16"))
    weight = torch.nn.Parameter(torch.zeros(64, 64))
    optimizer, scaler = training.optimizer([weight]), torch.amp.GradScaler("cpu", init_scale=2.0**16)
    for factor in (float("inf"), 1.0):
        optimizer.zero_grad()
        scaler.scale((weight * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
    assert torch.full_like(weight, -0.1).equal(weight)


def test_a_plan_takes_batch_rate_and_epochs_that_a_recipe_declares(third: Recipe) -> None:
    load_catalogs()
    axes = LearningAxes(recipe=(third.name,), mode=("finetune:all",), seeds=1)
    planned = SUITES.get("transfer").cells(Setting("default", "cpu", 1, chosen=("lenet5",), learning=axes))
    (found,) = {item.cell.scenario for item in planned if isinstance(item.cell.scenario, Learning)}
    assert (5, 0.02, 3 * 5 * 10 // 5) == (found.batch, found.lr, found.steps)


def test_the_command_line_takes_every_recipe(third: Recipe) -> None:
    parser = argparse.ArgumentParser()
    add_learning_options(parser)
    wish = learning_wish(parser.parse_args(["--recipe", ",".join(RECIPES.names())]))
    assert ("harness", "lecture", "layered", "modern", "balanced", third.name) == wish.recipe
