"""Things under a name that are not files: whoever reads them would wait, or fill the memory."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import pytest


def pipe(path: Path) -> Path:
    """A pipe that nobody writes to."""
    os.mkfifo(path)
    return path


def device(path: Path) -> Path:
    """A link to a device whose zeros never end."""
    path.symlink_to("/dev/zero")
    return path


def listener(path: Path) -> Path:
    """A socket."""
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as there:  # its whole path may be too long for one
        there.bind(path.name)
    return path


def folder(path: Path) -> Path:
    """An empty folder."""
    path.mkdir()
    return path


NO_FILES: tuple[Callable[[Path], Path], ...] = (pipe, device, listener, folder)
each_without_end = pytest.mark.parametrize("make", NO_FILES, ids=lambda make: make.__name__)


def sparse(path: Path, size: int) -> Path:
    """A file of zeros that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


@contextmanager
def nested(root: Path, depth: int) -> Iterator[Path]:
    """A folder with folders within each other, which is emptied afterwards: pytest's own tidying calls itself."""
    with chdir(root):
        for _ in range(depth):
            Path("x").mkdir()
            os.chdir("x")
    yield root
    with chdir(root):
        for _ in range(depth):
            os.chdir("x")
        for _ in range(depth):
            os.chdir("..")
            Path("x").rmdir()
