"""Images in memory: cached, split by content, budgeted, and brought into a model's shape."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch

from bench.artifact import Artifact, Shelf
from bench.catalog import DATASETS
from bench.declarations import Images
from bench.lazy import lazy

transforms = lazy("torchvision.transforms.v2.functional")

SPLITS = ("train", "val", "test")
SHARES = (0.5, 0.2, 0.3)
"""Of the images whose data prescribe no split; by content, so each share is met only about."""


@dataclass(frozen=True)
class Stored:
    """A data set as the shelf keeps it."""

    pixels: torch.Tensor
    """uint8, N x C x H x W."""
    labels: torch.Tensor
    """int64, N."""
    split: torch.Tensor
    """int64, N: index into `SPLITS`."""
    content: torch.Tensor
    """int64, N: a digest of each image's pixels, equal for equal images."""
    prescribed: bool = False
    """Whether the data say themselves which images are for testing."""

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


def make_dataset(artifact: Artifact, shelf: Shelf) -> None:
    """Load a declared data set, split it and write it as an npz file (`pixels`, `labels`, `split`)."""
    images = DATASETS.get(artifact["name"]).load()
    content = contents(images.pixels)
    split = split_by_content(content) if images.split is None else _codes(images)
    prescribed = np.asarray(images.split is not None)
    with shelf.writing(artifact) as path, path.open("wb") as file:
        np.savez_compressed(
            file, pixels=images.pixels, labels=images.labels, split=split, content=content, prescribed=prescribed
        )


def read_dataset(artifact: Artifact, shelf: Shelf) -> Stored:
    """The data set of a finished artifact."""
    with np.load(shelf.path(artifact), allow_pickle=False) as arrays:
        pixels = torch.from_numpy(arrays["pixels"]).permute(0, 3, 1, 2).contiguous()
        labels, split, content = (torch.from_numpy(arrays[name]) for name in ("labels", "split", "content"))
        return Stored(pixels, labels, split, content, bool(arrays["prescribed"]))


def split_by_content(content: np.ndarray) -> np.ndarray:
    """Index into `SPLITS` per image, from its `contents` alone.

    Equal images fall into the same split whatever their labels, and adding images moves no other.
    """
    borders = np.cumsum(SHARES)[:-1]
    return np.searchsorted(borders, content / 2**48, side="right").astype(np.int64)


def contents(pixels: np.ndarray) -> np.ndarray:
    """int64 per image, in 0..2**48-1: the beginning of a SHA-256 of its shape and pixels."""
    return np.asarray([_digest(image) for image in pixels], np.int64)


def _digest(image: np.ndarray) -> int:
    found = hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()
    return int.from_bytes(found[:6], "big")


def _codes(images: Images) -> np.ndarray:
    names = np.asarray(images.split)
    unknown = set(names.tolist()) - set(SPLITS)
    if unknown:
        raise ValueError(f"splits are {', '.join(SPLITS)}, not {', '.join(sorted(unknown))}")
    return np.asarray([SPLITS.index(name) for name in names.tolist()], np.int64)


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
