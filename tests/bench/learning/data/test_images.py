"""Data of learning cells: splits by content, budgets, shapes, and a test split that opens once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import dataset
from bench.declare.declarations import Images
from bench.declare.preprocessing import Geometry, Interpolation, whole
from bench.errors import Unsupported
from bench.learning.data.fitting import fit_to
from bench.learning.data.images import (
    Normalisation,
    Stored,
    contents,
    make_dataset,
    normalisation_of,
    read_dataset,
)
from bench.learning.data.splits import SPLITS, split_of
from bench.learning.partition import Partition, budget, cross_validated


def noise(n: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 6, 6, channels), np.uint8)


def stored(n: int = 300, classes: int = 3) -> Stored:
    pixels = noise(n)
    content = contents(pixels)
    labels = np.arange(n) % classes
    split = torch.from_numpy(split_of((), content, labels, few=False))
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    return Stored(images, torch.from_numpy(labels), split, torch.from_numpy(content))


def drawn(shots: int | None, fold: int = 0, seed: int = 0) -> list[int]:
    """Positions of a budget of the stored images."""
    data = stored()
    return budget(data.indices("train"), data.labels, shots, fold, seed).tolist()


def kept(images: Images, tmp_path: Path) -> Stored:
    """The images after their way through the shelf."""
    dataset(name="some", classes=2, channels=1, resolution=6, licence="none", source="these tests")(lambda: images)
    artifact, shelf = Artifact("dataset", (("name", "some"),)), Shelf(tmp_path)
    make_dataset(artifact, shelf)
    return read_dataset(artifact, shelf)


@pytest.mark.usefixtures("no_declarations")
def test_a_split_that_the_data_prescribe_is_kept(tmp_path: Path) -> None:
    names = ["test", "train", "val", "train"]
    data = kept(Images(noise(4), np.array([0, 1, 0, 1]), np.array(names)), tmp_path)
    assert names == [SPLITS[code] for code in data.split.tolist()]


@pytest.mark.usefixtures("no_declarations")
def test_a_split_of_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not dev"):
        kept(Images(noise(2), np.array([0, 1]), np.array(["train", "dev"])), tmp_path)


@pytest.mark.usefixtures("no_declarations")
def test_images_come_back_from_the_shelf_with_their_channels_first(tmp_path: Path) -> None:
    pixels = noise(4)
    data = kept(Images(pixels, np.array([0, 1, 0, 1])), tmp_path)
    assert pixels.transpose(0, 3, 1, 2).tolist() == data.pixels.tolist()


def test_a_budget_takes_so_many_training_images_of_each_class() -> None:
    data = stored()
    chosen = torch.tensor(drawn(4))
    assert [4, 4, 4] == torch.bincount(data.labels[chosen]).tolist()
    assert {SPLITS.index("train")} == set(data.split[chosen].tolist())


def test_a_budget_of_none_takes_the_whole_training_split() -> None:
    data = stored()
    assert data.indices("train").tolist() == sorted(drawn(None))


def test_a_larger_budget_holds_the_smaller() -> None:
    small, large = (set(drawn(shots)) for shots in (4, 9))
    assert small < large


def test_folds_of_a_seed_share_no_image() -> None:
    first, second = (set(drawn(4, fold)) for fold in (0, 1))
    assert set() == first & second


def test_another_seed_draws_other_images() -> None:
    assert drawn(4) != drawn(4, seed=1)


def test_too_few_images_of_a_class_are_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"class 0 has .* training images, fewer than 90"):
        drawn(90)


def test_the_test_split_opens_once() -> None:
    partition = Partition(stored(), shots=4, fold=0, seed=0)
    partition.open_test()
    with pytest.raises(RuntimeError, match="once"):
        partition.open_test()


def test_training_validation_and_test_share_no_image() -> None:
    partition = Partition(stored(), shots=None, fold=0, seed=0)
    parts = [set(part.tolist()) for part in (partition.train, partition.val, partition.open_test())]
    assert set() == (parts[0] & parts[1]) | (parts[1] & parts[2]) | (parts[0] & parts[2])


def test_every_seed_is_validated_on_the_same_images() -> None:
    first, second = (Partition(stored(), 4, 0, seed).val.tolist() for seed in (0, 1))
    assert first == second


def test_gray_images_fill_three_equal_channels() -> None:
    fitted = fit_to(torch.from_numpy(noise(2)).permute(0, 3, 1, 2), channels=3, geometry=whole(6))
    assert (2, 3, 6, 6) == fitted.shape
    assert fitted[:, 0].equal(fitted[:, 2])


def test_red_becomes_the_gray_of_its_luma() -> None:
    red = torch.zeros(1, 3, 6, 6, dtype=torch.uint8)
    red[:, 0] = 255
    assert 76 == int(fit_to(red, channels=1, geometry=whole(6))[0, 0, 0, 0])


def test_resizing_keeps_an_even_area_even() -> None:
    even = torch.full((1, 1, 8, 8), 7, dtype=torch.uint8)
    assert (torch.full((1, 1, 28, 28), 7, dtype=torch.uint8)).equal(fit_to(even, channels=1, geometry=whole(28)))


def framed() -> torch.Tensor:
    """White, 16 x 16, with a black frame of two pixels."""
    pixels = torch.zeros(1, 1, 16, 16, dtype=torch.uint8)
    pixels[:, :, 2:14, 2:14] = 255
    return pixels


def test_of_images_that_are_resized_to_more_than_the_resolution_the_centre_is_cut() -> None:
    assert (framed()[:, :, 2:14, 2:14]).equal(fit_to(framed(), channels=1, geometry=Geometry(12, 16)))


def test_the_shorter_side_is_resized_before_the_centre_is_cut() -> None:
    assert (1, 1, 12, 12) == fit_to(framed()[:, :, :, :10], channels=1, geometry=Geometry(12, 14)).shape


def test_without_a_cut_the_whole_image_is_resized() -> None:
    assert 128 > int(fit_to(framed(), channels=1, geometry=whole(8))[0, 0, 0, 0])


_SMOOTH: tuple[Interpolation, ...] = ("bilinear", "bicubic")


def test_images_are_resized_as_the_weights_want_it() -> None:
    bilinear, bicubic = (fit_to(framed(), channels=1, geometry=Geometry(24, 28, i)) for i in _SMOOTH)
    assert not bilinear.equal(bicubic)


def test_the_training_split_is_normalised_to_mean_zero_and_deviation_one() -> None:
    data = stored()
    ready = normalisation_of(data, channels=1).apply(data.pixels[data.indices("train")])
    assert [0.0, 1.0] == pytest.approx([float(ready.mean()), float(ready.std())], abs=1e-4)


def test_half_and_half_normalisation_maps_white_to_one() -> None:
    white = torch.full((1, 3, 1, 1), 255, dtype=torch.uint8)
    half = (0.5, 0.5, 0.5)
    assert [1.0, 1.0, 1.0] == Normalisation(half, half).apply(white).flatten().tolist()


def folded(data: Stored, folds: int = 5, seed: int = 0) -> list[set[int]]:
    """The test images of each fold of a cross-validation."""
    splits = [cross_validated(data, fold, seed, folds) for fold in range(folds)]
    return [set(torch.nonzero(split == SPLITS.index("test")).flatten().tolist()) for split in splits]


def test_every_image_is_tested_in_exactly_one_fold_of_a_cross_validation() -> None:
    tested = [place for fold in folded(stored()) for place in fold]
    assert list(range(300)) == sorted(tested)


def test_every_fold_holds_each_class_in_equal_shares() -> None:
    data = stored()
    assert {20} == {n for fold in folded(data) for n in torch.bincount(data.labels[list(fold)]).tolist()}


def test_equal_images_are_in_the_same_fold() -> None:
    once = stored(100)
    pixels, labels, split, content = (
        torch.cat([part, part]) for part in (once.pixels, once.labels, once.split, once.content)
    )
    twice = Stored(pixels, labels, split, content)
    assert [{*fold, *(place + 100 for place in fold if place < 100)} for fold in folded(twice)] == folded(twice)


def test_a_test_split_that_the_data_prescribe_stays_shut_in_a_cross_validation() -> None:
    data = replace(stored(), prescribed=True)
    assert set(data.indices("test").tolist()) == set(range(300)) - set().union(*folded(data))


def test_a_fifth_of_what_a_fold_does_not_test_on_is_for_validation() -> None:
    split = cross_validated(stored(), fold=0, seed=0, folds=5)
    assert [192, 48, 60] == torch.bincount(split).tolist()


def test_a_class_with_fewer_different_images_than_folds_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="class 0 has 100 different images, fewer than 101 folds"):
        cross_validated(stored(), 0, 0, 101)


def test_a_budget_is_drawn_from_what_a_fold_does_not_test_on() -> None:
    data = stored()
    split = cross_validated(data, fold=2, seed=0, folds=5)
    partition = Partition(data, shots=4, fold=2, seed=0, folds=5)
    assert (12, {SPLITS.index("train")}) == (len(partition.train), set(split[partition.train].tolist()))


@pytest.mark.usefixtures("no_declarations")
def test_an_image_that_is_tested_on_takes_no_part_in_training(tmp_path: Path) -> None:
    pixels = noise(4)
    pixels[3] = pixels[0]
    data = kept(Images(pixels, np.array([0, 1, 0, 1]), np.array(["train", "train", "val", "test"])), tmp_path)
    assert [-1, 0, 1, 2] == data.split.tolist()
