"""What feeds what in a forward pass."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from bench.measures.counting.flow import INPUT, FlowStep
from bench.measures.counts import count_macs


class Residual(nn.Module):
    """A convolution with something that goes past it."""

    def __init__(self, past: nn.Module) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.past = past

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.relu(self.conv(maps)) + self.past(maps)
        return result


class Branches(nn.Module):
    """Two convolutions side by side, the second with a ReLU that is no module."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(4, 2, 1)
        self.two = nn.Conv2d(4, 3, 1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.one(maps), functional.relu(self.two(maps))], 1)


class Positions(nn.Module):
    """A linear layer, a learned constant, and a dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.position = nn.Parameter(torch.zeros(8))
        self.dropout = nn.Dropout(0.5)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.linear(self.dropout(maps.flatten(1)[:, :8]) + self.position)
        return result


def steps_of(model: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(step.kind, step.inputs) for step in whole(model)]


def whole(model: nn.Module) -> tuple[FlowStep, ...]:
    block = count_macs(model, torch.empty(1, 4, 6, 6)).block
    assert block is not None
    return block.steps


def test_a_sum_takes_the_last_layer_and_what_went_past_it() -> None:
    expected = [("Conv2d", (INPUT,)), ("ReLU", (0,)), ("add", (1, INPUT))]
    assert expected == steps_of(Residual(nn.Identity()))


def test_a_layer_on_the_way_past_is_a_step() -> None:
    expected = [("Conv2d", (INPUT,)), ("ReLU", (0,)), ("Conv2d", (INPUT,)), ("add", (1, 2))]
    assert expected == steps_of(Residual(nn.Conv2d(4, 4, 1)))


def test_without_a_sum_there_is_none() -> None:
    assert [("Conv2d", (INPUT,)), ("ReLU", (0,))] == steps_of(nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU()))


def test_branches_take_the_same_and_what_joins_them_takes_each() -> None:
    expected = [("Conv2d", (INPUT,)), ("Conv2d", (INPUT,)), ("relu", (1,)), ("cat", (0, 2))]
    assert expected == steps_of(Branches())


def test_dropout_constants_and_changes_of_shape_are_no_steps() -> None:
    assert [("Linear", (INPUT,))] == steps_of(Positions())


def test_a_step_tells_what_its_module_was_made_with() -> None:
    (step,) = whole(nn.Sequential(nn.Conv2d(4, 8, (1, 3), stride=2, groups=2)))
    assert {"in": 4, "out": 8, "kernel": [1, 3], "stride": 2, "groups": 2} == step.settings


class Reading(nn.Module):
    """Looks at a value, so that tracing it by shapes alone ends in an error."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.conv(images)
        return features if features.sum() > 0 else -features


@pytest.mark.parametrize("model", [Residual(nn.Identity()), Reading()], ids=["by shapes", "with values"])
def test_following_a_model_leaves_no_hook_on_it(model: nn.Module) -> None:
    count_macs(model, torch.zeros(1, 4, 6, 6))
    assert [0, 0] == [
        sum(len(getattr(module, name)) for module in model.modules())
        for name in ("_forward_hooks", "_forward_pre_hooks")
    ]
