"""Types of the declarations of data sets and of loaded images. Plain data, no torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.data.place import data_place
from bench.packages import install_command, version_of
from bench.validity import FILLED, FROM_1, rules

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Images:
    """A whole data set in memory."""

    pixels: np.ndarray
    """Pixels, uint8, N x H x W x C (C is 1 or 3)."""
    labels: np.ndarray
    """Labels, int64, N."""
    split: np.ndarray | None = None
    """`train`, `val` or `test` for each image, where the data prescribe it; else it is drawn by content.

    Without `val`, a fifth of the training images is for validation; without `test`, `val` is what is tested on.
    """
    names: tuple[str, ...] = ()
    """Names of the classes in the order of their labels; empty: they have numbers alone."""


@dataclass(frozen=True)
class LeftOut:
    """Files that lie among the images and are not used."""

    count: int
    what: str
    """Suffix or name of the files, such as `.txt` or `in @eaDir`."""
    why: str

    def __str__(self) -> str:
        return f"{self.count} {self.what} ({self.why})"


@dataclass(frozen=True)
class ImageFiles:
    """A data set of files, which are decoded one by one; their sizes may differ."""

    root: Path
    """Folder relative to which messages name the files."""
    paths: tuple[Path, ...]
    labels: tuple[int, ...]
    names: tuple[str, ...]
    """Names of the classes in the order of their labels."""
    split: tuple[str, ...] = ()
    """Split of each image, as in `Images`; empty: the data prescribe none."""
    refused: tuple[str, ...] = ()
    """Messages about images that were bad before they were opened: `cat/1.jpg is a link that leads nowhere`."""
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """Lines about everything that was interpreted: a folder as a split, two spellings as one class."""

    def relative(self, place: int) -> str:
        """Path of a file relative to the root."""
        path, begin = os.fspath(self.paths[place]), f"{self.root}{os.sep}"
        # slicing alone takes a hundredth of the time of `relpath`
        plain = path.startswith(begin) and os.pardir not in path
        return path[len(begin) :] if plain else os.path.relpath(path, self.root)


def nothing_to_fetch() -> None:
    """Do nothing: the data are there without a download."""


def no_lines() -> tuple[str, ...]:
    """Return no lines: there is nothing to report about the data."""
    return ()


def no_state() -> str:
    """Return no state: the data are what their declaration says."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Declared source of labelled images."""

    name: str = field(metadata=rules(FILLED))
    load: Callable[[], Images | ImageFiles]
    classes: int = field(metadata=rules(FROM_1))
    channels: Literal[1, 3]
    resolution: int | None = field(metadata=rules(FROM_1, none_as=0))
    """Side of the images in pixels; None: their sizes differ."""
    licence: str = field(metadata=rules(FILLED))
    source: str = field(metadata=rules(FILLED))
    about: str
    package: str
    """Distribution that ships the data; empty where they are files."""
    oriented: bool
    """Whether mirroring an image can change its class (digits, letters)."""
    place: str
    files: tuple[str, ...] = ()
    """Names of the files in the data folder (`bench.data.place`), for data that are downloaded."""
    fetch: Callable[[], None] = nothing_to_fetch
    """Function that downloads the files to the data folder and checks their integrity."""
    class_names: tuple[str, ...] = ()
    """Names of the classes in the order of the labels, where they are known without loading the data."""
    state: Callable[[], str] = no_state
    """Function that returns a digest of the user's own files, which changes with them."""
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """Function that returns the notes, as in `ImageFiles`, where this process has looked at the user's files."""
    two_labels: Callable[[], tuple[str, ...]] = no_lines
    """Function that returns one line for each of the user's pictures that has several labels."""

    def here(self) -> bool:
        """Whether the data can be loaded: the package that ships them is installed, or their files are there."""
        return not (self.missing() or self.to_install())

    def to_install(self) -> str:
        """The command that installs the package that ships the data; empty where it is installed, or none does."""
        return install_command(self.package) if self.package and not version_of(self.package) else ""

    def missing(self) -> str:
        """The first file that the data folder lacks; empty where all are there."""
        folder = data_place().folder
        return next((name for name in self.files if not (folder / name).exists()), "")


def to_install(datasets: Iterable[Dataset]) -> dict[str, list[str]]:
    """Names of the data sets whose package is not installed, by the command that installs it."""
    found: dict[str, list[str]] = {}
    for item in datasets:
        if command := item.to_install():
            found.setdefault(command, []).append(item.name)
    return found
