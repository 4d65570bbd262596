"""The pages of a file, held against those of a sound one before any table is read."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path

from bench.errors import StoreError
from bench.store.checked.shape import shown

_SCHEMA_STEPS = 100_000
"""Steps of SQLite's machine for the reading of a schema; that of a store takes fewer than 500."""
_SCHEMA_LENGTH = 100_000
"""Bytes of the longest statement in a schema; the longest one of a store has 800."""
_ENDED = repeat(1)
"""Tells SQLite to end a statement. As no line of Python runs in it, Ctrl-C is not lost there."""
_LENGTH = sqlite3.SQLITE_LIMIT_LENGTH
_SLICE = 100_000
"""Steps after which their number is looked at."""
_STEPS, _STEPS_A_BYTE = 100_000_000, 16
"""Most steps of a query: beside a store's size the longest one of a report takes 0.4 a byte."""
_ROWS, _BYTES_A_ROW = 100_000, 16
"""Most rows of an answer: a store's own have 200 bytes or more each."""


@contextmanager
def limited(db: sqlite3.Connection) -> Iterator[int]:
    """Limit the steps of a query that is asked within it, by the size of the store.

    In tables without their keys, or with one key in all rows, a query may find each row as often as there are
    others.

    Returns:
        As many rows as the answer may have.

    Raises:
        sqlite3.Error: the size cannot be read.
    """
    size = _number(db, "page_count") * _number(db, "page_size")
    slices = (_STEPS + _STEPS_A_BYTE * size) // _SLICE
    db.set_progress_handler(chain(repeat(0, slices), _ENDED).__next__, _SLICE)
    try:
        yield _ROWS + size // _BYTES_A_ROW
    finally:
        db.set_progress_handler(None, 0)


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


def distrust(db: sqlite3.Connection) -> int:
    """Have an open file end what takes long to read of its schema, which every statement reads first.

    Returns:
        The longest value that it had let pass, in bytes, for `require_trees`.
    """
    db.set_progress_handler(_ENDED.__next__, _SCHEMA_STEPS)
    return db.setlimit(_LENGTH, _SCHEMA_LENGTH)


def require_trees(db: sqlite3.Connection, path: Path, longest: int) -> None:
    """Make sure that each page of the file has one place: in one tree, in one long value, or among the free ones.

    A small file that refers to a page twice can have more rows than anybody can read. The file's schema must have
    been looked at: its tables compute nothing.

    Args:
        db: the open file, usable in other threads. It is trusted from here on.
        path: the file, for the message.
        longest: the longest value that it may hold, in bytes.

    Raises:
        StoreError: a page has two places or none.
    """
    pages = _number(db, "page_count")
    # The check looks at all pages in one step, and then at rows until it is stopped: what is wrong in a row is
    # told where it is read. New versions of SQLite count each page as a step, too.
    db.set_progress_handler(_ENDED.__next__, 2 * pages + 1000)
    db.setlimit(_LENGTH, longest)
    stack = (pages // 64 + 16) * 2**16
    try:
        found = _first_fault(db, stack)
    except (ValueError, RuntimeError) as error:
        raise StoreError(f"store '{path}' cannot be read: no stack of {stack >> 20} MB is to be had") from error
    db.set_progress_handler(None, 0)
    if found.startswith("***"):
        raise StoreError(f"store '{path}' is damaged: {shown(found.splitlines()[-1])[1:-1]}")


def _first_fault(db: sqlite3.Connection, stack: int) -> str:
    """What SQLite says of the pages first, asked in a thread with a stack of so many bytes.

    It calls itself for each level of a tree, and a crafted one may have as many as there are pages: SQLite 3.40
    takes 253 bytes for each, and gets 1024.
    """
    told: list[str | sqlite3.Error | MemoryError] = []

    def ask() -> None:
        try:
            told.append(str(db.execute("PRAGMA quick_check(1)").fetchone()[0]))
        except (sqlite3.Error, MemoryError) as error:
            told.append(error)

    usual = threading.stack_size(stack)
    try:
        thread = threading.Thread(target=ask)
        thread.start()
    finally:
        threading.stack_size(usual)
    thread.join()
    if isinstance(told[0], str):
        return told[0]
    if getattr(told[0], "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
        return "ok"
    raise told[0]
