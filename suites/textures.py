"""The textures: crops of photographs that scikit-image ships, all with the same gray values."""

from __future__ import annotations

from collections.abc import Sequence
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
"""Side of a crop, in pixels of the photograph: half of one of 512 x 512 gives 128 crops."""
TRAIN_SHARE = 0.85
"""Share of the crops in a picture's upper half that are for training; the others are for validation."""
MOST_CROPS = {"train": 108, "val": 20, "test": 128}
"""Crops that a picture gives at most, so that the classes stay of similar size: what one of 512 x 512 has."""
LEAST_DEVIATION = 6.0
"""Standard deviation of a crop's gray values (0..255) below which it is nearly empty.

Below it lie 7 in 10 crops of the retina (the black around it, and tissue without vessels, where noise and JPEG's
blocks are all that is left), 1 in 10 of the sky, and of the other four pictures 1 in 80 at most.
"""
LEAST_TOLD = 0.9
"""Share of a crop's pixels that must differ in what `ranked` orders them by, so that it can order them.

It lies below the 0.97 of bricks; crops with less have an area of pure black or white.
"""
REACH = 3
"""Pixels to each side that order equal gray values."""
Area = tuple[int, int, int, int]
"""First row, last row, first column, last column; the last ones are not included."""
COPIED: dict[str, tuple[Area, ...]] = {
    "grass": ((192, 290, 288, 448), (352, 480, 192, 352)),
    "gravel": ((288, 320, 384, 480),),
}
"""Areas, larger than a crop, that show once more what another place of the picture shows.

They were pasted there before scikit-image had the pictures. Nothing is cut out of them.
"""


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
        "skimage.data: photographs that scikit-image ships inside its wheel, in gray; the training and the test "
        "crops of a class are of the same photograph"
    ),
    package="scikit-image",
)
def textures() -> Images:
    """Crops of six photographs, equalised: upper halves for training, lower halves for testing.

    The crops lie on a grid and do not overlap, so that no pixel is in two of them. Each holds every gray value
    equally often: whoever counts gray values and does not see where they lie is at chance.
    """
    rows = [
        (ranked(crop), label, split)
        for label, name in enumerate(PICTURES)
        for split, crops in cut(luma(getattr(skimage_data, name)()), COPIED.get(name, ())).items()
        for crop in crops
    ]
    crops, labels, split = zip(*rows, strict=True)
    names = tuple(name.replace("_", " ") for name in PICTURES)
    return Images(np.stack(crops)[..., None], np.asarray(labels, np.int64), np.asarray(split), names)


def luma(picture: np.ndarray) -> np.ndarray:
    """Gray values by ITU-R BT.601 in thousandths: int64, H x W, 0..255000.

    They are whole numbers, so that every machine puts the pixels into the same order.
    """
    whole = picture.astype(np.int64)
    return whole * 1000 if whole.ndim == 2 else whole[..., :3] @ np.array([299, 587, 114])


def cut(gray: np.ndarray, copied: Sequence[Area] = ()) -> dict[str, list[np.ndarray]]:
    """The crops of each split, without those that are nearly empty or reach into a copied area.

    Args:
        gray: H x W, in thousandths.
        copied: copied regions, as in `COPIED`.
    """
    middle = len(gray) // 2
    upper, lower = _crops(gray, 0, middle, copied), _crops(gray, middle, len(gray), copied)
    border = int(TRAIN_SHARE * len(upper))
    parts = {"train": upper[:border], "val": upper[border:], "test": lower}
    return {split: _spread(crops, MOST_CROPS[split]) for split, crops in parts.items()}


def empty(crop: np.ndarray) -> bool:
    """Whether a crop, in thousandths, is nearly empty: see `LEAST_DEVIATION` and `LEAST_TOLD`."""
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
    """Sort keys of the pixels, the first key last: sums over squares around them, then their own values."""
    sums = []
    for reach in range(REACH, -1, -1):
        found = np.pad(crop, reach, mode="edge")
        for axis in (0, 1):
            found = np.lib.stride_tricks.sliding_window_view(found, 2 * reach + 1, axis).sum(-1)
        sums.append(found.ravel())
    return np.stack(sums)


def _crops(gray: np.ndarray, top: int, bottom: int, copied: Sequence[Area]) -> list[np.ndarray]:
    """Used crops of a grid over the rows from `top` to before `bottom`, column by column."""
    return [
        crop
        for x in range(0, gray.shape[1] - CROP + 1, CROP)
        for y in range(top, bottom - CROP + 1, CROP)
        if not any(_meets(y, x, area) for area in copied) and not empty(crop := gray[y : y + CROP, x : x + CROP])
    ]


def _meets(y: int, x: int, area: Area) -> bool:
    """Whether the crop that begins at this row and column has pixels of the area."""
    top, bottom, left, right = area
    return y < bottom and y + CROP > top and x < right and x + CROP > left


def _spread(crops: list[np.ndarray], most: int) -> list[np.ndarray]:
    """So many of the crops at most, evenly spread over them."""
    if len(crops) <= most:
        return crops
    return [crops[i * len(crops) // most] for i in range(most)]
