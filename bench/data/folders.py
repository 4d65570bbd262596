"""The user's own images as folders: `PATH/CLASS/*.jpg`, or `PATH/train/CLASS/*.jpg` with splits beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

from bench.data.images import ImageFiles
from bench.errors import UsageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
"""What a split may be called."""
LEADS_OUT = "is a link that leads out of the folder"


@dataclass(frozen=True)
class _Found:
    """An image, or what is wrong with it."""

    path: Path
    wrong: str = ""


def scan_folder(root: Path) -> ImageFiles:
    """Find the images and their classes; no image is opened.

    Raises:
        UsageError: one line on what of the layout is not as it must be.
    """
    if not root.is_dir():
        raise UsageError(f"there is no folder '{root}'" if not root.exists() else f"'{root}' is no folder")
    if not _printable(str(root)):
        raise UsageError(f"the path of folder {str(root)!r} cannot be printed")
    folders = _folders(root, root)
    splits = {f: SPLIT_FOLDERS[f.name.lower()] for f in folders if f.name.lower() in SPLIT_FOLDERS}
    # a class may be called `test`: splits are what holds folders in its turn
    layered = {f: split for f, split in splits.items() if _folders(f, root)}
    if "train" not in layered.values():
        return _whole(root, folders)
    _check_splits(root, folders, layered)
    parts = {split: _classes(root, _folders(folder, root)) for folder, split in layered.items()}
    names = _same_classes(root, parts)
    return _files(root, names, [(split, name, parts[split][name]) for split in parts for name in names])


def _whole(root: Path, folders: list[Path]) -> ImageFiles:
    if not folders:
        loose = any(p.suffix.lower() in SUFFIXES for p in _entries(root))
        has = "images, but no folders of classes" if loose else "no folders of classes"
        raise UsageError(f"'{root}' holds {has}: expected {root.name}/CLASS/*.jpg")
    classes = _classes(root, folders)
    return _files(root, tuple(classes), [("", name, found) for name, found in classes.items()])


def _files(root: Path, names: tuple[str, ...], parts: Sequence[tuple[str, str, list[_Found]]]) -> ImageFiles:
    if len(names) < 2:
        raise UsageError(f"'{root}' holds one class, '{names[0]}': there is nothing to tell it from")
    number = {name: label for label, name in enumerate(names)}
    good = [(f.path, number[name], split) for split, name, found in parts for f in found if not f.wrong]
    refused = [f"{f.path.relative_to(root)} {f.wrong}" for _, _, found in parts for f in found if f.wrong]
    return ImageFiles(
        root=root,
        paths=tuple(path for path, _, _ in good),
        labels=tuple(label for _, label, _ in good),
        names=names,
        split=tuple(split for _, _, split in good) if parts[0][0] else (),
        refused=tuple(refused),
    )


def _check_splits(root: Path, folders: list[Path], layered: dict[Path, str]) -> None:
    twice = [split for split in set(layered.values()) if list(layered.values()).count(split) > 1]
    if twice:
        named = ", ".join(f.name for f, split in layered.items() if split == twice[0])
        raise UsageError(f"'{root}' has its {twice[0]} split twice: {named}")
    strange = [f.name for f in folders if f not in layered]
    if strange:
        raise UsageError(f"'{root}' has splits, and beside them '{strange[0]}', which is none (train, val, test)")


def _same_classes(root: Path, parts: dict[str, dict[str, list[_Found]]]) -> tuple[str, ...]:
    """The classes, which every split must have."""
    names = tuple(parts["train"])
    for split, classes in parts.items():
        for name in sorted(set(classes) ^ set(names)):
            has, lacks = (split, "train") if name in classes else ("train", split)
            raise UsageError(f"class '{name}' is in the {has} split of '{root}', but not in its {lacks} split")
    return names


def _classes(root: Path, folders: list[Path]) -> dict[str, list[_Found]]:
    """The images of each class folder, in the order of the names."""
    classes = {folder.name: list(_images(folder, root)) for folder in folders}
    for folder in folders:
        if not classes[folder.name]:
            raise UsageError(f"the class folder '{folder}' holds no images ({' '.join(SUFFIXES)})")
    return classes


def _images(folder: Path, root: Path) -> Iterator[_Found]:
    """All images in and beneath a class folder, in the order of their names."""
    for path in _entries(folder):
        if path.is_symlink() and (wrong := _wrong_link(path, root)):
            yield _Found(path, wrong)
        elif path.is_dir():
            yield from _images(path, root)
        elif path.suffix.lower() in SUFFIXES:
            # a pipe or a device of that name would be read from without end
            yield _Found(path) if path.is_file() else _Found(path, "is no regular file")


def _wrong_link(path: Path, root: Path) -> str:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # it leads nowhere, or in a circle
        return "is a link that leads nowhere"
    if not target.is_relative_to(root):
        return LEADS_OUT
    return "is a link to a folder, which is not followed" if target.is_dir() else ""


def _printable(text: str) -> bool:
    """Whether it has no control characters and no bytes that are no UTF-8."""
    return not any(category(c) in ("Cc", "Cs") for c in text)


def _folders(folder: Path, root: Path) -> list[Path]:
    """Folders in a folder, in the order of their names.

    Raises:
        UsageError: one is a link that leads out of the root: whole classes cannot be left out as bad images can.
    """
    found = [path for path in _entries(folder) if path.is_dir()]
    for path in found:
        if not _printable(path.name):
            raise UsageError(f"'{folder}' has a class whose name cannot be printed: {path.name!r}")
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise UsageError(f"'{path}' {LEADS_OUT}")
    return found


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, but for what is hidden, in the order of the names.

    Raises:
        UsageError: it may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        raise UsageError(f"the folder '{folder}' cannot be read: {error.strerror}") from error
    return [folder / name for name in names]
