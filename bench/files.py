"""Files that are there whole or not at all: written as a draft, which takes their place in one step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LETTERS = 40
"""Of a file's name in that of its draft, from its end: the name alone may be as long as the disk allows."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft to write to; on leaving it takes the place of `path`, on an error it is removed and `path` stays.

    Raises:
        OSError: the file cannot be put in its place.
    """
    draft = path.with_name(f".{path.name[-_LETTERS:]}.{os.getpid()}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def is_abandoned(path: Path) -> bool:
    """Whether a file is a draft whose writer is gone."""
    import psutil

    writer = path.suffix[1:]
    return path.name.startswith(".") and writer.isdecimal() and not psutil.pid_exists(int(writer))
