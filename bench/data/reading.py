"""How the user's own images are read where that is a matter of choice: types, splits, links, missing classes."""

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
"""What may stand behind the name of a split, as in `train_images`."""
AS_CLASSES = "none"


@dataclass(frozen=True)
class Reading:
    """What is chosen for all of the user's own images of a run."""

    types: tuple[str, ...] = ()
    """Suffixes that are read; empty: all that can be."""
    splits: tuple[tuple[str, str], ...] = ()
    """Split and the name of its folder, or its word in a table; empty: as the names say."""
    as_classes: bool = False
    """Whether folders that are called as splits are classes, and a table's column of splits is not looked at."""
    follow_links: bool = False
    """Whether links may lead out of the data's folder, and to folders."""
    missing_classes: bool = False
    """Whether a class that a split lacks, or that has no images, is no reason to stop."""

    def split_of(self, name: str) -> str:
        """`train`, `val` or `test`, as what a folder of this name is taken; empty: as none."""
        if self.as_classes:
            return ""
        if self.splits:
            return next((split for split, known in self.splits if known == name), "")
        plain = name.strip().lower()
        return _SPLIT.get(plain) or _SPLIT.get(_BEHIND.sub("", plain), "")

    def to_dict(self) -> dict[str, Any]:
        """What differs from the default, as plain data."""
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
"""Nothing is chosen."""


def chosen_splits(text: str) -> tuple[tuple[str, str], ...]:
    """Split and name of `train=Training,test=holdout`; none of `none`.

    Raises:
        UsageError: it is not of that form, names a split twice or no train split.
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
