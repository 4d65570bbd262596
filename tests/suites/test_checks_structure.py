"""Depth, kernels and order, on small models whose structure is known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401  # declares
from suites.checks import _models, depth, structure


class Branches(nn.Module):
    """One convolution beside three, and a sum."""

    def __init__(self) -> None:
        super().__init__()
        self.short = nn.Conv2d(2, 2, 1)
        self.long = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.ReLU(inplace=True), nn.Conv2d(2, 2, 1))
        self.after = nn.Conv2d(2, 2, 1, groups=2)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        total: torch.Tensor = self.short(maps) + self.after(self.long(maps))
        return total


def test_depth_is_that_of_the_longest_branch() -> None:
    assert 3 == depth.longest_way(Branches().eval(), torch.zeros(1, 2, 4, 4))


def test_linear_layers_count_and_normalisation_does_not() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2, bias=False))
    assert 2 == depth.longest_way(model, torch.zeros(1, 1, 2, 2))


def test_products_of_feature_maps_are_no_weight_layers() -> None:
    class Product(nn.Module):
        def forward(self, maps: torch.Tensor) -> torch.Tensor:
            return maps @ maps

    assert 0 == depth.longest_way(Product(), torch.zeros(1, 3, 3))


@pytest.mark.parametrize(("architecture", "layers"), [("vgg11", 11), ("resnet18", 18), ("googlenet_2014", 22)])
def test_depth_is_what_the_names_and_papers_count(architecture: str, layers: int) -> None:
    assert layers == depth.weight_layers(architecture=architecture).value


@pytest.mark.parametrize(("first", "second", "expected"), [("vgg11", "lenet5", True), ("lenet5", "vgg11", False)])
def test_depths_are_compared(first: str, second: str, expected: bool) -> None:
    assert expected is depth.deeper(architecture=first, than=second).value


def test_filters_are_compared_layer_by_layer() -> None:
    assert structure.more_filters(architecture="vgg11", than="lenet5").value
    assert not structure.more_filters(architecture="lenet5", than="vgg11").value


def test_parameters_are_compared() -> None:
    assert structure.fewer_parameters(architecture="lenet5_1998", than="lenet5").value
    assert not structure.fewer_parameters(architecture="lenet5", than="lenet5").value


def test_each_kernel_size_is_named_once() -> None:
    assert "11x11, 5x5, 3x3" == structure.kernel_sizes(architecture="alexnet_2012").value
    assert "7x7, 3x3, 1x1" == structure.kernel_sizes(architecture="resnet18").value


def test_followers_are_those_that_run_after() -> None:
    assert "ReLU" == structure.followers(architecture="lecture_cnn", kind="Conv2d").value
    assert "Conv2d, Linear" == structure.followers(architecture="lecture_cnn", kind="MaxPool2d").value


@pytest.mark.parametrize(
    ("architecture", "place"),
    [("resnet18", "before activation"), ("plain34", "before activation"), ("vgg11", "elsewhere")],
)
def test_normalisation_stands_before_activation_where_it_is_between_it_and_the_convolution(
    architecture: str, place: str
) -> None:
    assert place == structure.place_of_normalisation(architecture=architecture).value


def test_a_sum_between_normalisation_and_activation_is_seen() -> None:
    told = "of 17 ReLU of resnet18 9 see what BatchNorm2d returns, 8 the sum of that and of a shortcut"
    assert told == structure.place_of_normalisation(architecture="resnet18").note


def test_an_order_holds_the_additions_of_maps_alone() -> None:
    branch = ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "Conv2d"]
    assert ["Conv2d", *branch, "addition"] == _models.order(Branches().eval(), torch.zeros(1, 2, 4, 4))


@pytest.mark.parametrize(("architecture", "expected"), [("alexnet_2012", True), ("lecture_cnn", False)])
def test_stacked_are_convolutions_without_pooling_between(architecture: str, expected: bool) -> None:
    assert expected is structure.stacked_convolutions(architecture=architecture).value


def test_an_inception_module_lays_its_branches_side_by_side() -> None:
    found = structure.concatenated_branches(architecture="inception_naive")
    assert found.value
    assert "64 + 128 + 32 + 192 = 416" in found.note


def test_a_residual_block_does_not() -> None:
    assert not structure.concatenated_branches(architecture="block_basic").value


@pytest.mark.parametrize(("architecture", "side"), [("lenet5_1998", 32), ("lecture_cnn", 28), ("vgg11", 32)])
def test_the_smallest_side_runs_and_one_pixel_less_does_not(architecture: str, side: int) -> None:
    assert side == structure.smallest_side(architecture=architecture).value


@pytest.mark.parametrize(("architecture", "expected"), [("lecture_cnn", "greyscale"), ("vgg11", "colour")])
def test_colours_are_the_channels_of_the_input(architecture: str, expected: str) -> None:
    assert expected == structure.colours(architecture=architecture).value


def test_a_convolution_shares_its_weights_and_position_dependent_layers_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert structure.shared_weights(architecture="lenet5_1998", module="c1.0").value

    class Placed(nn.Conv2d):
        def forward(self, maps: torch.Tensor) -> torch.Tensor:
            return super().forward(maps * torch.arange(maps.shape[-1]))

    monkeypatch.setattr(_models, "real", lambda _: nn.Sequential(Placed(1, 1, 5)))
    assert not structure.shared_weights(architecture="placed", module="0").value


@pytest.mark.parametrize(("architecture", "expected"), [("resnet18", True), ("resnext50_32x4d", False)])
def test_filters_of_groups_do_not_see_all_channels(architecture: str, expected: bool) -> None:
    assert expected is structure.filters_see_all_channels(architecture=architecture).value


def test_layers_fit_where_each_takes_what_the_one_before_returns() -> None:
    assert structure.layers_fit(layers=[[1, 8, 4], [3, 4, 4], [1, 4, 8]]).value
    found = structure.layers_fit(layers=[[1, 8, 4], [3, 2, 4], [1, 4, 8]])
    assert not found.value
    assert "layer 2 takes 2 channels and is given 4" == found.note
