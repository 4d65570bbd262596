"""The opening of the store's file, and what is refused as one. Only this room imports it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from stat import S_IFREG, S_ISREG

from bench.errors import StoreError
from bench.files import is_full
from bench.store.checked.beside import log_of, require_own_files
from bench.store.checked.tables import require_columns, require_tables_alone
from bench.store.checked.trees import distrust, require_trees
from bench.store.schema import APPLICATION_ID, CONTENT_VERSION, MIGRATIONS, SCHEMA, SCHEMA_VERSION

_WAIT = 30
"""Seconds that a writer waits for another one."""
_ATTEMPTS = 600
"""Tries within that time, where it has to try again by itself."""


def connect(path: Path, *, create: bool, migrate: bool = True) -> sqlite3.Connection:
    """Open the file and bring its schema up to date; a file that is refused stays as it was.

    Unless it may have to be made, a store that cannot be written is opened for reading.

    Args:
        path: the file.
        create: whether to make it where it is not there.
        migrate: whether to bring it up to date; else it stays of the schema that it has.

    Raises:
        StoreError: the file is not a store, is empty (unless `create`), damaged, written by a newer evobench,
            or of an older schema and not writable.
    """
    _require_file(path)
    require_own_files(path)
    if create:
        return _opened(path, "mode=rwc", create=True)
    try:
        return _opened(path, "mode=rw", migrate=migrate)
    except _Full:
        if log_of(path):
            return _opened(path, "mode=rw", migrate=migrate, alone=True)
    except _NotWritable:
        if _has_readable_log(path):
            return _opened(path, "mode=ro&vfs=unix-none", migrate=migrate, alone=True)
    # with all in one file and nobody who could write, no lock is needed
    return _opened(path, "mode=ro&immutable=1", migrate=migrate, alone=True)


def _require_file(path: Path) -> None:
    mode = S_IFREG
    with suppress(OSError, ValueError):  # it is not there, or cannot be: whoever opens it tells
        mode = path.stat().st_mode
    if not S_ISREG(mode):
        raise StoreError(f"'{path}' is not a regular file, so it cannot be a store")


@contextmanager
def snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of a store with its log folded in and its schema up to date, which is gone on leaving.

    The store may be written meanwhile; its runs stay as they are.

    Raises:
        StoreError: the store does not exist or cannot be read.
    """
    if not path.is_file():
        raise StoreError(f"there is no store '{path}'")
    with closing(sqlite3.connect("")) as copy:  # no name: a file that SQLite removes, also where it is killed
        try:
            with closing(connect(path, create=False, migrate=False)) as source:
                source.backup(copy)
            copy.row_factory = sqlite3.Row
            _bring_up_to_date(copy, path, _version(copy, path, create=False))
        except sqlite3.Error as error:
            if code_of(error) == sqlite3.SQLITE_FULL:
                raise StoreError(
                    f"no space is left for a copy of store '{path}' among temporary files: free some, or name"
                    " another folder with SQLITE_TMPDIR"
                ) from error
            raise StoreError(f"store '{path}' cannot be read: {error}") from error
        yield copy


def in_memory() -> sqlite3.Connection:
    """An empty store without a file, with all its tables."""
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    db.executescript(SCHEMA)
    return db


_OF_THE_DISK = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)


class _NotWritable(StoreError):
    """Error raised when SQLite had to write beside the file, and could not."""


def is_store(path: Path) -> bool:
    """Whether a file says that it is a store, of whatever version; nothing else of it is read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(72)[68:] == APPLICATION_ID.to_bytes(4, "big")


class _Full(_NotWritable):
    """Error raised because no space is left."""


def code_of(error: Exception) -> int:
    """The primary code of an error of SQLite, 0 where it has none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def says_full(error: Exception, path: Path) -> bool:
    """Whether an error of a store says that no space is left; also where a file beside it was to be made."""
    code = code_of(error)
    return code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full(path.parent))


def full(path: Path) -> str:
    """The line on a store for which no space is left."""
    return (
        f"no space is left on the disk of store '{path}', which keeps what it has: free some, as with evobench"
        " clean, and go on"
    )


def fold_log(db: sqlite3.Connection) -> None:
    """Bring what this connection wrote from the log into the file itself, unless others are just reading there."""
    try:
        if not db.total_changes:
            return
        db.execute("PRAGMA busy_timeout = 0")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:  # everything is committed: what is not folded in now stays in the log
        return


def _has_readable_log(path: Path) -> bool:
    """Whether entries of the store lie in a log that can be read without a file that readers share.

    Raises:
        StoreError: they lie in one that cannot.
    """
    log = log_of(path)
    if log is None:
        return False
    if os.name == "posix" and log.name.endswith("-wal"):
        return True
    raise StoreError(
        f"the newest entries of store '{path}' lie in '{log.name}', which is not read where nothing"
        " can be written: copy both files elsewhere"
    )


def _opened(
    path: Path, how: str, *, create: bool = False, migrate: bool = True, alone: bool = False
) -> sqlite3.Connection:
    """Open the file; `alone` lets nobody else in, and so needs no file that all would share, nor any other."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_WAIT, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(f"store '{path}' cannot be opened: {error}") from error
    version = 0
    try:
        db.row_factory = sqlite3.Row
        longest = distrust(db)
        if alone:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA foreign_keys = ON")
        # after each commit, so that a copy of the file alone, as of a run that was killed, has what was measured
        db.execute("PRAGMA wal_autocheckpoint = 1")
        version = _version(db, path, create=create)
        require_trees(db, path, longest)
        if not version:  # a store that is there keeps the journal that it has
            _prefer_wal(db)
        if migrate:
            _bring_up_to_date(db, path, version)
        return db
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter where SQLite's message quotes damaged text
        db.close()
        code = code_of(error)
        if code == sqlite3.SQLITE_READONLY and version:
            raise StoreError(
                f"store '{path}' has schema {version} and must be brought up to {SCHEMA_VERSION}, but cannot be"
                " written: open a copy of it elsewhere"
            ) from error
        if code in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_TOOBIG):
            raise StoreError(f"store '{path}' is damaged: its schema does not end") from error
        if says_full(error, path):
            raise _Full(full(path)) from error
        refused = _NotWritable if code in _OF_THE_DISK else StoreError
        raise refused(f"store '{path}' cannot be opened: {error}") from error
    except StoreError:
        db.close()
        raise


def _bring_up_to_date(db: sqlite3.Connection, path: Path, version: int) -> None:
    if version < SCHEMA_VERSION:
        _migrate(db, path)
    require_columns(db, path)
    refuse_newer_content(db, path)


def _version(db: sqlite3.Connection, path: Path, *, create: bool) -> int:
    """Schema version of the file, 0 where it holds nothing yet."""
    if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        if create:
            return 0
        if _is_logged(path) and log_of(path) is None:
            raise StoreError(
                f"'{path}' holds nothing: it was copied without its log, '{path.name}-wal'; copy both files, or"
                " use evobench export --sqlite"
            )
        raise StoreError(f"'{path}' is empty: no evobench store")
    if _pragma(db, "application_id") != APPLICATION_ID:
        raise StoreError(f"'{path}' is a database, but no evobench store")
    version = _pragma(db, "user_version")
    if version > SCHEMA_VERSION:
        raise _newer(path, "schema", version, SCHEMA_VERSION)
    if version < 1:
        raise StoreError(f"store '{path}' is damaged: no schema has the number {version}")
    require_tables_alone(db, path)
    return version


def _is_logged(path: Path) -> bool:
    """Whether the file says that it has a write-ahead log, which a store has from its first table on."""
    with path.open("rb") as file:
        return file.read(20)[18:] == b"\2\2"


def refuse_newer_content(db: sqlite3.Connection, path: Path) -> None:
    """Make sure that what every run keeps as JSON has a version that is known here.

    Raises:
        StoreError: the version is newer than those known here.
    """
    whole = "typeof(content_version) = 'integer'"  # any other is told as damage where the run is read
    newest = db.execute(f"SELECT max(content_version) FROM run WHERE {whole}").fetchone()[0] or 0
    if newest > CONTENT_VERSION:
        raise _newer(path, "content", newest, CONTENT_VERSION)


def _newer(path: Path, what: str, version: int, known: int) -> StoreError:
    return StoreError(
        f"store '{path}' was written by a newer evobench ({what} {version}, this one reads up to {known}): update"
        " evobench"
    )


def _prefer_wal(db: sqlite3.Connection) -> None:
    """Ask for the write-ahead log, with which readers and a writer do not wait for each other."""
    # a network file system answers with another mode than WAL; the rollback journal serves there
    if _switch(db, "WAL") != "wal":
        _switch(db, "DELETE")


def _switch(db: sqlite3.Connection, journal: str) -> str:
    """Ask for a journal; returns the one that is had. For this statement alone SQLite does not wait."""
    attempts = _ATTEMPTS
    while True:
        attempts -= 1
        try:
            return str(db.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not attempts:
                raise
            time.sleep(_WAIT / _ATTEMPTS)


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """Make the tables, or bring older ones up to date, in one transaction."""
    with closing(db.cursor()) as cursor, db:
        cursor.execute("BEGIN IMMEDIATE")
        version = _version(db, path, create=True)  # again, under the lock: another run may have been first
        scripts = [MIGRATIONS[v] for v in range(version, SCHEMA_VERSION)] if version else [SCHEMA]
        for statement in ";".join(scripts).split(";"):
            cursor.execute(statement)
        cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
