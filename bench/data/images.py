"""What a declaration of a data set says, and what loading it gives. Plain data, no torch."""

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
    """uint8, N x H x W x C (C is 1 or 3)."""
    labels: np.ndarray
    """int64, N."""
    split: np.ndarray | None = None
    """`train`, `val` or `test` per image, where the data prescribe it; else it is drawn by content.

    Without `val`, a fifth of the training images is for validation; without `test`, `val` is what is tested on.
    """
    names: tuple[str, ...] = ()
    """Of the classes, in the order of their labels; empty: they have none but their numbers."""


@dataclass(frozen=True)
class LeftOut:
    """Files that lie among the images and are not used."""

    count: int
    what: str
    """Their suffix or name, such as `.txt` or `in @eaDir`."""
    why: str

    def __str__(self) -> str:
        return f"{self.count} {self.what} ({self.why})"


@dataclass(frozen=True)
class ImageFiles:
    """A data set of files, which are decoded one by one; their sizes may differ."""

    root: Path
    """Folder that messages name the files within."""
    paths: tuple[Path, ...]
    labels: tuple[int, ...]
    names: tuple[str, ...]
    """Of the classes, in the order of their labels."""
    split: tuple[str, ...] = ()
    """As of `Images`; empty: the data prescribe none."""
    refused: tuple[str, ...] = ()
    """One line for each image that was bad before it was opened: `cat/1.jpg is a link that leads nowhere`."""
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """A line on each thing that was taken for something: a folder for a split, two spellings for one class."""

    def relative(self, place: int) -> str:
        """The path of a file as seen from the root."""
        path, begin = os.fspath(self.paths[place]), f"{self.root}{os.sep}"
        # slicing alone takes a hundredth of the time of `relpath`
        plain = path.startswith(begin) and os.pardir not in path
        return path[len(begin) :] if plain else os.path.relpath(path, self.root)


def nothing_to_fetch() -> None:
    """Of data that are here without a download."""


def no_lines() -> tuple[str, ...]:
    """Of data of which nothing is to be told."""
    return ()


def no_state() -> str:
    """Of data that are what their declaration says."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Where labelled images come from."""

    name: str = field(metadata=rules(FILLED))
    load: Callable[[], Images | ImageFiles]
    classes: int = field(metadata=rules(FROM_1))
    channels: Literal[1, 3]
    resolution: int | None = field(metadata=rules(FROM_1, none_as=0))
    """Side of the images, in pixels; None: their sizes differ."""
    licence: str = field(metadata=rules(FILLED))
    source: str = field(metadata=rules(FILLED))
    about: str
    package: str
    """Distribution that ships the data; empty where they are files."""
    oriented: bool
    """Whether mirroring an image can change its class (digits, letters)."""
    place: str
    files: tuple[str, ...] = ()
    """What must lie in the data folder (`bench.data.place`), of data that are downloaded."""
    fetch: Callable[[], None] = nothing_to_fetch
    """Downloads them there, with checks of integrity."""
    class_names: tuple[str, ...] = ()
    """In the order of the labels, where they are known without loading the data."""
    state: Callable[[], str] = no_state
    """Digest of the user's own files: another one where they have changed."""
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """As of `ImageFiles`, of the user's own files, where this process has looked at them."""
    two_labels: Callable[[], tuple[str, ...]] = no_lines
    """One line for each of the user's own pictures that has several labels."""

    def here(self) -> bool:
        """Whether the data can be loaded: the package that ships them is installed, or their files are there."""
        return not (self.missing() or self.to_install())

    def to_install(self) -> str:
        """The command that installs the package that ships the data; empty where it is installed, or none does."""
        return install_command(self.package) if self.package and not version_of(self.package) else ""

    def missing(self) -> str:
        """The first of its files that the data folder lacks; empty where all are there."""
        folder = data_place().folder
        return next((name for name in self.files if not (folder / name).exists()), "")


def to_install(datasets: Iterable[Dataset]) -> dict[str, list[str]]:
    """Names of the data sets whose package is not installed, by the command that installs it."""
    found: dict[str, list[str]] = {}
    for item in datasets:
        if command := item.to_install():
            found.setdefault(command, []).append(item.name)
    return found
