"""How pictures are made ready: the arithmetic, what is taken where weights say nothing, and what is told of it."""

from __future__ import annotations

import json

import pytest

from bench.declare.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Geometry, Preprocessing, whole

IMAGENET = Preprocessing(mean=IMAGENET_MEAN, std=IMAGENET_STD, resize=256, crop=224, said_by="torchvision W")


@pytest.mark.parametrize(("resolution", "resized"), [(224, 256), (96, 109), (448, 512), (128, 146)])
def test_at_another_resolution_the_resize_grows_with_the_cut(resolution: int, resized: int) -> None:
    assert resized == IMAGENET.at(resolution).resized


def test_of_the_shorter_side_the_longer_follows() -> None:
    assert (341, 256) == Geometry(224, 256).size(640, 480)


def test_with_a_border_the_longer_side_is_resized() -> None:
    assert (224, 168) == Geometry(224, 224, fit="border").size(640, 480)


def test_a_picture_that_is_squashed_is_square_whatever_it_was() -> None:
    assert (224, 224) == whole(224).size(640, 480)


@pytest.mark.parametrize(("length", "start"), [(256, 16), (255, 16), (224, 0), (220, -2), (219, -2)])
def test_the_square_lies_in_the_middle(length: int, start: int) -> None:
    assert start == Geometry(224, 256).offset(length)


def test_pictures_of_one_size_are_resized_as_a_whole_where_the_weights_say_nothing() -> None:
    assert whole(64) == Preprocessing().completed(12).at(64)


def test_pictures_of_many_sizes_are_cut_as_usual_where_the_weights_say_nothing() -> None:
    assert Geometry(224, 256) == Preprocessing().completed(None).at(224)


def test_what_the_weights_say_is_not_completed() -> None:
    assert IMAGENET == IMAGENET.completed(12)


def test_a_geometry_that_was_supposed_is_told_as_such() -> None:
    how = Preprocessing(mean=(0.5,), std=(0.2,), said_by="the file").completed(None)
    assert "resize 36, centre 32, bilinear, mean 0.5, deviation 0.2 (the file; size and cut: default)" == how.told(
        32
    )


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (IMAGENET, "resize 146, centre 128, bilinear, ImageNet's colours (torchvision W)"),
        (
            Preprocessing(resize=1, crop=1, fit="squash", interpolation="bicubic", said_by="w"),
            "whole picture to 128, bicubic, colours of the images trained on (w)",
        ),
        (
            Preprocessing(resize=1, crop=1, fit="border", said_by="w"),
            "with a border, longer side to 128, bilinear, colours of the images trained on (w)",
        ),
    ],
    ids=["centre", "squash", "border"],
)
def test_it_is_told_in_one_line(how: Preprocessing, told: str) -> None:
    assert told == how.told(128)


def test_it_comes_through_json_as_it_was() -> None:
    how = Preprocessing(mean=(0.5,), std=(0.2,), resize=8, crop=7, fit="border", fill=(1, 2, 3))
    assert how == Preprocessing.from_dict(json.loads(json.dumps(how.to_dict())))


@pytest.mark.parametrize("geometry", [Geometry(224, 256), Geometry(96, 96, "lanczos", "border", (1, 2, 3))])
def test_a_geometry_comes_through_an_artifact_as_it_was(geometry: Geometry) -> None:
    assert geometry == Geometry.of_spec(dict(geometry.to_spec()))


def test_who_says_it_makes_no_difference_to_what_is_done() -> None:
    assert Preprocessing(said_by="a").key == Preprocessing(said_by="b").key


def test_other_colours_make_a_difference() -> None:
    first, second = (Preprocessing(mean=(mean,), std=(0.2,)) for mean in (0.4, 0.5))
    assert first.key != second.key
