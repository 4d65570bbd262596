"""Pictures: tiles, colours, files."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from bench.cell import MOST_BYTES
from bench.learning.looking.drawing import (
    GAP,
    Tile,
    TileRow,
    around_gray,
    coloured,
    enlarged,
    framed,
    in_rows,
    over,
    photograph,
    png,
    sheet,
)

RED = np.full((10, 20, 3), (255, 0, 0), np.uint8)


def opened(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def test_tiles_stand_side_by_side_with_gaps_around() -> None:
    assert (10 + 2 * GAP, 2 * 20 + 3 * GAP, 3) == sheet([TileRow([Tile(RED), Tile(RED)])]).shape


def test_between_tiles_it_is_white() -> None:
    drawn = sheet([TileRow([Tile(RED), Tile(RED)])])
    red, white = drawn[GAP + 5, GAP + 5], drawn[GAP + 5, GAP + 20 + GAP // 2]
    assert ([255, 0, 0], [255, 255, 255]) == (red.tolist(), white.tolist())


def test_a_label_has_room_below_its_tile() -> None:
    plain, labelled = (sheet([TileRow([Tile(RED, label)])]).shape[0] for label in ("", "7"))
    assert labelled > plain


def test_a_title_that_is_wider_than_its_tiles_is_not_cut() -> None:
    assert sheet([TileRow([Tile(RED)], "a long title of a row")]).shape[1] > 100


def test_tiles_go_line_by_line() -> None:
    tiles = [Tile(RED, str(i)) for i in range(5)]
    assert ["01", "23", "4"] == ["".join(t.label for t in row.tiles) for row in in_rows(tiles, 2)]


def test_pixels_are_enlarged_to_squares() -> None:
    drawn = enlarged(np.asarray([[[0] * 3, [255] * 3]], np.uint8), 8)
    assert (4, 8, 3) == drawn.shape
    assert {0, 255} == set(np.unique(drawn).tolist())


def test_gray_images_are_shown_in_three_equal_channels() -> None:
    shown = photograph(torch.tensor([[[7, 9]]], dtype=torch.uint8))
    assert [[[7, 7, 7], [9, 9, 9]]] == shown.tolist()


def test_zero_is_middle_gray_and_the_largest_weight_black_or_white() -> None:
    assert [[0, 128, 191]] == around_gray(np.asarray([[-2.0, 0.0, 1.0]]))[..., 0].tolist()


def test_weights_below_the_least_that_counts_stay_gray() -> None:
    faint = around_gray(np.asarray([[-1e-6, 1e-6]]), least=1.0)
    assert {127, 128} >= set(faint.flatten().tolist())


def test_colours_grow_lighter_at_every_step() -> None:
    light = coloured(np.linspace(0, 1, 50)[None]).astype(float) @ np.asarray([0.299, 0.587, 0.114])
    assert (np.diff(light[0]) > 0).all()


def test_equal_values_have_equal_colours() -> None:
    assert 1 == len(np.unique(coloured(np.full((3, 3), 0.5)).reshape(-1, 3), axis=0))


def test_what_is_attended_to_is_lighter_than_the_rest_of_the_picture() -> None:
    drawn = over(np.full((8, 8, 3), 100, np.uint8), np.asarray([[1.0, 0.0], [0.0, 0.0]]), 8)
    assert drawn[0, 0].mean() > drawn[7, 7].mean()


def test_a_frame_lies_on_the_edge_of_its_box() -> None:
    drawn = framed(np.zeros((10, 10, 3), np.uint8), [(2, 3, 7, 8)], "#ffffff")
    edges = [(3, 2), (8, 7)]
    assert [255, 255] == [int(drawn[y, x, 0]) for y, x in edges]
    assert 20 == int((drawn[..., 0] > 0).sum())


def test_a_gray_picture_comes_back_from_its_file_as_it_was() -> None:
    picture = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, 2)
    assert np.array_equal(picture, opened(png(picture)))


@pytest.mark.parametrize("channels", [1, 3])
def test_noise_that_no_file_could_hold_is_made_smaller(channels: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, channels), np.uint8)
    file = png(np.repeat(noise, 3 // channels, 2))
    assert len(file) <= MOST_BYTES
    assert opened(file).shape[0] < 900
