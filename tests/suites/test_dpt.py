"""DPT: patches that learn where to lie and how large to be, on the pyramid of PVT."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401 - declares
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from suites.models.dpt import DePatch, dpt
from suites.models.pvt import STAGES, PatchEmbedding, PyramidVisionTransformer, as_maps

SIZES = ("tiny", "small", "medium")
CHANNELS, DIM, SIDE, PATCH = 3, 8, 8, 2
COUNT = SIDE // PATCH
"""Patches in a row."""
INNER = COUNT + 1
"""A patch away from the border: row 1, column 1, of the positions 2 and 3."""


@pytest.fixture
def depatch() -> DePatch:
    torch.manual_seed(0)
    return DePatch(CHANNELS, DIM, SIDE, PATCH)


@pytest.fixture
def maps() -> torch.Tensor:
    return torch.rand(2, CHANNELS, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def steer(module: DePatch, *, x: float = 0.0, y: float = 0.0, half: float = 0.25) -> None:
    """Make all patches predict one offset and one size, in patch sides, whatever the map holds."""
    embedding = module.features[0]
    assert isinstance(embedding, PatchEmbedding)
    with torch.no_grad():
        embedding.norm.weight.zero_()
        embedding.norm.bias.fill_(1)
        feature = float(nn.functional.gelu(torch.ones(())))
        module.offset.weight.zero_()
        module.offset.weight[:, 0] = torch.tensor([math.atanh(x), math.atanh(y)]) / feature
        module.scale.bias.fill_(math.atanh(half))


def columns_that_matter(module: DePatch, patch: int) -> list[int]:
    """Columns of the map that change what a patch holds."""
    maps = torch.rand(1, CHANNELS, SIDE, SIDE, requires_grad=True)
    module.sampled(maps)[0, patch].sum().backward()
    assert maps.grad is not None
    return [column for column in range(SIDE) if float(maps.grad[..., column].abs().sum()) > 1e-4]


def meta(build: partial[PyramidVisionTransformer]) -> nn.Module:
    with torch.device("meta"):
        return build(1000)


@pytest.mark.parametrize(("size", "millions"), list(zip(SIZES, ("15.2", "26.4", "46.1"), strict=True)))
def test_it_has_as_many_parameters_as_published(size: str, millions: str) -> None:
    assert millions == f"{count_parameters(meta(partial(dpt, size=size))).total / 1e6:.1f}"


@pytest.mark.parametrize(("size", "billions"), list(zip(SIZES, ("2.1", "4.0", "6.9"), strict=True)))
def test_it_takes_as_many_multiply_adds_as_published_and_both_counters_agree(size: str, billions: str) -> None:
    item = ARCHITECTURES.get(f"dpt_{size}")
    found = count_macs(build_untouched(item.build, 1000), torch.empty(1, 3, 224, 224))
    assert (billions, True) == (f"{found.total / 1e9:.1f}", found.counters_agree)


@pytest.mark.parametrize(("size", "millions"), list(zip(SIZES, ("13.2", "24.5", "44.2"), strict=True)))
def test_with_regular_patches_it_is_the_published_pvt(size: str, millions: str) -> None:
    # arXiv:2102.12122, table 2
    item = ARCHITECTURES.get(f"dpt_{size}:deformable=false")
    with torch.device("meta"):
        model = item.build(1000)
    assert millions == f"{count_parameters(model).total / 1e6:.1f}"


@pytest.mark.parametrize("size", SIZES)
def test_what_deformable_patches_cost_beyond_regular_ones_is_the_larger_embedding_and_the_predictors(
    size: str,
) -> None:
    pairs = [(before.dim, after.dim) for before, after in pairwise(STAGES)]
    expected = sum(9 * channels * dim + dim + 2 * dim + 4 * dim + 2 for channels, dim in pairs)
    both = [meta(partial(dpt, size=size, deformable=deformable)) for deformable in (True, False)]
    deformable, regular = (count_parameters(model).total for model in both)
    assert expected == deformable - regular


def test_sampling_itself_is_no_counted_product() -> None:
    patches, (channels, dim) = COUNT * COUNT, (CHANNELS, DIM)
    expected = patches * dim * (PATCH * PATCH * channels + 4 + 9 * channels)
    found = count_macs(DePatch(CHANNELS, DIM, SIDE, PATCH), torch.empty(1, CHANNELS, SIDE, SIDE))
    assert (expected, True) == (found.total, found.counters_agree)


def test_stages_have_an_eighth_a_sixteenth_and_a_thirty_second_of_the_side_and_the_last_a_class_token() -> None:
    model = meta(partial(dpt, size="tiny"))
    positions = {name: tuple(p.shape[1:]) for name, p in model.named_parameters() if name.endswith("position")}
    expected = [(56 * 56, 64), (28 * 28, 128), (14 * 14, 320), (7 * 7 + 1, 512)]
    assert expected == list(positions.values())


def test_the_first_stage_alone_has_regular_patches() -> None:
    model = dpt(10, "tiny", 32)
    kinds = [type(model.get_submodule(f"stages.{i}.embedding")) for i in range(4)]
    assert [PatchEmbedding, DePatch, DePatch, DePatch] == kinds


def test_untrained_predictors_lay_three_by_three_points_from_pixel_centre_to_pixel_centre(
    depatch: DePatch, maps: torch.Tensor
) -> None:
    places = depatch.points(maps)[1] * SIDE - 0.5  # in pixels, whole at their centres
    row, column = 1, 2
    x, y = places[row * COUNT + column].unbind(-1)
    torch.testing.assert_close(torch.tensor([[4.0, 4.5, 5.0]]).expand(3, 3), x)
    torch.testing.assert_close(torch.tensor([[2.0], [2.5], [3.0]]).expand(3, 3), y)


def test_untrained_predictors_sample_each_patch_regularly(depatch: DePatch, maps: torch.Tensor) -> None:
    held = as_maps(depatch.sampled(maps), COUNT).unflatten(1, (CHANNELS, 3, 3))
    torch.testing.assert_close(maps[:, :, ::2, ::2], held[:, :, 0, 0])
    torch.testing.assert_close(maps[:, :, 1::2, 1::2], held[:, :, 2, 2])
    torch.testing.assert_close(nn.functional.avg_pool2d(maps, 2), held[:, :, 1, 1])


def test_a_whole_model_begins_with_untrained_predictors() -> None:
    modules = [module for module in dpt(10, "tiny", 32).modules() if isinstance(module, DePatch)]
    assert 3 == len(modules)
    for module in modules:
        assert [0, 0] == [layer.weight.count_nonzero() for layer in (module.offset, module.scale)]
        torch.testing.assert_close(torch.full((2,), 0.25), module.scale.bias.detach().tanh())


def test_a_regular_patch_holds_its_own_columns(depatch: DePatch) -> None:
    steer(depatch)
    assert [2, 3] == columns_that_matter(depatch, INNER)


def test_an_offset_moves_a_patch_onto_other_columns(depatch: DePatch) -> None:
    steer(depatch, x=0.5)
    assert [3, 4] == columns_that_matter(depatch, INNER)


def test_an_offset_along_y_moves_no_column(depatch: DePatch) -> None:
    steer(depatch, y=0.5)
    assert [2, 3] == columns_that_matter(depatch, INNER)


def test_a_larger_scale_widens_the_window(depatch: DePatch) -> None:
    steer(depatch, half=0.75)
    assert [1, 2, 3, 4] == columns_that_matter(depatch, INNER)


def test_a_negative_scale_leaves_a_point(depatch: DePatch, maps: torch.Tensor) -> None:
    steer(depatch, half=-0.5)
    places = depatch.points(maps)[0, INNER].flatten(0, 1)
    torch.testing.assert_close(torch.full((9, 2), 1.5 / COUNT), places)


def test_a_window_is_cut_off_at_the_borders_of_the_map(depatch: DePatch, maps: torch.Tensor) -> None:
    steer(depatch, x=-0.9, half=0.9)
    x = depatch.points(maps)[..., 0]
    assert (0.0, True) == (float(x.min().detach()), bool((x <= 1).all()))


def test_other_content_gives_other_places_once_the_predictors_have_weights(
    depatch: DePatch, maps: torch.Tensor
) -> None:
    assert torch.equal(*depatch.points(maps))
    nn.init.normal_(depatch.offset.weight)
    assert not torch.equal(*depatch.points(maps))


def test_the_predictors_learn_from_the_start(depatch: DePatch, maps: torch.Tensor) -> None:
    depatch(maps).square().flatten(1).cumsum(1).sum().backward()
    gradients = (depatch.offset.weight.grad, depatch.scale.weight.grad)
    assert [True, True] == [gradient is not None and bool(gradient.abs().sum() > 0) for gradient in gradients]


@pytest.mark.parametrize("size", [16, 48, 100])
def test_a_side_that_is_no_multiple_of_32_pixels_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"multiple of 32 pixels, not {size}"):
        dpt(10, "tiny", size)


def test_the_size_of_the_image_is_an_option() -> None:
    item = ARCHITECTURES.get("dpt_tiny:image_size=64")
    assert (2, 5) == item.build(5).eval()(torch.zeros(2, 3, 64, 64)).shape


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="64 x 64 pixels are needed, not 96 x 96"):
        dpt(10, "tiny", 64)(torch.zeros(1, 3, 96, 96))
