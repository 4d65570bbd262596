"""The tables of a file, held against those of a store before anything in them is read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bench.errors import StoreError
from bench.store.checked.columns import TABLES
from bench.store.checked.shape import shown

_PLAIN = ("CREATE TABLE %", "CREATE INDEX %", "CREATE UNIQUE INDEX %")
"""Beginnings of what SQLite keeps of a table and of an index."""


def require_tables_alone(db: sqlite3.Connection, path: Path) -> None:
    """Make sure that the file holds tables and indexes only: a view in a table's place may never come to an end,
    and a trigger writes where nobody asked it to.

    Raises:
        StoreError: it holds something else.
    """
    others = " AND ".join("CAST(sql AS TEXT) NOT LIKE ?" for _ in _PLAIN)
    for kind, name in db.execute(f"SELECT type, name FROM sqlite_master WHERE {others} LIMIT 1", _PLAIN):
        what = f"it holds the {shown(kind)[1:-1]} {shown(name)}, and a store holds tables alone"
        raise StoreError(f"store '{path}' is damaged: {what}")


def require_columns(db: sqlite3.Connection, path: Path) -> None:
    """Make sure that each table of a store is there, with all its columns, and that none of them is computed.

    Raises:
        StoreError: one is missing, or is computed when it is read.
    """
    for table, names in TABLES.items():
        there = {row["name"]: row["hidden"] for row in db.execute(f"PRAGMA table_xinfo({table})")}
        for name in names:
            if name not in there:
                raise StoreError(f"store '{path}' is damaged: table {table} has no column {name}")
        for name, hidden in there.items():
            if hidden:
                raise StoreError(f"store '{path}' is damaged: table {table} computes its column {shown(name)}")
