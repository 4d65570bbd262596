"""Layers of a network by its stack of blocks, and the share of the learning rate of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from bench.declare.loading.discovery import load_catalogs
from bench.learning.recipes import RECIPES
from bench.learning.training.loop import TrainingPlan
from bench.learning.training.techniques.depth import ALIKE, LEAST, MOST, blocks_of, depth_of, has_layers
from bench.network.building import build_untouched


class Block(nn.Module):
    """A linear layer with its normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(4), nn.Linear(4, 4)


class Net(nn.Module):
    """A stem, blocks with something between the second and the third, a last normalisation and a head."""

    def __init__(self, blocks: int = 4) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(4))
        self.stem = nn.Linear(2, 4)
        self.lower = nn.Sequential(*(Block() for _ in range(2)))
        self.between = nn.Linear(4, 4, bias=False)
        self.upper = nn.ModuleList(Block() for _ in range(blocks - 2))
        self.norm, self.head = nn.LayerNorm(4), nn.Linear(4, 3)


def shares(model: nn.Module, decay: float) -> dict[str, float]:
    depth = depth_of(model)
    return {name: depth.share(parameter, decay) for name, parameter in model.named_parameters()}


def test_the_rate_falls_by_the_decay_from_the_head_to_the_stem() -> None:
    found = shares(Net(), 0.5)
    names = ("head.bias", "norm.weight", "upper.1.linear.weight", "upper.0.norm.bias", "lower.1.linear.bias")
    assert [1.0, 1.0, 0.5, 0.25, 0.125] == [found[name] for name in names]
    assert (0.0625, 1 / 32, 1 / 32) == (found["lower.0.norm.weight"], found["stem.weight"], found["token"])


def test_what_lies_between_two_blocks_learns_as_the_lower_one() -> None:
    found = shares(Net(), 0.5)
    assert found["lower.1.norm.bias"] == found["between.weight"]


def test_of_a_deep_stack_blocks_that_follow_each_other_are_one_layer() -> None:
    depth = depth_of(Net(blocks=2 * MOST))
    assert (MOST, f"{2 * MOST} blocks of Block in {MOST} layers") == (depth.layers, depth.stack)
    found = shares(Net(blocks=2 * MOST), 0.5)
    assert found["lower.0.norm.bias"] == found["lower.1.norm.bias"] == 0.5**MOST


def test_fewer_blocks_than_a_stack_has_are_none() -> None:
    assert () == blocks_of(Net(blocks=LEAST - 1))
    assert {1.0} == set(shares(Net(blocks=LEAST - 1), 0.5).values())


@pytest.mark.parametrize(
    ("name", "stack"),
    [
        ("vit_b_16", "12 blocks of EncoderBlock"),
        ("swin_t", "12 blocks of SwinTransformerBlock"),
        ("resnet50", "16 blocks of Bottleneck"),
        ("efficientnet_lite0", "16 blocks of InvertedBottleneck"),
        ("googlenet", "9 blocks of Inception"),
        ("densenet121", "58 blocks of _DenseLayer in 24 layers"),
        ("alexnet", ""),
        ("vgg16", ""),
        ("lenet5", ""),
    ],
)
def test_the_stacks_of_known_networks_are_found(name: str, stack: str) -> None:
    load_catalogs()
    assert stack == depth_of(build_untouched(ARCHITECTURES.get(name).build, 10)).stack


@pytest.mark.parametrize(
    ("name", "expected"), [("vit_reduced", True), ("swin_reduced", True), ("resnet18", False), ("lenet5", False)]
)
def test_layer_decay_is_tuned_of_transformers_with_a_stack_of_blocks(name: str, expected: bool) -> None:
    load_catalogs()
    assert expected is has_layers(build_untouched(ARCHITECTURES.get(name).build, 10))


def test_a_network_without_a_stack_is_told_of_in_one_line_where_a_decay_is_asked_for() -> None:
    assert ((), 1) == (ALIKE.warnings(1.0), len(ALIKE.warnings(0.75)))
    assert ({}, {"stack": "none: all layers learn alike"}) == (ALIKE.told(1.0), ALIKE.told(0.75))


def groups(recipe: str) -> Iterator[dict[str, Any]]:
    model = Net()
    own = RECIPES.get(recipe)
    training = TrainingPlan(own, 10, own.values(0.1))
    yield from training.optimizer(list(model.parameters()), depth=depth_of(model)).param_groups


def test_the_groups_of_the_optimizer_hold_every_parameter_once() -> None:
    held = [id(p) for group in groups("layered") for p in group["params"]]
    assert (len(list(Net().parameters())), len(held)) == (len(held), len(set(held)))


@pytest.mark.parametrize(("recipe", "decays"), [("layered", (0.05, 0.0)), ("harness", (0.01, 0.01))])
def test_vectors_are_spared_of_weight_decay_by_the_recipes_that_say_so(
    recipe: str, decays: tuple[float, float]
) -> None:
    found = {(p.ndim > 1, group["weight_decay"]) for group in groups(recipe) for p in group["params"]}
    assert {(True, decays[0]), (False, decays[1])} == found


def test_a_recipe_without_decay_has_one_group_at_the_whole_rate() -> None:
    assert [1.0] == [group["share"] for group in groups("harness")]
