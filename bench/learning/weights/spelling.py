"""How a user's file of weights is spelled: `file:PATH`, then `#STATE` and `#partial` where wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

_FILE = "file:"
_MARK = "#"
PARTIAL = "partial"


@dataclass(frozen=True)
class WeightsFile:
    """A file or a folder of weights, and what of it is wanted."""

    path: Path
    state: str = ""
    """Which of several states in the file, by the key or the prefix that it lies under; empty: the usual one."""
    partial: bool = False
    """Whether what the file lacks may keep the architecture's own initialisation."""

    def __str__(self) -> str:
        marks = (self.state, PARTIAL if self.partial else "")
        return _FILE + _MARK.join((str(self.path), *filter(None, marks)))


def weights_file(weights: str) -> WeightsFile | None:
    """What `file:PATH#STATE#partial` says, None for other weights.

    A path that itself holds the mark is taken for what it is where it exists.
    """
    rest = weights.removeprefix(_FILE)
    if not weights.startswith(_FILE) or not rest:
        return None
    path, marks = _split(rest)
    state = _MARK.join(mark for mark in marks if mark != PARTIAL)
    return WeightsFile(Path(path), state, PARTIAL in marks)


def as_partial(weights: str) -> str:
    """The same weights, with what a file lacks left to the architecture; other weights as they are."""
    found = weights_file(weights)
    return str(replace(found, partial=True)) if found else weights


def _split(rest: str) -> tuple[str, list[str]]:
    pieces = rest.split(_MARK)
    for end in range(len(pieces), 1, -1):
        path = _MARK.join(pieces[:end])
        if Path(path).exists():
            return path, pieces[end:]
    return pieces[0], pieces[1:]
