"""Options for reading the user's own images: types, splits, links, missing classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bench.errors import UsageError

SPLITS = ("train", "val", "test")
_SPELLINGS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_SPLIT = {spelling: split for split, spellings in _SPELLINGS.items() for spelling in spellings}
_BEHIND = re.compile(r"[ _-]?(set|split|images|imgs|data)$")
"""Suffixes that may follow the name of a split, as in `train_images`."""
AS_CLASSES = "none"


@dataclass(frozen=True)
class Reading:
    """Options for reading all of the user's own images in a run."""

    types: tuple[str, ...] = ()
    """Suffixes of the files that are read; empty: all readable types."""
    splits: tuple[tuple[str, str], ...] = ()
    """Split and the name of its folder, or its word in a table; empty: the usual names."""
    as_classes: bool = False
    """Whether folders with names of splits are classes, and a table's column of splits is ignored."""
    follow_links: bool = False
    """Whether links may lead out of the data's folder, and to folders."""
    missing_classes: bool = False
    """Whether a class that a split lacks, or that has no images, is accepted."""

    def split_of(self, name: str) -> str:
        """Split (`train`, `val` or `test`) that a folder of this name stands for; empty: none."""
        if self.as_classes:
            return ""
        if self.splits:
            return next((split for split, known in self.splits if known == name), "")
        plain = name.strip().lower()
        return _SPLIT.get(plain) or _SPLIT.get(_BEHIND.sub("", plain), "")

    def to_dict(self) -> dict[str, Any]:
        """Options that differ from the default, as plain data."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        chosen |= {"types": list(self.types)} if self.types else {}
        return chosen | ({"splits": [list(pair) for pair in self.splits]} if self.splits else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reading:
        """Inverse of `to_dict`."""
        some = dict(data)
        if "types" in some:
            some["types"] = tuple(some["types"])
        if "splits" in some:
            some["splits"] = tuple((split, name) for split, name in some["splits"])
        return cls(**some)


PLAIN = Reading()
"""Default options."""


def chosen_splits(text: str) -> tuple[tuple[str, str], ...]:
    """Splits and names from `train=Training,test=holdout`; empty for `none`.

    Raises:
        UsageError: the text is not of that form, or names a split twice or no train split.
    """
    if text == AS_CLASSES:
        return ()
    pairs = [tuple(part.strip() for part in item.split("=", 1)) for item in text.split(",")]
    names = [pair[0] for pair in pairs]
    if any(len(pair) != 2 or pair[0] not in SPLITS or not pair[1] for pair in pairs):
        raise UsageError(f"'{text}' does not say the splits: write train=NAME,test=NAME (and val=NAME), or none")
    if len(set(names)) < len(names) or "train" not in names:
        raise UsageError(f"'{text}' must name the train split, and each split once")
    return tuple((split, name) for split, name in pairs)
