"""Which tensors are held when they hold most."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from bench.gate.inside.holding import HeldTensors
from bench.gate.inside.layers import BACKWARD, OUTSIDE

FLOAT = 4.0
"""Bytes."""


def held(work: Callable[[], object]) -> dict[tuple[str, str], tuple[float, str]]:
    """Bytes and the largest tensor by path and kind."""
    noted = HeldTensors("cpu")
    with noted.watch():
        work()
    return {(row["path"], row["item"]): (row["amount"], row["largest"]) for row in noted.rows()}


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(8, 64, bias=False), nn.ReLU(), nn.Linear(64, 2, bias=False))


def test_activations_that_are_kept_are_those_of_their_layer() -> None:
    found = held(lambda: network()(torch.zeros(16, 8)))
    assert (16 * 64 * FLOAT, "16x64 float32") == found["1", "activations"]


def test_what_is_freed_before_the_peak_is_not_held() -> None:
    def work() -> None:
        network()(torch.zeros(2, 8))
        torch.zeros(1_000_000)

    assert {(OUTSIDE.path, "input and others")} == set(held(work))


def test_weights_and_the_input_are_told_apart() -> None:
    found = held(lambda: network()(torch.zeros(16, 8)))
    assert {"64x8 float32": 8 * 64 * FLOAT, "16x8 float32": 16 * 8 * FLOAT} == {
        shape: size for size, shape in (found["0", "weights"], found[OUTSIDE.path, "input and others"])
    }


def test_in_inference_mode_operators_that_are_made_of_others_are_seen_into() -> None:
    def work() -> None:
        with torch.inference_mode():
            network()(torch.zeros(16, 8))

    assert ("0", "activations") in held(work)


def train(model: nn.Module) -> None:
    """Two steps, the second of which finds momentum."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        model(torch.zeros(4, 8)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def test_momentum_is_the_optimizer_state_of_its_layer() -> None:
    assert 8 * 64 * FLOAT == held(lambda: train(network()))["0", "optimizer state"][0]


def test_gradients_of_weights_are_those_of_their_layer() -> None:
    assert 64 * 2 * FLOAT == held(lambda: train(network()))["2", "gradients"][0]


def test_gradients_of_activations_have_no_layer() -> None:
    def work() -> None:
        found = nn.Linear(8, 1000, bias=False)
        found(torch.zeros(500, 8, requires_grad=True)).pow(2).sum().backward()

    assert (BACKWARD.path, "gradients") in held(work)


def test_a_larger_layer_holds_more() -> None:
    small, large = (
        held(lambda width=width: nn.Sequential(nn.Linear(8, width), nn.ReLU())(torch.zeros(4, 8)))  # type: ignore[misc]
        for width in (16, 64)
    )
    assert large["1", "activations"][0] == 4 * small["1", "activations"][0]
