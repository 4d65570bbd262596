"""A copy of the whole store in one file, with the log folded in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.errors import StoreError, UsageError
from bench.files import replacing
from bench.store.checked.beside import log_of
from bench.store.database import Store
from bench.store.opening import connect

_MEASURED = "SELECT id, '', -1 FROM run UNION ALL SELECT run, cell, replicate FROM record"


def copy_store(store: Store, path: Path) -> None:
    """Write what is committed of a store into one file that has no log; others may write to the store meanwhile.

    A file that is there is replaced where it is an earlier copy.

    Raises:
        UsageError: the file is a folder or the store itself, has a log of its own, or holds what the store lacks.
        StoreError: the file is there and is not a store, or cannot be written.
    """
    _require_replaceable(store, path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            # not the backup of SQLite: its copy would say that it has a log, as the store does
            store.connection.db.execute("VACUUM INTO ?", (str(draft),))
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"'{path}' cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _require_replaceable(store: Store, path: Path) -> None:
    if path.exists() and path.samefile(store.path):
        raise UsageError(f"'{path}' is the store itself: name another file")
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder: name a file in it")
    if log := log_of(path):
        raise UsageError(f"'{log}' is the log of another store: name another file")
    if not path.exists() or not path.stat().st_size:
        return
    with closing(connect(path, create=False, migrate=False)) as db:
        there = {tuple(row) for row in db.execute(_MEASURED)}
    if there - {tuple(row) for row in store.connection.rows(_MEASURED)}:
        raise UsageError(f"'{path}' holds what is not in '{store.path}' and would be lost: name another file")
