"""The data sets that packages ship."""

import numpy as np
import pytest

from bench.declare.catalog import DATASETS
from bench.declare.declarations import Images
from bench.declare.loading.discovery import load_catalogs

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
