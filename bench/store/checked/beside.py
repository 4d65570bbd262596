"""The files beside a store in which SQLite keeps its newest entries. Only this room imports it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from bench.errors import StoreError
from bench.foreign import opened, real_path

_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
"""Last bytes of a journal that names a second one: that of a commit to several databases at once."""


def log_of(path: Path) -> Path | None:
    """The file beside a store in which entries of it lie; None where all are in the store itself."""
    logs = (_beside(path, ending) for ending in ("wal", "journal"))
    return next((log for log in logs if log.is_file() and log.stat().st_size), None)


def require_own_files(path: Path) -> None:
    """Make sure that SQLite can open what lies beside a store: regular files, and a journal that names no other.

    It would wait for a pipe without heeding any signal, write through a link, and remove the file that is named.

    Raises:
        StoreError: one of them is something else, cannot be read, or names a file. No store has such a journal,
            since it is never written with another database.
    """
    for ending in ("wal", "journal", "shm"):
        beside = _beside(path, ending)
        with suppress(FileNotFoundError):
            if not S_ISREG(beside.lstat().st_mode):
                raise StoreError(
                    f"store '{path}' cannot be opened: '{beside.name}' beside it is not a regular file"
                )
    journal = _beside(path, "journal")
    try:
        with opened(journal) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8))
            last = file.read(8)
    except FileNotFoundError:  # there is none, or whoever wrote has just removed it
        return
    except OSError as error:
        raise StoreError(f"'{journal}' cannot be read: {error.strerror}") from error
    if last == _NAMES_ANOTHER:
        raise StoreError(f"store '{path}' is damaged: its journal names another file, which would be removed")


def _beside(path: Path, ending: str) -> Path:
    real = real_path(path)  # beside which SQLite has them
    return real.with_name(f"{real.name}-{ending}")
