"""Where the time of a step goes, by layer and operator."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from bench.gate.inside.layers import BACKWARD, OUTSIDE
from bench.gate.inside.spans import PYTHON, Spans

SLEEP = 0.002
"""Seconds: a sleep takes as long at least, whatever else the machine does."""


class Sleeper(nn.Module):
    """Sleeps, then convolves."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The images, later."""
        time.sleep(SLEEP)
        return torch.as_tensor(self.conv(images))


class Failing(nn.Module):
    """Has a part that raises."""

    def __init__(self) -> None:
        super().__init__()
        self.part = Raising()
        self.other = nn.ReLU()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """What the other part gives."""
        with suppress(ValueError):
            self.part(images)
        return torch.as_tensor(self.other(images))


class Raising(nn.Module):
    """Raises."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Nothing."""
        raise ValueError


class Recomputing(nn.Module):
    """Runs its part once more in the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Conv2d(2, 2, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The part's."""
        return torch.as_tensor(checkpoint(self.part, images, use_reentrant=False))


def rows(network: nn.Module, call: Callable[[torch.Tensor], Any] | None = None) -> dict[tuple[str, str], float]:
    """Own seconds by path and item, of what is called on images."""
    spans = Spans(layered=True)
    images = torch.zeros(1, 2, 4, 4)
    for _ in range(2):
        spans.take(lambda: (call or network)(images))
    return {(row["path"], row["item"]): row["amount"] for row in spans.rows()}


def test_a_sleep_is_the_own_time_of_the_module_that_sleeps() -> None:
    found = rows(nn.Sequential(nn.ReLU(), Sleeper()))
    assert ("1", PYTHON) == max(found, key=lambda place: found[place])
    assert found["1", PYTHON] >= SLEEP


def test_a_layer_is_told_with_its_class_and_what_it_says_of_itself() -> None:
    spans = Spans(layered=True)
    network = nn.Sequential(nn.Linear(2, 3))
    spans.take(lambda: network(torch.zeros(1, 2)))
    assert ("Linear", "in_features=2, out_features=3, bias=True") in {
        (row["type"], row["about"]) for row in spans.rows() if row["path"] == "0"
    }


def test_an_operator_is_the_outermost_one_of_its_layer() -> None:
    found = rows(nn.Sequential(nn.Conv2d(2, 2, 1)))
    assert {"aten::conv2d", PYTHON} == {item for path, item in found if path == "0"}


def test_the_parts_of_a_step_are_the_whole() -> None:
    spans = Spans(layered=True)
    network = nn.Sequential(Sleeper())
    spans.take(lambda: network(torch.zeros(1, 2, 4, 4)))
    assert pytest.approx(spans.totals()[0]) == sum(row["amount"] for row in spans.rows())


def test_backward_operators_are_those_of_the_layer_whose_forward_made_them() -> None:
    network = nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))
    found = rows(network, lambda images: network(images).sum().backward())
    backward = {(path, item) for path, item in found if item.endswith("Backward0")}
    assert {("0", "ConvolutionBackward0"), ("1", "ReluBackward0"), ("3", "AddmmBackward0")} <= backward
    assert (BACKWARD.path, "torch::autograd::AccumulateGrad") in found


def test_what_no_layer_does_is_outside_the_network() -> None:
    network = nn.Sequential(nn.ReLU())
    found = rows(network, lambda images: torch.nn.functional.mse_loss(network(images), images))
    assert (OUTSIDE.path, "aten::mse_loss") in found


def test_a_layer_that_runs_again_in_the_backward_pass_is_known_there() -> None:
    network = nn.Sequential(nn.Conv2d(2, 2, 1), Recomputing())
    spans = Spans(layered=True)
    images = torch.zeros(1, 2, 4, 4)
    spans.take(lambda: network(images).sum().backward())
    (again,) = [row for row in spans.rows() if (row["path"], row["item"]) == ("1.part", "aten::conv2d")]
    assert 2 == again["number"]


def test_a_part_that_raises_has_ended() -> None:
    found = rows(Failing())
    assert ("other", "aten::relu") in found
    assert ("", PYTHON) in found


def test_a_network_within_no_layers_has_operators_alone() -> None:
    spans = Spans(layered=False)
    network = nn.Sequential(nn.ReLU())
    spans.take(lambda: network(torch.zeros(1)))
    assert {OUTSIDE.path} == {row["path"] for row in spans.rows()}


def test_afterwards_no_module_is_watched() -> None:
    rows(nn.Sequential(nn.ReLU()))
    hooks = nn.modules.module
    assert not hooks._global_forward_hooks
    assert not hooks._global_forward_pre_hooks
