"""Images in memory: cached, split by content, budgeted."""

from __future__ import annotations

import hashlib
import math
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.data.digests import digest_of
from bench.data.images import ImageFiles, Images
from bench.data.place import data_place
from bench.data.two_labels import two_labels
from bench.declare.artifact import Artifact, Report, Shelf
from bench.declare.catalog import DATASETS
from bench.declare.preprocessing import Geometry, whole
from bench.errors import Unsupported, UsageError
from bench.learning.data.decoding import NAMED, Decoded, decode_into
from bench.learning.data.fitting import fit_to
from bench.learning.data.splits import SPLITS, split_of
from bench.learning.data.stored import Writer, read

MOST_LOOKED_AT = 2048
"""Most images from which mean and deviation are computed."""


@dataclass(frozen=True)
class Stored:
    """A data set in the form of its artifact."""

    pixels: torch.Tensor
    """Pixels, uint8, N x C x H x W; those of a stored data set are in a file, so that indexing reads only what is
    used."""
    labels: torch.Tensor
    """Labels, int64, N."""
    split: torch.Tensor
    """Split, int64, N: index into `SPLITS`."""
    content: torch.Tensor
    """Digest, int64, N, of each image's pixels or file: equal for equal images."""
    prescribed: bool = False
    """Whether the data prescribe which images are for testing."""
    names: tuple[str, ...] = ()
    """Names of the classes, where they have names, in the order of their labels."""
    paths: tuple[str, ...] = ()
    """Path of each of the user's own images, relative to the folder or the table."""
    fitted: bool = False
    """Whether the pixels were decoded for a resolution and geometry, so that they are not resized any more."""
    folded: bool = False
    """Whether the split is that of a fold, which replaces the data's own."""

    def indices(self, split: str) -> torch.Tensor:
        """Positions of the images of one split, in stable order."""
        return torch.nonzero(self.split == SPLITS.index(split)).flatten()

    def paths_of(self, positions: torch.Tensor) -> tuple[str, ...]:
        """Paths of some images; empty where they do not come from files."""
        return tuple(self.paths[position] for position in positions.tolist()) if self.paths else ()

    def class_name(self, label: int) -> str:
        """Name of a class in messages: its name in quotes, else its number."""
        return f"'{self.names[label]}'" if self.names else str(label)


@dataclass(frozen=True)
class Normalisation:
    """Mean and standard deviation per channel, of values in 0..1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def apply(self, pixels: torch.Tensor) -> torch.Tensor:
        """Convert uint8 N x C x H x W to normalised float32."""
        mean, std = self._on(pixels.device)
        return (pixels.float() / 255 - mean) / std

    def _on(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and deviation on the device, 1 x C x 1 x 1, cached: copying them for each batch would wait for its
        work."""
        if device not in self._placed:
            with torch.inference_mode(False):  # else those made while answering could not be learned with
                mean, std = (torch.tensor(v, device=device).view(1, -1, 1, 1) for v in (self.mean, self.std))
            self._placed[device] = mean, std
        return self._placed[device]

    @cached_property
    def _placed(self) -> dict[torch.device, tuple[torch.Tensor, torch.Tensor]]:
        return {}


def make_dataset(artifact: Artifact, shelf: Shelf, report: Report = lambda _: None) -> None:
    """Load a data set, split it, and write it as a file that is read where it is needed (`dataset_file`).

    The artifact's details say how many images there are, and which were left out because they are bad.

    Raises:
        Unsupported: the data are not on this machine, or the disk has no room for them.
        UsageError: a bad image that must not be left out, or all images of a class are bad.
        ValueError: the data prescribe a split of an unknown name.
    """
    item = DATASETS.get(artifact["name"])
    if missing := item.missing():
        raise Unsupported(
            f"data set '{item.name}' is not in '{data_place().folder}' (no '{missing}'): say with --data DIR "
            "where it is, or have it fetched with --download"
        )
    if command := item.to_install():
        raise Unsupported(f"data set '{item.name}' needs the package {item.package}: {command}")
    found = item.load()
    details: dict[str, Any] = {}
    with shelf.writing(artifact, details) as path, path.open("wb") as file:
        if isinstance(found, ImageFiles):
            geometry = Geometry.of_spec(dict(artifact.spec)) if item.resolution is None else whole(item.resolution)
            shape = (3, geometry.side, geometry.side)
            _check_room(item.name, len(found.paths) * math.prod(shape), path)
            writer = Writer(file, shape, len(found.paths))
            done = decode_into(writer, found, geometry, data_place().on_bad_image, report)
            _require_unchanged(artifact, found, done)
            details.update(_contradicting(found, done))
        else:
            height, width, channels = found.pixels.shape[1:]
            writer = Writer(file, (channels, height, width), len(found.labels))
            done = _written(writer, found)
        content, labels = np.asarray(done.content, np.int64), np.asarray(done.labels, np.int64)
        split = split_of(done.split, content, labels, few=isinstance(found, ImageFiles))
        about = {
            "names": list(found.names),
            "prescribed": bool(set(done.split) - {"train"}),
            "paths": done.paths,
            "fitted": isinstance(found, ImageFiles) and item.resolution is None,
        }
        writer.close(labels, split, content, about)
        sizes = {name: int((split == i).sum()) for i, name in enumerate(SPLITS)}
        details.update(
            name=item.name,
            images=len(content),
            **sizes,
            straddling=int((split < 0).sum()),
            bad_images=len(done.bad),
            bad_first=done.bad[:NAMED],
            formats=dict(done.formats.most_common()),
            kinds=dict(done.kinds.most_common()),
        )


def _contradicting(found: ImageFiles, done: Decoded) -> dict[str, Any]:
    used = set(done.used)
    lines = two_labels(found, [content if i in used else "" for i, content in enumerate(done.files)])
    return {"two_labels": len(lines), "two_labels_first": list(lines[:NAMED])}


def _require_unchanged(artifact: Artifact, found: ImageFiles, done: Decoded) -> None:
    planned = dict(artifact.spec).get("state")
    if planned and digest_of(found, done.files) != planned:
        raise UsageError(f"the images of '{artifact['name']}' have changed since the run began: begin a new one")


def _written(writer: Writer, images: Images) -> Decoded:
    for image in images.pixels:
        writer.add(image.transpose(2, 0, 1))
    split = [] if images.split is None else images.split.tolist()
    return Decoded(images.labels.tolist(), split, contents(images.pixels).tolist())


def _check_room(name: str, size: int, path: Path) -> None:
    free = shutil.disk_usage(path.parent).free
    if size > free:
        raise Unsupported(f"'{name}' takes {size / 1e9:.1f} GB decoded, and {free / 1e9:.1f} GB are free")


def read_dataset(artifact: Artifact, shelf: Shelf) -> Stored:
    """The data set of a finished artifact; its pixels are read from the file on use.

    Raises:
        UsageError: the artifact is not there, as where the user's files have changed since it was made.
    """
    path = shelf.path(artifact)
    if not path.exists():
        raise UsageError(
            f"'{artifact['name']}' is not on the shelf: its files changed in between, begin a new run"
        )
    pixels, labels, split, content, about = read(path)
    return Stored(
        torch.from_numpy(pixels),
        torch.from_numpy(labels),
        torch.from_numpy(split),
        torch.from_numpy(content),
        about["prescribed"],
        tuple(about["names"]),
        tuple(about["paths"]),
        about["fitted"],
    )


def contents(pixels: np.ndarray) -> np.ndarray:
    """Digest of each image, int64, in 0..2**48-1: the beginning of a SHA-256 of its shape and pixels."""
    return np.asarray([_digest(image) for image in pixels], np.int64)


def _digest(image: np.ndarray) -> int:
    found = hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()
    return int.from_bytes(found[:6], "big")


def normalisation_of(stored: Stored, channels: int) -> Normalisation:
    """Mean and deviation of the training split's pixels (their labels are not used).

    Of many images, `MOST_LOOKED_AT` that are evenly spread stand for all.
    """
    train = stored.indices("train")
    chosen = train[:: max(1, math.ceil(len(train) / MOST_LOOKED_AT))]
    counts = torch.zeros(channels, 256, dtype=torch.int64)
    for some in chosen.split(256):
        fitted = fit_to(stored.pixels[some], channels, None)
        counts += torch.stack([torch.bincount(c.flatten(), minlength=256) for c in fitted.transpose(0, 1)])
    values, number = torch.arange(256).double() / 255, counts.sum(1)
    mean = (counts * values).sum(1) / number
    squares = (counts * (values - mean[:, None]).square()).sum(1)
    deviation = (squares / (number - 1).clamp(min=1)).sqrt()
    return Normalisation(tuple(mean.tolist()), tuple(deviation.tolist()))
