"""Images in memory: cached, split by content, budgeted, and brought into a model's shape."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch

from bench.artifact import Artifact, Shelf
from bench.catalog import DATASETS
from bench.declarations import Images
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.learning.seeds import stream

transforms = lazy("torchvision.transforms.v2.functional")

SPLITS = ("train", "val", "test")
SHARES = (0.5, 0.2, 0.3)
"""Of the images whose data prescribe no split; by content, so each share is met only about."""
VAL_MOST = 120
"""Validation images that are looked at: the learning curve must not cost more than the learning."""


@dataclass(frozen=True)
class Stored:
    """A data set as the shelf keeps it."""

    pixels: torch.Tensor
    """uint8, N x C x H x W."""
    labels: torch.Tensor
    """int64, N."""
    split: torch.Tensor
    """int64, N: index into `SPLITS`."""

    def indices(self, split: str) -> torch.Tensor:
        """Positions of the images of one split, in stable order."""
        return torch.nonzero(self.split == SPLITS.index(split)).flatten()


@dataclass(frozen=True)
class Normalisation:
    """Mean and standard deviation per channel, of values in 0..1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def apply(self, pixels: torch.Tensor) -> torch.Tensor:
        """From uint8 N x C x H x W to normalised float32."""
        shape = (1, -1, 1, 1)
        mean = torch.tensor(self.mean, device=pixels.device).view(shape)
        std = torch.tensor(self.std, device=pixels.device).view(shape)
        return (pixels.float() / 255 - mean) / std


class Partition:
    """The images of one experiment: a labelled budget, validation images, and a test split that opens once."""

    def __init__(self, stored: Stored, shots: int, fold: int, seed: int) -> None:
        self.train = budget(stored, shots, fold, seed)
        self.val = _most(stored.indices("val"))
        self._test: torch.Tensor | None = stored.indices("test")

    def open_test(self) -> torch.Tensor:
        """The test split's positions.

        Raises:
            RuntimeError: it has been opened before, so that something might select on it.
        """
        if self._test is None:
            raise RuntimeError("the test split is read once, after training")
        test, self._test = self._test, None
        return test


def make_dataset(artifact: Artifact, shelf: Shelf) -> None:
    """Load a declared data set, split it and write it as an npz file (`pixels`, `labels`, `split`)."""
    images = DATASETS.get(artifact["name"]).load()
    split = split_by_content(images.pixels) if images.split is None else _codes(images)
    with shelf.writing(artifact) as path, path.open("wb") as file:
        np.savez_compressed(file, pixels=images.pixels, labels=images.labels, split=split)


def read_dataset(artifact: Artifact, shelf: Shelf) -> Stored:
    """The data set of a finished artifact."""
    with np.load(shelf.path(artifact), allow_pickle=False) as arrays:
        pixels = torch.from_numpy(arrays["pixels"]).permute(0, 3, 1, 2).contiguous()
        return Stored(pixels, torch.from_numpy(arrays["labels"]), torch.from_numpy(arrays["split"]))


def split_by_content(pixels: np.ndarray) -> np.ndarray:
    """Index into `SPLITS` per image, from a hash of its pixels alone.

    Equal images fall into the same split whatever their labels, and adding images moves no other.
    """
    borders = np.cumsum(SHARES)[:-1]
    return np.searchsorted(borders, [_place(image) for image in pixels], side="right").astype(np.int64)


def _place(image: np.ndarray) -> float:
    """A point in 0..1 that depends on the pixels and the shape only."""
    content = hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()
    return int.from_bytes(content[:6], "big") / 2**48


def _codes(images: Images) -> np.ndarray:
    names = np.asarray(images.split)
    unknown = set(names.tolist()) - set(SPLITS)
    if unknown:
        raise ValueError(f"splits are {', '.join(SPLITS)}, not {', '.join(sorted(unknown))}")
    return np.asarray([SPLITS.index(name) for name in names.tolist()], np.int64)


def budget(stored: Stored, shots: int, fold: int, seed: int) -> torch.Tensor:
    """Positions of `shots` training images per class (0: all), drawn by seed and fold.

    The images of a seed lie in one shuffled row per class; a fold starts `shots` places further on. In fold 0 a
    larger budget holds the smaller one.

    Raises:
        Unsupported: a class has fewer training images than asked for.
    """
    train = stored.indices("train")
    labels = stored.labels[train]
    generator = torch.Generator().manual_seed(stream("budget", seed))
    chosen = []
    for label in torch.unique(labels).tolist():
        members = train[labels == label]
        if len(members) < shots:
            raise Unsupported(f"class {label} has {len(members)} training images, fewer than {shots}")
        row = members[torch.randperm(len(members), generator=generator)].roll(-fold * shots)
        chosen.append(row[:shots] if shots else row)
    return torch.cat(chosen)


def _most(indices: torch.Tensor) -> torch.Tensor:
    """At most `VAL_MOST` of them, the same for all seeds so that experiments stay paired."""
    generator = torch.Generator().manual_seed(stream("val"))
    return indices[torch.randperm(len(indices), generator=generator)[:VAL_MOST].sort().values]


def fit_to(pixels: torch.Tensor, channels: int, resolution: int) -> torch.Tensor:
    """Bring uint8 N x C x H x W into a model's channels and square resolution (bilinear, antialiased)."""
    if pixels.shape[1] == 1 and channels == 3:
        pixels = pixels.expand(-1, 3, -1, -1)
    elif pixels.shape[1] == 3 and channels == 1:
        pixels = transforms.rgb_to_grayscale(pixels)
    if tuple(pixels.shape[-2:]) == (resolution, resolution):
        return pixels
    resized: torch.Tensor = transforms.resize(pixels, [resolution, resolution], antialias=True)
    return resized


def normalisation_of(stored: Stored, channels: int) -> Normalisation:
    """Mean and deviation of the training split's pixels (their labels are not looked at)."""
    pixels = stored.pixels[stored.indices("train")]
    fitted = fit_to(pixels, channels, pixels.shape[-1]).float() / 255
    mean, std = fitted.mean((0, 2, 3)), fitted.std((0, 2, 3))
    return Normalisation(tuple(mean.tolist()), tuple(std.tolist()))
