"""The crops of photographs: what is cut out, what is left out, and what is left to tell classes by."""

import numpy as np
import pytest

from bench.declare.declarations import Images
from bench.lazy import lazy
from suites.textures import COPIED, CROP, LEAST_DEVIATION, PICTURES, cut, empty, luma, ranked, textures

data, feature, measure = (lazy(f"skimage.{name}") for name in ("data", "feature", "measure"))

FOUND = 0.7
"""Correlation, at half the size, from which on a crop of grass or gravel is found in another place as well.

18 crops of the areas that are left out have 0.73 to 0.95, the others 0.64 at most.
"""
NEARLY_EQUAL = 0.95
"""Correlation of two crops from which on they are one."""
GRAYS = 256


@pytest.fixture(scope="module")
def images() -> Images:
    return textures()


def of(images: Images, *splits: str) -> np.ndarray:
    """Where the images of these splits are."""
    assert images.split is not None
    return np.flatnonzero(np.isin(images.split, splits))


def noise(height: int, width: int) -> np.ndarray:
    """A picture in thousandths whose pixels all differ and of which no crop is empty."""
    return np.random.default_rng(0).permutation(height * width).reshape(height, width)


def by_side(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of all crops for training and validation, and for testing."""
    parts = cut(gray)
    return np.stack(parts["train"] + parts["val"]), np.stack(parts["test"])


def test_no_pixel_is_in_two_crops() -> None:
    pixels = np.concatenate(by_side(noise(200, 240)))
    assert pixels.size == len(np.unique(pixels))


def test_test_crops_lie_below_all_others() -> None:
    gray = noise(200, 240)
    rows = {value: row for row, values in enumerate(gray) for value in values.tolist()}
    above, below = ([rows[value] for value in side.ravel().tolist()] for side in by_side(gray))
    assert max(above) < min(below)


def test_no_crop_reaches_into_a_copied_area() -> None:
    gray, area = noise(200, 240), (90, 130, 40, 70)
    top, bottom, left, right = area
    left_out = gray[top:bottom, left:right]
    used = np.stack([crop for crops in cut(gray, [area]).values() for crop in crops])
    assert not np.isin(left_out, used).any()


def test_crops_beside_a_copied_area_are_used() -> None:
    gray = noise(200, 240)
    before, after = (sum(map(len, cut(gray, copied).values())) for copied in ([], [(0, CROP, CROP, 2 * CROP)]))
    assert before - 1 == after


@pytest.mark.parametrize(
    ("deviation", "expected"), [(LEAST_DEVIATION - 0.5, True), (LEAST_DEVIATION + 0.5, False)]
)
def test_a_crop_with_little_contrast_is_empty(deviation: float, expected: bool) -> None:
    crop = np.random.default_rng(0).normal(128_000, deviation * 1000, (CROP, CROP)).astype(np.int64)
    assert expected is empty(crop)


@pytest.mark.parametrize(("rows", "expected"), [(4, False), (12, True)])
def test_a_crop_with_a_large_black_area_is_empty(rows: int, expected: bool) -> None:
    crop = noise(CROP, CROP) * 200
    crop[:rows] = 0
    assert expected is empty(crop)


def test_ranks_keep_the_order_of_gray_values() -> None:
    crop = noise(CROP, CROP)
    assert np.array_equal(crop // (crop.size // GRAYS), ranked(crop))


def test_of_equal_gray_values_those_in_brighter_surroundings_rank_higher() -> None:
    crop = noise(CROP, CROP) + 1
    crop[CROP // 2 :] += CROP * CROP
    dark, bright = (slice(4, 8, 2), slice(4, 8, 2)), (slice(-8, -4, 2), slice(4, 8, 2))
    crop[dark] = crop[bright] = 0
    ranks = ranked(crop)
    assert ({0}, {1}) == (set(ranks[dark].flat), set(ranks[bright].flat))


def test_luma_of_gray_is_the_gray() -> None:
    gray = np.arange(GRAYS, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(luma(gray), luma(np.repeat(gray[..., None], 3, axis=2)))


def test_every_crop_holds_every_gray_value_equally_often(images: Images) -> None:
    counts = [np.bincount(crop.ravel(), minlength=GRAYS) for crop in images.pixels]
    assert {CROP * CROP // GRAYS} == set(np.concatenate(counts).tolist())


def test_no_crop_for_testing_nearly_equals_one_for_training(images: Images) -> None:
    # all crops have the same mean and deviation
    flat = images.pixels.reshape(len(images.pixels), -1) - (GRAYS - 1) / 2
    test, other = flat[of(images, "test")], flat[of(images, "train", "val")]
    assert (test @ other.T).max() / (flat[0] @ flat[0]) < NEARLY_EQUAL


@pytest.mark.parametrize("name", COPIED)
def test_no_crop_for_testing_is_found_anywhere_in_the_upper_half(name: str) -> None:
    gray = luma(getattr(data, name)())
    upper = halved(gray[: len(gray) // 2])
    assert (
        max(feature.match_template(upper, halved(crop)).max() for crop in cut(gray, COPIED[name])["test"]) < FOUND
    )


def halved(gray: np.ndarray) -> np.ndarray:
    """The picture at half its size."""
    smaller: np.ndarray = measure.block_reduce(gray, (2, 2), np.mean)
    return smaller


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_every_texture_is_in_every_split(split: str, images: Images) -> None:
    assert set(range(len(PICTURES))) == set(images.labels[of(images, split)].tolist())


def test_a_hundred_crops_of_each_texture_can_be_trained_on(images: Images) -> None:
    assert np.bincount(images.labels[of(images, "train")]).min() >= 100


def test_classes_are_called_by_what_the_photographs_show(images: Images) -> None:
    expected = ("brick", "grass", "gravel", "hubble deep field", "immunohistochemistry", "retina")
    assert expected == images.names
