"""Stages of residual networks as the papers' tables spell them, and what shortcuts do."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401  # declares
from suites.checks import _models, residual


@pytest.mark.parametrize(
    ("architecture", "stage", "cell"),
    [
        ("resnet18", "conv3_x", "[3x3, 128; 3x3, 128] x 2"),
        ("resnet50", "conv4", "[1x1, 256; 3x3, 256; 1x1, 1024] x 6"),
        ("resnext50_32x4d", "conv2", "[1x1, 128; 3x3, 128, C=32; 1x1, 256] x 3"),
    ],
)
def test_a_stage_is_spelled_as_in_the_tables_of_papers(architecture: str, stage: str, cell: str) -> None:
    assert cell == residual.stage_structure(architecture=architecture, stage=stage).value


@pytest.mark.parametrize(("stage", "size"), [("conv1", "112x112"), ("conv5_x", "7x7"), ("average pool", "1x1")])
def test_a_stage_returns_maps_of_its_size(stage: str, size: str) -> None:
    assert size == residual.stage_output(architectures=["resnet18", "resnet50"], stage=stage).value


def test_networks_that_differ_are_both_named() -> None:
    found = residual.first_convolution(architectures=["resnet18", "vgg11"])
    assert "7x7, 64, stride 2; 3x3, 64, stride 1" == found.value


def test_pooling_comes_with_its_stride() -> None:
    assert "3x3 max pool, stride 2" == residual.first_pooling(architectures=["resnet18"]).value


def test_the_end_of_a_network_is_its_last_pooling_and_linear_layer() -> None:
    assert "average pool, 1000-d fc" == residual.last_layers(architectures=["resnet18"]).value
    assert "max pool, 10-d fc" == residual.last_layers(architectures=["lecture_cnn"]).value


def test_a_bottleneck_reduces_and_restores_channels() -> None:
    found = residual.channel_changes(architecture="block_bottleneck")
    assert "1x1 reduces, 3x3 keeps, 1x1 increases" == found.value


@pytest.mark.parametrize(("architecture", "expected"), [("block_bottleneck", True), ("block_basic", False)])
def test_only_a_bottleneck_is_narrow_inside(architecture: str, expected: bool) -> None:
    assert expected is residual.narrow_kernel(architecture=architecture, kernel=3).value


@pytest.mark.parametrize(
    ("architecture", "expected"), [("resnet18", True), ("resnet50", True), ("plain18", False)]
)
def test_residual_blocks_add_their_shortcut(architecture: str, expected: bool) -> None:
    assert expected is residual.residual_sums(architecture=architecture).value


class Gated(nn.Module):
    """A residual block whose shortcut is weighed."""

    def __init__(self, gate: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.downsample = None
        self.gate = gate

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.bn1(self.conv1(maps)) + self.gate * maps)


@pytest.mark.parametrize(("gate", "expected"), [(0.5, True), (1.0, False)])
def test_a_shortcut_that_weighs_what_it_carries_is_gated(
    gate: float, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_models, "real", lambda _: nn.Sequential(Gated(gate)).eval())
    assert expected is residual.gated_shortcuts(architecture="gated").value


@pytest.mark.parametrize(("architecture", "expected"), [("resnet34_b", True), ("resnet34_c", False)])
def test_option_b_projects_only_where_channels_grow(architecture: str, expected: bool) -> None:
    assert expected is residual.projections_where_channels_grow(architecture=architecture).value
