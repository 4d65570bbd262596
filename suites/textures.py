"""The textures: crops of photographs that scikit-image ships, which only the arrangement of their pixels tells apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Images, dataset

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

skimage_data = lazy("skimage.data")

PICTURES = ("brick", "grass", "gravel", "hubble_deep_field", "immunohistochemistry", "retina")
CROP = 32
"""Side of a crop, in pixels of the photograph: a half of one of 512 x 512 gives 128 of them."""
TRAIN_SHARE = 0.85
"""Of the crops in a picture's upper half; the rest is for validation."""
MOST_CROPS = {"train": 108, "val": 20, "test": 128}
"""Crops that a picture gives at most, so that the classes stay of similar size: as many as one of 512 x 512 has."""
LEAST_DEVIATION = 6.0
"""Standard deviation of a crop's gray values (0..255) below which it is nearly empty.

Of the six pictures, 7 crops in 10 of the retina lie below it (its black frame, and tissue between the vessels, where
little but noise and JPEG's blocks is left) and 1 in 10 of the sky; of the other four, 1 in 80 or fewer.
"""
LEAST_TOLD = 0.9
"""Share of a crop's pixels that their neighbourhoods tell apart, below which it is nearly empty: black or white areas."""
COPIED = {"grass": ((192, 290, 288, 448), (352, 480, 192, 352)), "gravel": ((288, 320, 384, 480),)}
"""Areas that show once more what another place of the same picture shows: pasted there by whoever made the pictures.

First and last row, first and last column, the last ones not included. The other places are used.
"""

REACH = 3
"""Pixels to each side that tell equal gray values apart."""
Area = tuple[int, int, int, int]


@dataset(
    name="textures",
    classes=len(PICTURES),
    channels=1,
    resolution=CROP,
    licence=(
        "CC0 1.0 (brick, grass, gravel, retina), public domain (hubble_deep_field, by NASA), no known copyright "
        "restrictions (immunohistochemistry, by the Center for Microscopy and Molecular Imaging)"
    ),
    source=(
        "skimage.data: photographs that scikit-image ships inside its wheel, in gray, each crop with the same gray "
        "values; training and test crops of a class are of one photograph"
    ),
    package="scikit-image",
)
def textures() -> Images:
    """Crops of six photographs: upper halves for training, lower halves for testing, gray values made equal.

    The crops lie on a grid and do not overlap, so that no pixel is in two of them. Every crop holds every gray value
    equally often: a classifier that passes over where a pixel lies is at chance.
    """
    rows = [
        (ranked(crop), label, split)
        for label, name in enumerate(PICTURES)
        for split, crops in cut(luma(getattr(skimage_data, name)()), COPIED.get(name, ())).items()
        for crop in crops
    ]
    crops, labels, split = zip(*rows, strict=True)
    return Images(np.stack(crops)[..., None], np.asarray(labels, np.int64), np.asarray(split))


def luma(picture: np.ndarray) -> np.ndarray:
    """Thousandths of the gray value that ITU-R BT.601 gives a colour: int64, H x W, 0..255000.

    Whole numbers, so that every machine puts the pixels into the same order.
    """
    weights = np.array([299, 587, 114])
    return picture.astype(np.int64) * 1000 if picture.ndim == 2 else picture[..., :3].astype(np.int64) @ weights


def cut(gray: np.ndarray, copied: Sequence[Area] = ()) -> dict[str, list[np.ndarray]]:
    """The crops of a picture by split, of those that hold something and reach into no copied area.

    Args:
        gray: H x W, in thousandths.
        copied: areas as in `COPIED`.
    """
    middle = len(gray) // 2
    whole = {(y, x): gray[y : y + CROP, x : x + CROP] for y, x in _grid(*gray.shape, middle)}
    used = {
        place: crop for place, crop in whole.items() if not any(_meet(place, area) for area in copied) and not empty(crop)
    }
    upper = [crop for (y, _), crop in used.items() if y < middle]
    lower = [crop for (y, _), crop in used.items() if y >= middle]
    border = int(TRAIN_SHARE * len(upper))
    found = {"train": upper[:border], "val": upper[border:], "test": lower}
    return {split: _spread(crops, MOST_CROPS[split]) for split, crops in found.items()}


def empty(crop: np.ndarray) -> bool:
    """Whether a crop, in thousandths, holds nearly nothing: see `LEAST_DEVIATION` and `LEAST_TOLD`."""
    if crop.std() < LEAST_DEVIATION * 1000:
        return True
    keys = _keys(crop)
    row = keys[:, np.lexsort(keys)]
    told = 1 + np.count_nonzero((row[:, 1:] != row[:, :-1]).any(0))
    return bool(told < LEAST_TOLD * crop.size)


def ranked(crop: np.ndarray) -> np.ndarray:
    """The crop with ranks for gray values, uint8: each of 0..255 equally often, 0 for the darkest pixels.

    It is the exact equalisation of a histogram by Coltuc, Bolon and Chassery (Exact Histogram Specification, IEEE
    Transactions on Image Processing 15, 2006): pixels of the same value are ordered by the means around them.
    """
    ranks = np.empty(crop.size, np.uint8)
    ranks[np.lexsort(_keys(crop))] = np.arange(crop.size) * 256 // crop.size
    return ranks.reshape(crop.shape)


def _keys(crop: np.ndarray) -> np.ndarray:
    """What orders the pixels of a crop, the first key last: sums over squares around them, and their own values."""
    sums = []
    for reach in range(REACH, -1, -1):
        found = np.pad(crop, reach, mode="edge")
        for axis in (0, 1):
            found = np.lib.stride_tricks.sliding_window_view(found, 2 * reach + 1, axis).sum(-1)
        sums.append(found.ravel())
    return np.stack(sums)


def _grid(height: int, width: int, middle: int) -> Iterator[tuple[int, int]]:
    """First row and column of all crops that lie wholly above the middle or below it, column by column."""
    for x in range(0, width - CROP + 1, CROP):
        for top, bottom in ((0, middle), (middle, height)):
            yield from ((y, x) for y in range(top, bottom - CROP + 1, CROP))


def _meet(place: tuple[int, int], area: Area) -> bool:
    """Whether the crop that begins there and the area have pixels in common."""
    (y, x), (top, bottom, left, right) = place, area
    return y < bottom and y + CROP > top and x < right and x + CROP > left


def _spread(crops: list[np.ndarray], most: int) -> list[np.ndarray]:
    """At most so many of the crops, evenly spread over them."""
    if len(crops) <= most:
        return crops
    return [crops[i * len(crops) // most] for i in range(most)]
