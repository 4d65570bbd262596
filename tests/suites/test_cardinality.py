"""ResNeXt and Wide ResNet: more paths or more width at the depth of ResNet."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from suites.architectures.resnet import resnet50
from suites.architectures.resnext import BOTTLENECK, resnext50_constant, width_at_constant_complexity
from suites.architectures.wide_resnet import wide_resnet50_2, wide_resnet101_2
from tests.suites.residuals import WIDTHS, Build, shapes, tensors, torchvision_blocks, with_statistics


@pytest.mark.parametrize(("cardinality", "width"), [(1, 64), (2, 40), (4, 24), (8, 14), (32, 4)])
def test_widths_at_constant_complexity_are_those_of_the_paper(cardinality: int, width: int) -> None:
    assert width == width_at_constant_complexity(cardinality)


@pytest.mark.parametrize("cardinality", [1, 2, 4, 8, 16, 32, 64])
def test_constant_complexity_holds_within_8_percent(cardinality: int) -> None:
    d = width_at_constant_complexity(cardinality)
    assert pytest.approx(BOTTLENECK, rel=0.08) == cardinality * d * (512 + 9 * d)


def test_no_path_has_no_width() -> None:
    with pytest.raises(ValueError, match="0 paths"):
        width_at_constant_complexity(0)


def test_one_path_of_64_channels_is_resnet50() -> None:
    def single(classes: int) -> nn.Module:
        return resnext50_constant(classes, cardinality=1, bottleneck_width=64)

    assert tensors(shapes(resnet50)) == tensors(shapes(single))
    model, other = with_statistics(resnet50(3)), single(3).eval()
    other.load_state_dict(model.state_dict())
    images = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model(images), other(images))


def test_32_paths_of_4_channels_are_resnext50() -> None:
    declared = ARCHITECTURES.get("resnext50_32x4d").build
    assert tensors(shapes(declared)) == tensors(shapes(resnext50_constant))


@pytest.mark.parametrize("build", [wide_resnet50_2, wide_resnet101_2])
def test_wide_resnets_double_the_3x3_convolutions_and_leave_the_outputs(build: Build) -> None:
    for block, width in zip(torchvision_blocks(shapes(build)), _widths(build), strict=True):
        channels = (block.conv1.out_channels, block.conv2.out_channels, block.conv3.out_channels)
        assert (2 * width, 2 * width, 4 * width) == channels


def _widths(build: Build) -> list[int]:
    depths = (3, 4, 6, 3) if build is wide_resnet50_2 else (3, 4, 23, 3)
    return [width for width, depth in zip(WIDTHS, depths, strict=True) for _ in range(depth)]
