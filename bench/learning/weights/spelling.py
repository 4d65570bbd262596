"""Spelling of a user's file of weights: `file:PATH`, then `#STATE` and `#partial` where wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

_FILE = "file:"
_MARK = "#"
PARTIAL = "partial"


@dataclass(frozen=True)
class WeightsFile:
    """A file or a folder of weights, and the requested part of it."""

    path: Path
    state: str = ""
    """Name of one of several states in the file, by its key or prefix; empty: the usual one."""
    partial: bool = False
    """Whether tensors that the file lacks may keep the architecture's own initialisation."""

    def __str__(self) -> str:
        marks = (self.state, PARTIAL if self.partial else "")
        return _FILE + _MARK.join((str(self.path), *filter(None, marks)))


def weights_file(weights: str) -> WeightsFile | None:
    """File of weights that `file:PATH#STATE#partial` describes; None for other weights.

    A path that itself holds the mark is taken for what it is where it exists.
    """
    rest = weights.removeprefix(_FILE)
    if not weights.startswith(_FILE) or not rest:
        return None
    path, marks = _split(rest)
    state = _MARK.join(mark for mark in marks if mark != PARTIAL)
    return WeightsFile(Path(path), state, PARTIAL in marks)


def as_partial(weights: str) -> str:
    """The same weights, with tensors that a file lacks left to the architecture; other weights unchanged."""
    found = weights_file(weights)
    return str(replace(found, partial=True)) if found else weights


def _split(rest: str) -> tuple[str, list[str]]:
    pieces = rest.split(_MARK)
    for end in range(len(pieces), 1, -1):
        path = _MARK.join(pieces[:end])
        if Path(path).exists():
            return path, pieces[end:]
    return pieces[0], pieces[1:]
