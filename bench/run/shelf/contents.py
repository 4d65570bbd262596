"""Contents of the artifact folder, recognized by the names that evobench gives; other files are not touched."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.files import is_abandoned

DRAFT, UNFINISHED = "draft", "unfinished training"
_DIGEST = "[0-9a-f]{16}"
_KEY = rf"[A-Za-z_]\w*-{_DIGEST}"
_SEAL = ".json"
_ARTIFACT = re.compile(rf"({_KEY})(?:{re.escape(_SEAL)})?")
_STATE = re.compile(rf"\.unfinished-(?:{_KEY}|{_DIGEST})")
_WRITTEN = re.compile(rf"\.(?:[\w.-]{{0,24}}{_DIGEST}(?:{re.escape(_SEAL)})?|digests\.json)(?:\.{_DIGEST})?\.\d+")
"""The draft of an artifact, of its seal, of the state of a training, or of the digests of the user's images."""


@dataclass(frozen=True)
class Lying:
    """One entry of the shelf: an artifact with its seal, a draft, or the state of an unfinished training."""

    name: str
    """The key of an artifact; else the name of the file."""
    what: str
    """Kind of the artifact, `DRAFT` or `UNFINISHED`."""
    paths: tuple[Path, ...]
    """The artifact's seal, then its file, whether they exist or not."""
    size: int
    """Bytes, with those of the seal."""
    changed: float
    """Time of the last write, in seconds since 1970."""

    @property
    def is_whole(self) -> bool:
        """Whether the entry is complete; it is not where a writer was killed between file and seal."""
        return all(path.is_file() for path in self.paths)

    def remove(self) -> None:
        """Remove the entry, its seal first: if this is cut off, what is left is not taken for an artifact."""
        for path in self.paths:
            path.unlink(missing_ok=True)


def folder_beside(store: Path) -> Path:
    """The folder of the artifacts of all stores that lie beside each other."""
    return store.parent / "artifacts"


def own_folder_beside(store: Path) -> Path:
    """The same folder, where nothing but the stores beside it can have artifacts there.

    Raises:
        UsageError: it is a link.
    """
    folder = folder_beside(store)
    if folder.is_symlink():
        raise UsageError(
            f"'{folder}' is a link: stores elsewhere may need what lies there, and nothing is removed from it"
        )
    return folder


def lying(folder: Path) -> tuple[Lying, ...]:
    """All entries that evobench wrote into the folder, by name; empty where there is no such folder."""
    if not folder.is_dir():
        return ()
    with os.scandir(folder) as entries:
        files = {entry.name: entry.stat() for entry in entries if entry.is_file(follow_symlinks=False)}
    found = []
    for name in sorted({_owner(name) for name in files} - {""}):
        parts = (name,) if name.startswith(".") else (f"{name}{_SEAL}", name)
        there = [files[part] for part in parts if part in files]
        found.append(
            Lying(
                name,
                _what(name),
                tuple(folder / part for part in parts),
                sum(stat.st_size for stat in there),
                max(stat.st_mtime for stat in there),
            )
        )
    return tuple(found)


def is_left_behind(item: Lying) -> bool:
    """Whether the entry is of use to nobody: a draft whose writer is gone, or an artifact that lacks a part."""
    return is_abandoned(item.paths[0]) if item.what == DRAFT else not item.is_whole


def _owner(name: str) -> str:
    """The key of the artifact that a file is a part of, or else its own name; empty where it is not evobench's."""
    if found := _ARTIFACT.fullmatch(name):
        return found[1]
    return name if _STATE.fullmatch(name) or _WRITTEN.fullmatch(name) else ""


def _what(name: str) -> str:
    if name.startswith("."):
        return UNFINISHED if _STATE.fullmatch(name) else DRAFT
    return name.rpartition("-")[0]
