"""The blocks of ResNet and ResNeXt by themselves."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from bench.measures.counts import count_macs
from suites.architectures.residual_blocks import (
    block_basic,
    block_basic_256,
    block_bottleneck,
    block_resnext,
    block_resnext_split,
)
from suites.architectures.resnext import width_at_constant_complexity
from tests.suites.residuals import parameters, with_statistics

NAMES = ("block_basic", "block_basic_256", "block_bottleneck", "block_resnext", "block_resnext_split")
PATHS = [(cardinality, width_at_constant_complexity(cardinality)) for cardinality in (1, 2, 4, 8, 16, 32, 64)]


def block(name: str, **options: Any) -> nn.Module:
    """A block in eval mode, its batch normalisation no identity any more."""
    build: Any = ARCHITECTURES.get(name).build
    return with_statistics(build(10, **options))


@pytest.mark.parametrize(
    ("expected", "name"),
    [(73_728, "block_basic"), (69_632, "block_bottleneck"), (70_144, "block_resnext"), (70_144, NAMES[4])],
)
def test_the_convolutions_of_a_block_have_the_weights_that_the_papers_compare(expected: int, name: str) -> None:
    assert expected == parameters(block(name, norm=False))


def test_at_256_channels_a_basic_block_has_17_times_the_weights_of_a_bottleneck() -> None:
    assert 17 == round(parameters(block("block_basic_256", norm=False)) / parameters(block(NAMES[2], norm=False)))


@pytest.mark.parametrize(("cardinality", "width"), PATHS)
def test_paths_have_the_weights_of_the_papers_equation(cardinality: int, width: int) -> None:
    expected = cardinality * (256 * width + 3 * 3 * width * width + width * 256)
    grouped = block_resnext(10, cardinality=cardinality, bottleneck_width=width, norm=False)
    split = block_resnext_split(10, cardinality=cardinality, bottleneck_width=width, norm=False)
    assert expected == parameters(grouped) == parameters(split)


def test_batch_normalisation_adds_two_parameters_a_channel_of_each_convolution() -> None:
    assert 73_728 + 2 * (64 + 64) == parameters(block_basic(10))
    assert 2 * 9 * 256 * 256 + 2 * (256 + 256) == parameters(block_basic_256(10))
    assert 69_632 + 2 * (64 + 64 + 256) == parameters(block_bottleneck(10))
    assert 70_144 + 2 * (128 + 128 + 256) == parameters(block_resnext(10)) == parameters(block_resnext_split(10))


@pytest.mark.parametrize("name", NAMES)
def test_a_block_keeps_the_shape_of_its_maps(name: str) -> None:
    channels = ARCHITECTURES.get(name).channels
    maps = torch.rand(2, channels, 5, 7)
    assert maps.shape == block(name)(maps).shape


@pytest.mark.parametrize(
    ("name", "convolutions"), [("block_basic", 2), ("block_basic_256", 2), ("block_bottleneck", 3)]
)
def test_a_residual_block_computes_the_relu_of_the_residual_plus_its_input(name: str, convolutions: int) -> None:
    made = block(name)
    maps = torch.randn(2, ARCHITECTURES.get(name).channels, 6, 6)
    residual = maps
    for i in range(1, convolutions + 1):
        residual = made.get_submodule(f"bn{i}")(made.get_submodule(f"conv{i}")(residual))
        residual = residual.relu() if i < convolutions else residual
    torch.testing.assert_close((residual + maps).relu(), made(maps))


@pytest.mark.parametrize("name", NAMES)
def test_a_block_without_weights_passes_what_is_positive(name: str) -> None:
    made = block(name, norm=False)
    for parameter in made.parameters():
        nn.init.zeros_(parameter)
    maps = torch.randn(2, ARCHITECTURES.get(name).channels, 6, 6)
    assert torch.equal(maps.relu(), made(maps))


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize(("cardinality", "width"), PATHS)
def test_a_grouped_convolution_is_split_transform_and_aggregate(cardinality: int, width: int, norm: bool) -> None:
    options = {"cardinality": cardinality, "bottleneck_width": width, "norm": norm}
    grouped, split = block("block_resnext", **options), block("block_resnext_split", **options)
    split.load_state_dict(_by_path(grouped.state_dict(), cardinality, width, norm))
    maps = torch.randn(2, 256, 5, 5)
    torch.testing.assert_close(grouped(maps), split(maps), rtol=1e-4, atol=1e-4)


def _by_path(state: dict[str, torch.Tensor], cardinality: int, width: int, norm: bool) -> dict[str, torch.Tensor]:
    """A grouped block's tensors, cut into those of its paths."""
    found = {f"norm.{name[4:]}": tensor for name, tensor in state.items() if name.startswith("bn3.")}
    for path in range(cardinality):
        own = slice(path * width, (path + 1) * width)
        found[f"paths.{path}.0.weight"] = state["conv1.weight"][own]
        found[f"paths.{path}.3.weight"] = state["conv2.weight"][own]
        found[f"paths.{path}.6.weight"] = state["conv3.weight"][:, own]
        for index, name in ((1, "bn1"), (4, "bn2")) if norm else ():
            for kind in ("weight", "bias", "running_mean", "running_var"):
                found[f"paths.{path}.{index}.{kind}"] = state[f"{name}.{kind}"][own]
            found[f"paths.{path}.{index}.num_batches_tracked"] = state[f"{name}.num_batches_tracked"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_blocks_multiply_adds_are_its_weights_at_each_pixel(name: str) -> None:
    made = block(name, norm=False)
    item = ARCHITECTURES.get(name)
    found = count_macs(made, torch.empty(1, item.channels, item.resolution, item.resolution))
    assert parameters(made) * 56 * 56 == found.total == found.second_counter
