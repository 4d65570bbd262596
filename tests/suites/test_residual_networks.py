"""Plain networks and ResNets: parameters by arithmetic, shortcuts by their outputs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from bench.measures.counts import count_macs
from suites.architectures.plain import plain18, plain34
from suites.architectures.resnet import (
    resnet18,
    resnet34,
    resnet50,
    resnet50_v1,
    resnet101_v1,
    resnet152_v1,
)
from suites.architectures.resnet_shortcuts import resnet18_a, resnet34_a, resnet34_b, resnet34_c
from suites.models.residual import PlainBlock, ZeroPaddedShortcut
from tests.suites.residuals import (
    WIDTHS,
    Build,
    macs,
    parameters,
    shapes,
    tensors,
    torchvision_blocks,
    with_statistics,
)

resnet = lazy("torchvision.models.resnet")
NEW = (
    "plain18",
    "plain34",
    "resnet18_a",
    "resnet34_a",
    "resnet34_b",
    "resnet34_c",
    "resnet50_v1",
    "resnet101_v1",
    "resnet152_v1",
    "resnext101_32x8d",
    "resnext50_constant",
    "wide_resnet50_2",
    "wide_resnet101_2",
)


@pytest.mark.parametrize(
    ("depth", "build"),
    [
        (18, plain18),
        (34, plain34),
        (18, resnet18_a),
        (34, resnet34_a),
        (34, resnet34_b),
        (34, resnet34_c),
        (50, resnet50_v1),
        (101, resnet101_v1),
        (152, resnet152_v1),
    ],
)
def test_the_name_tells_the_weight_layers_beside_the_shortcuts(depth: int, build: Build) -> None:
    layers = [n for n, m in shapes(build).named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert depth == len([name for name in layers if "downsample" not in name])


@pytest.mark.parametrize(("build", "layers"), [(plain18, (2, 2, 2, 2)), (plain34, (3, 4, 6, 3))])
def test_a_plain_network_has_the_parameters_of_its_table(build: Build, layers: tuple[int, ...]) -> None:
    total, channels = 3 * 7 * 7 * 64 + 2 * 64, 64
    for width, depth in zip(WIDTHS, layers, strict=True):
        total += 3 * 3 * channels * width + (2 * depth - 1) * 3 * 3 * width * width + 2 * depth * 2 * width
        channels = width
    assert total + 512 * 1000 + 1000 == parameters(shapes(build))


@pytest.mark.parametrize("width", [16, 64])
@pytest.mark.parametrize(("without", "residual"), [(plain18, resnet18_a), (plain34, resnet34_a)])
def test_identity_shortcuts_add_no_parameter_to_the_plain_network(
    without: Callable[..., nn.Module], residual: Callable[..., nn.Module], width: int
) -> None:
    expected, found = (shapes(partial(build, width=width)) for build in (without, residual))
    assert tensors(expected) == tensors(found)


def test_plain_and_residual_networks_of_one_seed_begin_with_the_same_weights() -> None:
    states = []
    for build in (plain18, resnet18_a):
        torch.manual_seed(0)
        states.append(build(10, width=4).state_dict())
    torch.testing.assert_close(states[0], states[1], rtol=0, atol=0)


def test_option_a_keeps_the_tensors_of_resnet34_beside_its_projections() -> None:
    kept = {name: shape for name, shape in tensors(shapes(resnet34)).items() if "downsample" not in name}
    assert kept == tensors(shapes(resnet34_a))


@pytest.mark.parametrize("build", [plain34, resnet34_a])
def test_a_quarter_of_the_width_takes_about_a_sixteenth_of_the_multiply_adds(
    build: Callable[..., nn.Module],
) -> None:
    # the first convolution, whose input has three channels whatever the width, takes a quarter
    first, of_which = 3 * 7 * 7 * 64 * 112**2, 512 * 1000
    quarter = first // 4 + (macs(build) - first - of_which) // 16 + of_which // 4
    assert quarter == macs(partial(build, width=16))


@pytest.mark.parametrize("build", [plain34, resnet34_a])
def test_a_network_without_channels_is_refused(build: Callable[..., nn.Module]) -> None:
    with pytest.raises(ValueError, match=r"^width must be 1 channel or more, not 0$"):
        build(10, width=0)


def test_option_b_adds_a_projection_wherever_the_dimensions_grow() -> None:
    projections = sum(a * b + 2 * b for a, b in pairwise(WIDTHS))
    assert projections == parameters(shapes(resnet34_b)) - parameters(shapes(resnet34_a))


def test_option_b_is_resnet34() -> None:
    assert tensors(shapes(resnet34)) == tensors(shapes(resnet34_b))


def test_option_c_adds_thirteen_projections_more() -> None:
    times = (3, 3, 5, 2)
    assert 13 == sum(times)
    projections = sum(n * (width * width + 2 * width) for n, width in zip(times, WIDTHS, strict=True))
    assert projections == parameters(shapes(resnet34_c)) - parameters(shapes(resnet34_b))


def test_plain_and_residual_networks_of_34_layers_take_the_same_3_6_billion_multiply_adds() -> None:
    assert 3.6 == round(macs(plain34) / 1e9, 1)
    assert macs(plain34) == macs(resnet34_a)


def test_a_residual_network_without_its_shortcuts_is_the_plain_network() -> None:
    class Nothing(nn.Module):
        def forward(self, maps: torch.Tensor) -> torch.Tensor:
            return maps.new_zeros(())

    residual = with_statistics(resnet34_a(5))
    other = plain34(5).eval()
    other.load_state_dict(residual.state_dict())
    images = torch.rand(1, 3, 48, 48)
    with torch.inference_mode():
        whole = residual(images)
        for block in torchvision_blocks(residual):
            block.downsample = Nothing()
        torch.testing.assert_close(residual(images), other(images))
    assert not torch.allclose(whole, other(images))


def test_a_residual_block_of_weight_zero_passes_its_input_and_a_plain_one_passes_nothing() -> None:
    residual, without = resnet.BasicBlock(8, 8), PlainBlock(8, 8, stride=1)
    maps = torch.rand(2, 8, 5, 5)
    for block in (residual, without):
        nn.init.zeros_(block.bn2.weight)
    assert torch.equal(maps, residual(maps))
    assert torch.equal(torch.zeros(2, 8, 5, 5), without(maps))


@pytest.mark.parametrize(("side", "out"), [(4, 2), (5, 3), (1, 1)])
def test_a_zero_padded_shortcut_takes_every_second_pixel_and_adds_channels_of_zeros(side: int, out: int) -> None:
    maps = torch.rand(2, 3, side, side)
    result = ZeroPaddedShortcut(stride=2, extra=2)(maps)
    assert (2, 5, out, out) == result.shape
    assert torch.equal(maps[:, :, ::2, ::2], result[:, :3])
    assert 0 == result[:, 3:].abs().sum()


def test_new_convolutions_are_drawn_as_those_of_resnet() -> None:
    # a deviation of sqrt(2 / fan_out), within 2 % for 262,144 values and more
    last = plain18(2).get_submodule("layer4.1.conv2")
    projection = resnet34_c(2).get_submodule("layer4.2.downsample.0")
    assert isinstance(last, nn.Conv2d) and isinstance(projection, nn.Conv2d)
    assert pytest.approx((2 / (9 * 512)) ** 0.5, rel=0.02) == last.weight.std().item()
    assert pytest.approx((2 / 512) ** 0.5, rel=0.02) == projection.weight.std().item()


@pytest.mark.parametrize(
    ("printed", "build"), [(3.8, resnet50_v1), (7.6, resnet101_v1), (11.3, resnet152_v1), (1.8, resnet18)]
)
def test_the_published_networks_take_the_multiply_adds_of_the_papers_table(printed: float, build: Build) -> None:
    # 3.86 is printed as 3.8
    assert pytest.approx(printed, abs=0.06) == macs(build) / 1e9


def test_the_stride_in_the_3x3_costs_three_quarters_of_three_convolutions_more() -> None:
    # their output is four times as large: 256 to 128 channels at 56 px, 512 to 256 at 28, 1024 to 512 at 14
    more = 3 * (256 * 128 * 56 * 56) * 3 // 4
    assert (3.86, 4.09) == (round(macs(resnet50_v1) / 1e9, 2), round(macs(resnet50) / 1e9, 2))
    assert more == macs(resnet50) - macs(resnet50_v1)


def test_the_place_of_the_stride_changes_no_tensor() -> None:
    assert tensors(shapes(resnet50)) == tensors(shapes(resnet50_v1))


def test_the_stride_is_in_the_first_1x1_of_the_blocks_that_halve_the_maps() -> None:
    strides = [(block.conv1.stride, block.conv2.stride) for block in torchvision_blocks(shapes(resnet50_v1))]
    expected = [((1, 1), (1, 1))] * 16
    for first_of_a_stage in (3, 7, 13):
        expected[first_of_a_stage] = ((2, 2), (1, 1))
    assert expected == strides


def test_ten_crop_errors_of_the_paper_stand_with_the_networks_that_it_measured() -> None:
    table = {
        "plain34": (28.54, 10.02),
        "resnet34_a": (25.03, 7.76),
        "resnet34_b": (24.52, 7.46),
        "resnet34_c": (24.19, 7.40),
        "resnet50_v1": (22.85, 6.71),
        "resnet101_v1": (21.75, 6.05),
        "resnet152_v1": (21.43, 5.71),
    }
    stated = {
        name: tuple(f.value for f in ARCHITECTURES.get(name).published if f.source.endswith("Table 3"))
        for name in table
    }
    assert table == stated
    assert "10-crop" not in {f.protocol for f in ARCHITECTURES.get("resnet50").published}


@pytest.mark.parametrize("name", ["plain18", "resnet18_a", "resnet34_a:width=16", "resnet34_c"])
def test_both_counters_agree(name: str) -> None:
    found = count_macs(shapes(ARCHITECTURES.get(name).build), torch.empty(1, 3, 64, 64))
    assert found.second_counter == found.total > 0


@pytest.mark.parametrize("name", NEW)
def test_the_default_benchmark_is_not_made_longer(name: str) -> None:
    assert not ARCHITECTURES.get(name).lecture
