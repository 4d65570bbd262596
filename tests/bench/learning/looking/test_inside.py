"""Filters, feature maps, positions, patches, confusions: what is found in small models."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from bench.errors import Unsupported
from bench.learning.looking.attention import AttentionLayer
from bench.learning.looking.attention_maps import draw_attention, spread
from bench.learning.looking.confusions import PictureAnswers, draw_confusions
from bench.learning.looking.filters import draw_filters, first_filters, principal
from bench.learning.looking.gallery import change, draw_gallery, draws_of
from bench.learning.looking.maps import as_maps, draw_maps, feature_maps_of, stages
from bench.learning.looking.patches import Patches, draw_patches, patches_of, regular_corners
from bench.learning.looking.positions import draw_positions, positions_of
from tests.bench.looks import look_of


class Net(nn.Module):
    """Two convolutions, registered in the opposite order, and a head."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.second = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.ReLU())
        self.first = nn.Conv2d(channels, 4, 3, padding=1)
        self.head = nn.Linear(6, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.second(self.first(images)).mean((2, 3)))
        return logits


def test_the_first_filters_are_those_of_the_convolution_that_is_called_first() -> None:
    net = Net()
    found = first_filters(look_of(net))
    assert "first" == found.name
    torch.testing.assert_close(net.first.weight.detach(), found.weight)


def test_filters_that_have_seen_gray_pictures_alone_are_summed_over_the_colours() -> None:
    net = Net()
    found = first_filters(look_of(net, gray=True))
    torch.testing.assert_close(net.first.weight.detach().sum(1, keepdim=True), found.weight)


def test_a_filter_without_weights_counts_as_empty() -> None:
    net = Net()
    with torch.no_grad():
        net.first.weight[0] = 0
    assert 1 / 4 == first_filters(look_of(net)).empty


def test_without_a_convolution_there_are_no_filters() -> None:
    with pytest.raises(Unsupported, match="net has no convolution"):
        first_filters(look_of(nn.Sequential(nn.Flatten(), nn.Linear(48, 2))))


def test_filters_of_feature_maps_are_no_pictures() -> None:
    with pytest.raises(Unsupported, match="take 5 channels"):
        first_filters(look_of(Net(channels=5), channels=5))


def test_a_patch_embedding_is_drawn_by_its_principal_components_too() -> None:
    net = nn.Sequential(nn.Conv2d(3, 64, 4, 4), nn.Flatten(), nn.Linear(64, 2))
    names = [picture.name for picture in draw_filters(first_filters(look_of(net)))]
    assert ["filters", "components"] == names


def test_components_that_are_all_there_is_hold_all_variance() -> None:
    filters = torch.randn(40, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    assert 1.0 == pytest.approx(principal(filters)[1])


def test_a_channel_that_is_the_same_everywhere_is_dead() -> None:
    net = Net()
    with torch.no_grad():
        net.get_parameter("second.0.bias")[:] = torch.tensor([9, 9, -1e6, 9, 9, 9])
    first, second = feature_maps_of(look_of(net), "")
    assert ["first", "second"] == [first.stage, second.stage]
    assert [2] == torch.nonzero(second.dead).flatten().tolist()


def test_the_maps_of_a_stage_are_asked_for_by_its_name() -> None:
    (maps,) = feature_maps_of(look_of(Net()), "second.0")
    assert ("second.0", (2, 6, 4, 4)) == (maps.stage, tuple(maps.values.shape))


def test_a_stage_that_there_is_not_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="net has no stage 'layer9'"):
        feature_maps_of(look_of(Net()), "layer9")


def test_a_stage_without_maps_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="stage 'head' of net answers without feature maps"):
        feature_maps_of(look_of(Net()), "head")


def test_the_head_is_no_stage() -> None:
    assert ["second", "first"] == [name for name, _ in stages(Net(), ("head",))]


def test_tokens_are_maps_without_those_beside_the_grid() -> None:
    tokens = torch.arange(10.0).reshape(1, 5, 2)
    maps = as_maps(tokens)
    assert maps is not None
    assert [[[2, 4], [6, 8]], [[3, 5], [7, 9]]] == maps[0].tolist()


def test_maps_with_channels_last_are_turned() -> None:
    maps = as_maps(torch.zeros(1, 4, 4, 96))
    assert maps is not None
    assert (1, 96, 4, 4) == tuple(maps.shape)


@pytest.mark.parametrize("shape", [(2, 10), (2, 8, 1, 1), (2, 13, 4)])
def test_what_is_no_grid_is_no_map(shape: tuple[int, ...]) -> None:
    assert as_maps(torch.zeros(shape)) is None


class Placed(nn.Module):
    """Learned positions of a 3 x 3 grid and a class token."""

    def __init__(self, embedding: torch.Tensor) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.cat([torch.ones(1, embedding.shape[1]), embedding])[None])
        self.head = nn.Linear(3, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(images.mean((2, 3)))
        return logits


def on_a_grid() -> torch.Tensor:
    """9 x 4: each position by its angles along both axes."""
    angle = torch.arange(3) * 0.5
    rows, columns = angle.repeat_interleave(3), angle.repeat(3)
    return torch.stack([rows.cos(), rows.sin(), columns.cos(), columns.sin()], 1)


def test_positions_that_know_two_dimensions_are_nearest_to_their_neighbours() -> None:
    (found,) = positions_of(look_of(Placed(on_a_grid())))
    assert ("pos_embedding", 1.0) == (found.name, found.neighbourly)


def test_by_chance_a_neighbour_is_the_nearest_as_often_as_there_are_neighbours() -> None:
    (found,) = positions_of(look_of(Placed(on_a_grid())))
    assert (4 * 2 + 4 * 3 + 4) / 9 / 8 == pytest.approx(found.by_chance)


def test_similarity_is_the_cosine() -> None:
    (found,) = positions_of(look_of(Placed(on_a_grid())))
    assert (1.0, (1 + math.cos(0.5)) / 2) == pytest.approx(
        (float(found.similarity[4, 4]), float(found.similarity[0, 1]))
    )


def test_without_learned_positions_there_is_nothing_to_compare() -> None:
    with pytest.raises(Unsupported, match="net learns no embedding of absolute positions"):
        positions_of(look_of(Net()))


class Deforming(nn.Module):
    """2 x 2 patches of a quarter of the picture each, all an eighth further right and half as high."""

    def points(self, maps: torch.Tensor) -> torch.Tensor:
        corners = regular_corners(2)
        middle = (corners[:, 1] + corners[:, 3]) / 2
        x = torch.stack([corners[:, 0], corners[:, 2]], 1) + 0.125
        y = torch.stack([middle - 0.125, middle + 0.125], 1)
        grid = torch.stack([x[:, None, :].expand(-1, 2, -1), y[:, :, None].expand(-1, -1, 2)], -1)
        return grid.expand(len(maps), -1, -1, -1, -1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps


def deforming() -> nn.Module:
    return nn.Sequential(Deforming(), nn.Flatten(), nn.Linear(48, 2))


def test_learned_patches_have_a_size_and_a_shift_in_sides_of_regular_ones() -> None:
    (found,) = patches_of(look_of(deforming()))
    assert (0.75, 0.25) == pytest.approx((found.size, found.offset))


def test_regular_patches_are_not_shifted() -> None:
    found = Patches("regular", regular_corners(3)[None])
    assert (1.0, 0.0) == pytest.approx((found.size, found.offset), abs=1e-6)


def test_without_learned_patches_there_are_none_to_draw() -> None:
    with pytest.raises(Unsupported, match="net learns no patches"):
        patches_of(look_of(Net()))


def test_no_augmentation_changes_nothing() -> None:
    pixels = look_of(Net()).pixels
    assert 0.0 == change(pixels, draws_of(pixels, "none", 0))


def test_the_change_is_a_share_of_the_range() -> None:
    black = torch.zeros(1, 1, 2, 2, dtype=torch.uint8)
    assert 1.0 == change(black, torch.full((8, 1, 1, 2, 2), 255, dtype=torch.uint8))


LABELS = torch.tensor([0, 0, 0, 1, 1, 2, 2])
ANSWERS = PictureAnswers(LABELS, torch.tensor([1, 1, 0, 1, 2, 2, 0]), 3)


def test_the_most_frequent_confusion_stands_first() -> None:
    first, *others = ANSWERS.pairs(3)
    assert (0, 1, [0, 1]) == (first.true, first.answered, first.images.tolist())
    assert {(1, 2), (2, 0)} == {(pair.true, pair.answered) for pair in others}


def test_right_answers_are_no_confusion() -> None:
    assert [] == PictureAnswers(LABELS, LABELS, 3).pairs(3)


def test_the_share_is_of_the_errors() -> None:
    assert (4, 2 / 4) == (ANSWERS.errors, ANSWERS.concentration)


def test_without_an_error_no_pair_has_a_share() -> None:
    assert 0.0 == PictureAnswers(LABELS, LABELS, 3).concentration


def test_classes_are_called_by_their_names() -> None:
    pixels = torch.zeros(7, 1, 4, 4, dtype=torch.uint8)
    named = PictureAnswers(LABELS, ANSWERS.answers, 3, ("cat", "dog", "owl"))
    assert ["cat", "1"] == [named.name(0), ANSWERS.name(1)]
    assert ["confusions", "table"] == [picture.name for picture in draw_confusions(named, pixels)]


def test_the_pictures_of_files_are_named_by_them() -> None:
    pixels = torch.zeros(7, 1, 4, 4, dtype=torch.uint8)
    paths = tuple(f"pool/{i}.jpg" for i in range(7))
    first, _ = draw_confusions(PictureAnswers(LABELS, ANSWERS.answers, 3, paths=paths), pixels)
    assert first.caption.endswith(" The pictures are pool/0.jpg, pool/1.jpg, pool/4.jpg, pool/6.jpg.")


def test_every_look_at_a_file_names_it() -> None:
    look = replace(look_of(Net()), paths=("cat/0.jpg", "dog/0.jpg"))
    pictures = [
        *draw_maps(look, feature_maps_of(look, "")),
        *draw_patches(look, patches_of(look_of(deforming()))),
        *draw_gallery(look.pixels, draws_of(look.pixels, "lecture", 0), "lecture", look.paths),
        *draw_attention(look, [AttentionLayer(torch.full((2, 3, 4, 4), 0.25), (2, 2))]),
    ]
    said = [picture.caption.rpartition(" The picture")[2] for picture in pictures]
    assert [*[" is cat/0.jpg."] * 4, "s are cat/0.jpg, dog/0.jpg."] == said


@pytest.mark.parametrize(("number", "chosen"), [(2, [0, 1]), (4, [0, 1, 2, 3]), (12, [0, 4, 7, 11])])
def test_what_is_drawn_of_many_is_spread_from_the_first_to_the_last(number: int, chosen: list[int]) -> None:
    assert chosen == spread(number, 4)


def test_every_picture_says_what_one_sees() -> None:
    look = look_of(Net())
    uniform = AttentionLayer(torch.full((2, 3, 4, 4), 0.25), (2, 2))
    pictures = [
        *draw_filters(first_filters(look)),
        *draw_maps(look, feature_maps_of(look, "")),
        *draw_attention(look, [uniform]),
        *draw_positions(positions_of(look_of(Placed(on_a_grid())))),
        *draw_patches(look, patches_of(look_of(deforming()))),
        *draw_gallery(look.pixels, draws_of(look.pixels, "lecture", 0), "lecture"),
        *draw_confusions(ANSWERS, torch.zeros(7, 1, 4, 4, dtype=torch.uint8)),
    ]
    assert 9 == len(pictures)
    assert {True} == {p.png.startswith(b"\x89PNG") and p.caption.endswith((".", "%.")) for p in pictures}
