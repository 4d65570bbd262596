"""Whole cells by the declared recipes: two are plain torch, all go on after a kill, heads take what they can."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import Learning
from bench.errors import UsageError
from bench.learning import experiment
from bench.learning.data.augment import Augmenter
from bench.learning.recipes import PLAIN, RECIPES, Objective
from bench.learning.scenario import check
from bench.learning.training import networks, unfinished
from bench.learning.training.loop import TrainingPlan, optimise
from bench.learning.training.order import ImageOrder
from bench.learning.training.techniques.losses import mean_loss
from bench.learning.training.techniques.mixing import Mixer
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Course, Watch
from tests.bench.stripes import Measured, cell_of, killed_at, without_time

NAMES = pytest.mark.parametrize("recipe", RECIPES.names())


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", ["harness", "lecture"])
def test_the_first_recipes_change_weights_as_a_bare_loop_of_torch_does(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    x, y = torch.randn(40, 5), torch.randint(0, 3, (40,))
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    first = {key: value.clone() for key, value in model.state_dict().items()}
    recipe, steps, lr = RECIPES.get(name), 50, 0.01
    watch = Watch(
        model, lambda: (0.5, 1.0), lambda *_: None, Course(steps, batch=8, n=40), averaging=recipe.averaging
    )
    state = Unfinished(tmp_path / "unfinished", model, Augmenter("none", 0))
    smoothing = recipe.objective.smoothing
    optimise(
        list(model.parameters()),
        lambda some: mean_loss(model(x[some]), y[some], smoothing),
        ImageOrder(40, 8, 0),
        TrainingPlan(recipe, steps, recipe.values(lr)),
        watch,
        state,
    )
    found = {key: value.clone() for key, value in model.state_dict().items()}
    model.load_state_dict(first)
    made = {
        "harness": torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, fused=True),
        "lecture": torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, fused=True),
    }
    optimizer, order = made[name], ImageOrder(40, 8, 0)
    for step in range(steps):
        rising, falling = (step + 1) / 5, 0.5 * (1 + math.cos(math.pi * (step - 5) / 45))
        share = (rising if step < 5 else falling) if name == "harness" else 0.1 ** (step * 8 // 40 // 7)
        optimizer.param_groups[0]["lr"] = lr * share
        some = next(order)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[some]), y[some]).backward()
        if name == "harness":
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    for key, value in model.state_dict().items():
        assert value.equal(found[key])


@pytest.mark.parametrize("name", ["harness", "lecture"])
def test_the_first_recipes_have_nothing_of_what_others_add(name: str) -> None:
    recipe = RECIPES.get(name)
    assert (PLAIN, "") == (recipe.objective, recipe.beyond_heads)
    assert not recipe.spares_vectors


@NAMES
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_every_recipe_trains_a_network_in_every_precision_and_twice_the_same(
    measured: Measured, recipe: str, precision: str
) -> None:
    conditions = {"recipe": recipe, "precision": precision, "lr": 0.001, "steps": 12, "augmentation": "lecture"}
    first, second = (measured(**conditions) for _ in range(2))
    assert without_time(first) == without_time(second)


@pytest.mark.parametrize("recipe", ["modern", "layered", "balanced"])
@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
def test_a_recipe_learns_the_stripes(measured: Measured, recipe: str, mode: str) -> None:
    samples = measured(recipe=recipe, mode=mode, weights=WEIGHTS[mode], steps=80)
    assert sum(samples.values) / len(samples.values) > 0.6


WEIGHTS = {"scratch": "random", "finetune:upper": "pretrain:stripes"}


@pytest.mark.parametrize("patience", [None, 3])
def test_a_killed_training_goes_on_to_the_same_weights_blends_and_averages(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, patience: int | None
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    conditions: dict[str, Any] = {"recipe": "modern", "augmentation": "lecture", "patience": patience}
    models: list[nn.Module] = []
    train = experiment.train

    def kept(*values: Any) -> experiment.Learned:
        learned = train(*values)
        assert learned.model is not None
        models.append(learned.model)
        return learned

    monkeypatch.setattr(experiment, "train", kept)
    expected = measured(**conditions)
    with killed_at(12, monkeypatch), pytest.raises(KeyboardInterrupt):
        measured(**conditions)
    assert without_time(expected) == without_time(measured(**conditions))
    whole, resumed = models
    assert all(a.equal(b) for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True))


def test_what_is_blended_goes_through_the_whole_network(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    network_of = networks.network_of

    def noting(*values: Any) -> networks.Network:
        made.append(type(network := network_of(*values)).__name__)
        return network

    monkeypatch.setattr("bench.learning.training.fit.network_of", noting)
    for recipe in ("harness", "modern"):
        measured(mode="finetune:upper", recipe=recipe)
    assert ["Above", "WholeModel"] == made


def test_the_blends_of_a_training_leave_order_augmentation_and_dropout_as_they_were(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        RECIPES._items,
        "mixed",
        replace(RECIPES.get("harness"), name="mixed", objective=Objective(mixup=0.5)),
    )
    expected = measured(augmentation="lecture")
    monkeypatch.setattr(Mixer, "__call__", lambda self, images, labels: (images, labels))
    assert without_time(expected) == without_time(measured(augmentation="lecture", recipe="mixed"))


def test_the_weights_of_the_classes_are_told(measured: Measured) -> None:
    assert [1.0, 1.0, 1.0] == measured(recipe="balanced").details["class_weights"]
    assert "class_weights" not in measured().details


def test_a_record_says_that_there_are_no_layers_to_decay_by(measured: Measured) -> None:
    details = measured(recipe="layered").details
    assert "none: all layers learn alike" == details["stack"]
    assert any("all its layers learn at one rate" in warning for warning in details["warnings"])


@pytest.mark.parametrize("recipe", ["modern", "layered"])
@pytest.mark.parametrize("head", ["softmax", "svm", "logistic", "knn"])
def test_a_head_is_refused_what_it_cannot_have(world: None, recipe: str, head: str) -> None:
    where = cell_of(mode=f"features+{head}", recipe=recipe).scenario
    assert isinstance(where, Learning)
    words = rf"features.{head}' cannot be trained by recipe '{recipe}', a recipe that .*own"
    with pytest.raises(UsageError, match=words):
        check(where)
