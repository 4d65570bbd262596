"""The tables of the store and the opening of its file. Only this room imports it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.errors import StoreError

SCHEMA_VERSION = 6
"""Of the tables."""
CONTENT_VERSION = 1
"""Of what is kept as JSON in them: docs/decisions/what-a-reader-of-stores-supports.md says when it grows."""
_APPLICATION_ID = 0x65766F62  # "evob": tells a store from any other SQLite file
_WAIT = 30
"""Seconds that a writer waits for another one."""
_ATTEMPTS = 600
"""Tries within that time, where it has to try again by itself."""
_VERDICTS = """
CREATE TABLE verdict (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    claim TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (run, claim)
);
"""
_PICTURES = """
CREATE TABLE picture (
    run TEXT NOT NULL,
    cell TEXT NOT NULL,
    replicate INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    caption TEXT NOT NULL,
    png BLOB NOT NULL,
    PRIMARY KEY (run, cell, replicate, ordinal),
    FOREIGN KEY (run, cell, replicate) REFERENCES record(run, cell, replicate) ON DELETE CASCADE
);
"""
_BASELINES = """
CREATE TABLE baseline (
    name TEXT PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    saved TEXT NOT NULL
);
"""
_CONTENT = """
ALTER TABLE run ADD COLUMN content_version INTEGER NOT NULL DEFAULT 1;
"""
_IMAGES = """
CREATE TABLE images (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    paths BLOB NOT NULL,
    PRIMARY KEY (run, key)
);
"""
_SCHEMA = f"""
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    started TEXT NOT NULL,
    finished TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    profile TEXT NOT NULL,
    command TEXT NOT NULL,
    host_key TEXT NOT NULL,
    host TEXT NOT NULL,
    settings TEXT NOT NULL
);
CREATE TABLE declaration (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (run, kind, name)
);
CREATE TABLE cell (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    suites TEXT NOT NULL,
    content TEXT NOT NULL,
    expected REAL NOT NULL,
    replicates INTEGER NOT NULL,
    PRIMARY KEY (run, key)
);
CREATE TABLE record (
    run TEXT NOT NULL,
    cell TEXT NOT NULL,
    replicate INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    unit TEXT NOT NULL,
    provenance TEXT NOT NULL,
    n INTEGER NOT NULL,
    median REAL,
    mean REAL,
    p5 REAL,
    p95 REAL,
    lowest REAL,
    highest REAL,
    samples BLOB NOT NULL,
    warmup BLOB NOT NULL,
    details TEXT NOT NULL,
    code TEXT NOT NULL,
    started TEXT NOT NULL,
    seconds REAL NOT NULL,
    reused_from TEXT NOT NULL,
    PRIMARY KEY (run, cell, replicate),
    FOREIGN KEY (run, cell) REFERENCES cell(run, key) ON DELETE CASCADE
);
CREATE INDEX record_by_cell ON record(cell, code);
CREATE TABLE artifact (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (run, key)
);
{_VERDICTS}{_PICTURES}{_BASELINES}{_CONTENT}{_IMAGES}"""
_MIGRATIONS: dict[int, str] = {1: _VERDICTS, 2: _PICTURES, 3: _BASELINES, 4: _CONTENT, 5: _IMAGES}
"""From a schema version to the statements that lead to the next one."""


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the file and bring its schema up to date; a file that is refused stays as it was.

    Unless it may have to be made, a store that cannot be written is opened for reading.

    Raises:
        StoreError: the file is not a store, is empty (unless `create`), damaged, written by a newer evobench,
            or of an older schema and not writable.
    """
    if create:
        return _opened(path, "mode=rwc", create=True)
    try:
        return _opened(path, "mode=rw", create=False)
    except _NotWritable:
        _require_whole(path)
    # with all in one file and nobody who could write, no lock is needed
    return _opened(path, "mode=ro&immutable=1", create=False)


class _NotWritable(StoreError):
    """SQLite had to write beside the file, and could not."""


def _require_whole(path: Path) -> None:
    """Make sure that nothing of the store lies in a journal beside it."""
    for ending in ("wal", "journal"):
        journal = path.with_name(f"{path.name}-{ending}")
        if journal.is_file() and journal.stat().st_size:
            raise StoreError(
                f"the newest entries of store '{path}' lie in '{journal.name}', which is not read where nothing"
                " can be written: copy both files elsewhere"
            )


def _opened(path: Path, how: str, *, create: bool) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_WAIT)
    except sqlite3.Error as error:
        raise StoreError(f"store '{path}' cannot be opened: {error}") from error
    version = 0
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        version = _version(db, path, create=create)
        if not version:  # a store that is there keeps the journal that it has
            _prefer_wal(db)
        if version < SCHEMA_VERSION:
            _migrate(db, path)
        refuse_newer_content(db, path)
        return db
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter where SQLite's message quotes damaged text
        db.close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_READONLY and version:
            raise StoreError(
                f"store '{path}' has schema {version} and must be brought up to {SCHEMA_VERSION}, but cannot be"
                " written: open a copy of it elsewhere"
            ) from error
        refused = _NotWritable if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN) else StoreError
        raise refused(f"store '{path}' cannot be opened: {error}") from error
    except StoreError:
        db.close()
        raise


def _version(db: sqlite3.Connection, path: Path, *, create: bool) -> int:
    """Schema version of the file, 0 where it holds nothing yet."""
    if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        if create:
            return 0
        raise StoreError(f"'{path}' is empty: no evobench store")
    if _pragma(db, "application_id") != _APPLICATION_ID:
        raise StoreError(f"'{path}' is a database, but no evobench store")
    version = _pragma(db, "user_version")
    if version > SCHEMA_VERSION:
        raise _newer(path, "schema", version, SCHEMA_VERSION)
    if version < 1:
        raise StoreError(f"store '{path}' is damaged: no schema has the number {version}")
    return version


def refuse_newer_content(db: sqlite3.Connection, path: Path) -> None:
    """Make sure that what every run keeps as JSON has a version that is known here.

    Raises:
        StoreError: it is a newer one.
    """
    newest = db.execute("SELECT max(content_version) FROM run").fetchone()[0] or 0
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
        scripts = [_MIGRATIONS[v] for v in range(version, SCHEMA_VERSION)] if version else [_SCHEMA]
        for statement in ";".join(scripts).split(";"):
            cursor.execute(statement)
        cursor.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def encodable(*row: object) -> tuple[object, ...]:
    """The row with what UTF-8 cannot hold (a file name's stray bytes, say) written out as escapes."""
    return tuple(v.encode(errors="backslashreplace").decode() if isinstance(v, str) else v for v in row)


_STRAY = re.compile(r"(?<!\\)(?<!\\ud[89ab][0-9a-f]{2})\\(udc[89a-f][0-9a-f])")
"""A byte of a file name that is not UTF-8, as JSON writes it."""


def plain_json(text: str) -> Any:
    """Data of a JSON column, with what UTF-8 cannot hold written out as escapes, as `encodable` does."""
    return json.loads(_STRAY.sub(r"\\\\\1", text))
