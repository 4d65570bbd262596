"""Averages of weights: their formula, BatchNorm's statistics among them, and whose place they take and when."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from bench.learning.data.augment import Augmenter
from bench.learning.recipes import RECIPES
from bench.learning.training import unfinished
from bench.learning.training.loop import TrainingPlan, optimise
from bench.learning.training.order import ImageOrder
from bench.learning.training.techniques.average import Average
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Course, Watch

MODERN = RECIPES.get("modern")


def moved(model: nn.Module) -> nn.Module:
    """The model after a step of another one's making."""
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            if tensor.is_floating_point():
                tensor.add_(torch.rand_like(tensor))
    return model


def test_it_follows_its_formula_statistics_of_batchnorm_included() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    average = Average(model, 0.6)
    expected = [value.clone() for value in model.state_dict().values()]
    for t in range(1, 21):
        moved(model)
        average.update()
        decay = min(0.6, (1 + t) / (10 + t))
        for kept, value in zip(expected, model.state_dict().values(), strict=True):
            kept.copy_(decay * kept + (1 - decay) * value)
    average.settle()
    for wanted, found in zip(expected, model.state_dict().values(), strict=True):
        torch.testing.assert_close(found, wanted)


def test_a_mask_with_infinities_stays_as_it_is() -> None:
    model, mask = nn.Linear(2, 2), torch.tensor([0.0, -torch.inf])
    model.register_buffer("mask", mask.clone())
    average = Average(model, 0.9)
    average.update()
    average.settle()
    assert torch.equal(mask, model.get_buffer("mask"))


def test_after_one_step_it_is_mostly_what_the_step_made() -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    average = Average(layer, 0.99)
    nn.init.ones_(layer.weight)
    average.update()
    average.settle()
    assert 1 - 2 / 11 == pytest.approx(float(layer.weight.detach()))


def test_the_weights_go_on_from_where_they_were_to_the_last_bit() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    average = Average(model, 0.9)
    average_of = [value.clone() for value in moved(model).state_dict().values()]
    average.update()
    with average.in_place():
        assert not average_of[0].equal(model[0].weight)
    assert all(a.equal(b) for a, b in zip(average_of, model.state_dict().values(), strict=True))


def test_what_is_frozen_is_not_held_twice() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    model[0].requires_grad_(False)
    assert 2 == len(Average(model, 0.9).state()[1])


def test_weights_of_16_bits_are_averaged_in_32() -> None:
    average = Average(nn.Linear(3, 4, dtype=torch.bfloat16), 0.9)
    assert {torch.float32} == {kept.dtype for kept in average.state()[1]}


def test_a_buffer_that_a_module_replaces_is_averaged_by_its_new_values() -> None:
    class Replacing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(1))

    model = Replacing()
    average = Average(model, 0.5)
    model.seen = torch.ones(1)
    average.update()
    average.settle()
    assert 1 - 2 / 11 == pytest.approx(float(model.seen))


class Line:
    """One layer that learns by the recipe `modern`, of which each validation keeps the weights that it saw."""

    def __init__(self, folder: Path, patience: int | None = None, dies_at: int = -1) -> None:
        torch.manual_seed(0)
        self.layer, self.seen = nn.Linear(1, 1), list[float]()
        self.live: list[float] = []
        self.training = TrainingPlan(MODERN, 40, MODERN.values(0.1), patience)
        self.dies_at = dies_at
        self.watch = Watch(
            self.layer,
            self.validate,
            lambda *_: None,
            Course(40, batch=4, n=20, patience=patience),
            averaging=MODERN.averaging,
        )
        self.state = Unfinished(folder / "unfinished", self.layer, Augmenter("none", 0))

    def validate(self) -> tuple[float, float]:
        self.seen.append(float(self.layer.weight.detach()))
        return 0.5, abs(self.seen[-1] - 1.0)

    def loss(self, chosen: torch.Tensor) -> torch.Tensor:
        if len(self.live) == self.dies_at:
            raise KeyboardInterrupt
        self.live.append(float(self.layer.weight.detach()))
        x = 1 + (chosen[:, None].float() - 9.5) / 50
        return nn.functional.mse_loss(self.layer(x), 3 * x)

    def train(self) -> Line:
        order = ImageOrder(20, 4, 0)
        optimise(list(self.layer.parameters()), self.loss, order, self.training, self.watch, self.state)
        return self


def test_the_average_is_validated_and_stands_when_training_is_over(tmp_path: Path) -> None:
    line = Line(tmp_path).train()
    assert line.seen[-1] == float(line.layer.weight.detach())
    assert line.seen[-1] != line.live[-1]


def test_patience_lets_the_average_of_the_best_look_stand(tmp_path: Path) -> None:
    line = Line(tmp_path, patience=1).train()
    best = min(line.seen, key=lambda weight: abs(weight - 1.0))
    assert best == float(line.layer.weight.detach())


def test_a_killed_training_goes_on_to_the_same_average(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    (tmp_path / "whole").mkdir()
    expected = Line(tmp_path / "whole").train()
    with pytest.raises(KeyboardInterrupt):
        Line(tmp_path, dies_at=17).train()
    again = Line(tmp_path).train()
    assert 40 - 17 == len(again.live)
    assert expected.layer.weight.equal(again.layer.weight)
