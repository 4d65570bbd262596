"""Data set from the images found in a folder or a table: one name per class, every class in every split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.data.alike import one_spelling
from bench.data.images import ImageFiles, LeftOut
from bench.data.reading import SPLITS, Reading
from bench.errors import UsageError

_NAMED = 3
"""Number of classes that a line names; the others are counted."""
_WAY_OUT = "--allow-missing-classes goes on with the classes that are there"


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image as it was found, or what is wrong with it."""

    path: Path
    name: str
    """Name of its class, as written."""
    split: str = ""
    wrong: str = ""
    """Message that says what is wrong, with the file."""


@dataclass
class ImageSearch:
    """Result of a search so far."""

    root: Path
    """Folder relative to which messages name the files."""
    source: Path
    """Folder or table that the images come from."""
    noun: str
    """Word for a class in messages."""
    found: list[FoundImage] = field(default_factory=list)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Number of unused files, by what they are and why."""
    notes: list[str] = field(default_factory=list)
    """Lines about everything that was interpreted."""

    def files(self, reading: Reading, in_order: Callable[[Iterable[str]], list[str]] = sorted) -> ImageFiles:
        """Data set of the images.

        Args:
            reading: options for reading that were chosen.
            in_order: puts the names of the classes in the order of their labels.

        Raises:
            UsageError: one line, where a split lacks a class that another has, a class has no image that can be
                read, or there is one class alone.
        """
        splits = [split for split in ("", *SPLITS) if any(item.split == split for item in self.found)]
        written = {split: dict.fromkeys(i.name for i in self.found if i.split == split) for split in splits}
        names, notes = one_spelling(written)
        self.notes += [f"{self.noun} names: {note}" for note in notes]
        parts = {split: {names[name] for name in some} for split, some in written.items()}
        classes = self._classes(parts, reading)
        if len(classes) < 2:
            raise UsageError(
                f"'{self.source}' has one {self.noun}, '{classes[0]}': there is nothing to tell it from"
            )
        number = {name: label for label, name in enumerate(in_order(classes))}
        used = [item for item in self.found if names[item.name] in number]
        self.left["images", f"their {self.noun} has no training images"] += len(self.found) - len(used)
        self._require_good(used, names)
        self._tell_splits(splits)
        good = [item for item in used if not item.wrong]
        return ImageFiles(
            root=self.root,
            paths=tuple(item.path for item in good),
            labels=tuple(number[names[item.name]] for item in good),
            names=tuple(number),
            split=() if splits == [""] else tuple(item.split for item in good),
            refused=tuple(item.wrong for item in used if item.wrong),
            left_out=tuple(LeftOut(n, what, why) for (what, why), n in sorted(self.left.items()) if n),
            notes=tuple(self.notes),
        )

    def _classes(self, parts: dict[str, set[str]], reading: Reading) -> list[str]:
        """Classes that are learned."""
        if "" in parts:
            return sorted(parts[""])
        if "train" not in parts:
            raise UsageError(f"the train split of '{self.source}' holds no images")
        for split, some in parts.items():
            lacking = parts["train"] - some
            if not reading.missing_classes and (unlike := sorted(some ^ parts["train"])):
                has, lacks = ("train", split) if unlike[0] in lacking else (split, "train")
                where = f"is in the {has} split of '{self.source}', but not in its {lacks} split"
                raise UsageError(f"{self.noun} '{unlike[0]}' {where}: {_WAY_OUT}")
            if lacking:
                rest = len(parts["train"]) - len(lacking)
                self.notes.append(
                    f"the {split} split lacks {_named(lacking)}: its figures are over the other {rest}"
                )
        return sorted(parts["train"])

    def _require_good(self, used: list[FoundImage], names: dict[str, str]) -> None:
        """Make sure that each class has an image in each split that has the class."""
        kept = {(item.split, names[item.name]) for item in used if not item.wrong}
        for item in used:
            if (item.split, name := names[item.name]) not in kept:
                where = f" of the {item.split} split" if item.split else ""
                raise UsageError(f"all images of {self.noun} '{name}'{where} are bad: {item.wrong}")

    def _tell_splits(self, splits: list[str]) -> None:
        if splits == ["train"]:
            self.notes.append("there is a train split alone: images for validation and test are drawn from it")
        elif "val" in splits and "test" not in splits:
            drawn = "images for validation are drawn from train"
            self.notes.append(f"there is no test split: the val split is tested on, and {drawn}")
        elif splits == ["train", "test"]:
            self.notes.append("there is no val split: images for validation are drawn from train")


def _named(names: Iterable[str]) -> str:
    known = sorted(names)
    said = ", ".join(f"'{name}'" for name in known[:_NAMED])
    return said if len(known) <= _NAMED else f"{said} and {len(known) - _NAMED} more"
