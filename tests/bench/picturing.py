"""What tests of images share: small files of images in folders."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int = 0, size: tuple[int, int] = (24, 16)) -> Image.Image:
    """Noise in colour, of this width and height."""
    width, height = size
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def save(path: Path, seed: int = 0, size: tuple[int, int] = (24, 16)) -> Path:
    """Noise in a file of its own, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, size).save(path)
    return path


def photos(root: Path, *classes: str, count: int = 3, first: int = 0) -> Path:
    """A folder of so many different images for each class; `first` begins to number what they show."""
    for label, name in enumerate(classes):
        for i in range(count):
            save(root / name / f"{i}.png", seed=first + 1000 * label + i)
    return root
