"""What lies beside a store under the id of a run. A store may be from elsewhere, and have any text for an id."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from bench.errors import UsageError

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
"""Form of the ids that evobench gives: no folder of another name is ever written into."""


def folder_of_run(store: Path, run: str) -> Path:
    """Folder of a run's reports and tables.

    Args:
        store: path of the store.
        run: id of the run, as the store has it.

    Raises:
        UsageError: the id has not the form of evobench's own, or a link, a pipe or a device lies there.
    """
    folder = store.parent / name_of_run(run)
    require_own(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            require_own(Path(place, name))
    return folder


def require_own(path: Path) -> None:
    """Make sure that a path that evobench names is free, or a file or folder: what is written stays there.

    Raises:
        UsageError: it is a link, a pipe or a device, which a folder from elsewhere may bring along.
    """
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not (S_ISREG(mode) or S_ISDIR(mode)):
            raise UsageError(f"'{path}' is neither a file nor a folder, and nothing is written through it")


def lock_of_run(place: Path, run: str) -> Path:
    """File that is locked while a run is measured.

    Args:
        place: folder of the store.
        run: id of the run, as the store has it.

    Raises:
        UsageError: the id has not the form of evobench's own.
    """
    return place / f".{name_of_run(run)}.lock"


def name_of_run(run: str) -> str:
    """The id of a run as a part of the name of a file.

    Raises:
        UsageError: the id has not the form of evobench's own.
    """
    if not is_id(run):
        raise UsageError(
            f"{run[:80]!a} is not an id that evobench gives to a run: no file is written under that name"
        )
    return run


def is_id(text: str) -> bool:
    """Whether a text has the form of the ids that evobench gives."""
    return _ID.fullmatch(text) is not None


def locked_runs(place: Path) -> list[str]:
    """Ids of the runs whose locks lie in the folder of a store, held or left behind."""
    names = (path.name[1 : -len(".lock")] for path in place.glob(".*.lock"))
    return sorted(name for name in names if is_id(name))
