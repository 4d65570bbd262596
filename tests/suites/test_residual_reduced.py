"""Reduced networks of residual blocks: equal cost, and what differs at it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401 - declares
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counts import count_macs
from bench.network.building import build_untouched
from suites.architectures.residual_reduced import PATHS, resnet_bottleneck_reduced, resnext_reduced
from tests.suites.residuals import parameters, tensors, torchvision_blocks

BASIC, BOTTLENECK = "resnet_basic_reduced", "resnet_bottleneck_reduced"
CARDINALITIES = [f"resnext_reduced:bottleneck_width={width},cardinality={paths}" for paths, width in PATHS.items()]


def built(name: str) -> nn.Module:
    return build_untouched(ARCHITECTURES.get(name).build, 10)


def macs(name: str) -> int:
    return count_macs(built(name), torch.empty(1, 3, 32, 32)).total


@pytest.mark.parametrize("name", [BASIC, *CARDINALITIES])
def test_the_multiply_adds_are_those_of_the_bottlenecks_within_3_percent(name: str) -> None:
    assert pytest.approx(macs(BOTTLENECK), rel=0.03) == macs(name)


@pytest.mark.parametrize("name", [BASIC, *CARDINALITIES])
def test_the_parameters_are_those_of_the_bottlenecks_within_6_percent(name: str) -> None:
    assert pytest.approx(parameters(built(BOTTLENECK)), rel=0.06) == parameters(built(name))


@pytest.mark.parametrize(("name", "layers"), [(BASIC, 14), (BOTTLENECK, 20), ("resnext_reduced", 20)])
def test_six_blocks_stand_between_a_convolution_and_the_classifier(name: str, layers: int) -> None:
    weighted = [n for n, m in built(name).named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert layers == len([n for n in weighted if "downsample" not in n])


@pytest.mark.parametrize(("paths", "width"), PATHS.items())
def test_each_stage_doubles_the_width_of_its_paths(paths: int, width: int) -> None:
    blocks = torchvision_blocks(resnext_reduced(10, cardinality=paths, bottleneck_width=width))
    expected = [(paths, paths * width * times) for times in (1, 1, 2, 2, 4, 4)]
    assert expected == [(block.conv2.groups, block.conv2.out_channels) for block in blocks]


def test_one_path_is_the_network_of_bottlenecks() -> None:
    single = resnext_reduced(10, cardinality=1, bottleneck_width=PATHS[1])
    assert tensors(resnet_bottleneck_reduced(10)) == tensors(single)


@pytest.mark.parametrize("name", [BASIC, BOTTLENECK, "resnext_reduced"])
def test_the_stages_see_8_4_and_2_positions_a_side(name: str) -> None:
    model, maps, sides = built(name).eval(), torch.zeros(1, 3, 32, 32), []
    for part, module in model.named_children():
        maps = module(maps)
        if part.startswith("layer"):
            sides.append(maps.shape[-1])
    assert [8, 4, 2] == sides


@pytest.mark.parametrize("options", ["cardinality=0", "bottleneck_width=0"])
def test_a_block_without_a_path_is_refused(options: str) -> None:
    with pytest.raises(ValueError, match=r"make no block$"):
        built(f"resnext_reduced:{options}")
