"""The data sets that packages ship."""

import numpy as np
import pytest

from bench.declare.catalog import DATASETS
from bench.declare.declarations import Images
from bench.declare.loading.discovery import load_catalogs
from suites.datasets import CROP, textures

NAMES = ("mnist5k", "uci-digits", "textures")


@pytest.fixture(scope="module")
def loaded() -> dict[str, Images]:
    load_catalogs()
    found = {name: DATASETS.get(name).load() for name in NAMES}
    return {name: images for name, images in found.items() if isinstance(images, Images)}


@pytest.mark.parametrize(("name", "count"), [("mnist5k", 5000), ("uci-digits", 1797)])
def test_the_digits_are_all_there(name: str, count: int, loaded: dict[str, Images]) -> None:
    assert count == len(loaded[name].labels)


def test_uci_digits_fill_as_much_of_the_picture_as_mnists(loaded: dict[str, Images]) -> None:
    # 20 of 28 pixels in MNIST
    rows = (loaded["uci-digits"].pixels.max((0, 2, 3)) > 0).sum()
    assert pytest.approx(20 / 28, abs=0.05) == rows / 12


@pytest.mark.parametrize("name", NAMES)
def test_images_are_as_declared(name: str, loaded: dict[str, Images]) -> None:
    item, images = DATASETS.get(name), loaded[name]
    shape = (len(images.labels), item.resolution, item.resolution, item.channels)
    assert shape == images.pixels.shape
    assert np.dtype(np.uint8) == images.pixels.dtype
    assert list(range(item.classes)) == sorted(set(images.labels.tolist()))


@pytest.mark.parametrize("name", NAMES)
def test_images_use_the_whole_range_of_gray(name: str, loaded: dict[str, Images]) -> None:
    assert (0, 255) == (loaded[name].pixels.min(), loaded[name].pixels.max())


@pytest.mark.parametrize("name", NAMES)
def test_licence_source_and_package_are_declared(name: str) -> None:
    load_catalogs()
    item = DATASETS.get(name)
    assert all((item.licence, item.source, item.package))


def test_digits_must_not_be_mirrored_and_textures_may_be() -> None:
    load_catalogs()
    assert [True, True, False] == [DATASETS.get(name).oriented for name in NAMES]


def test_no_pixel_is_in_two_crops(monkeypatch: pytest.MonkeyPatch) -> None:
    # pictures whose every pixel is told apart by its value and its picture's name
    from suites import datasets

    class Numbered:
        def __getattr__(self, name: str) -> object:
            rows, columns = np.arange(200)[:, None], np.arange(240)[None, :]
            return lambda: (rows * 240 + columns).astype(np.int64)

    monkeypatch.setattr(datasets, "skimage_data", Numbered())
    images = textures()
    pixels = images.pixels[images.labels == 0]
    assert pixels.size == len(np.unique(pixels))


def test_test_crops_lie_below_all_training_crops(monkeypatch: pytest.MonkeyPatch) -> None:
    from suites import datasets

    class Rows:
        def __getattr__(self, name: str) -> object:
            return lambda: np.repeat(np.arange(200)[:, None], 240, axis=1)

    monkeypatch.setattr(datasets, "skimage_data", Rows())
    images = textures()
    assert images.split is not None
    assert images.pixels[images.split != "test"].max() < images.pixels[images.split == "test"].min()


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_every_texture_is_in_every_split(split: str, loaded: dict[str, Images]) -> None:
    images = loaded["textures"]
    assert images.split is not None
    assert set(range(6)) == set(images.labels[images.split == split].tolist())


def test_twenty_crops_of_each_texture_can_be_trained_on(loaded: dict[str, Images]) -> None:
    images = loaded["textures"]
    assert images.split is not None
    assert np.bincount(images.labels[images.split == "train"]).min() >= 20
    assert CROP == images.pixels.shape[1]
