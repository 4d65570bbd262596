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
    """Make sure that the file holds tables and indexes only, in which nothing is computed.

    A view in a table's place, or an expression in a column or an index, may never come to an end, and a trigger
    writes where nobody asked it to.

    Raises:
        StoreError: it holds something else.
    """
    others = " AND ".join("CAST(sql AS TEXT) NOT LIKE ?" for _ in _PLAIN)
    for kind, name in db.execute(f"SELECT type, name FROM sqlite_master WHERE {others} LIMIT 1", _PLAIN):
        what = f"it holds the {shown(kind)[1:-1]} {shown(name)}, and a store holds tables alone"
        raise StoreError(f"store '{path}' is damaged: {what}")
    for table, *_ in db.execute("SELECT name FROM sqlite_master WHERE CAST(sql AS TEXT) LIKE '%CHECK%' LIMIT 1"):
        raise StoreError(f"store '{path}' is damaged: table {shown(table)[1:-1]} computes a check")
    computed = "FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE c.hidden OR c.dflt_value LIKE '%(%'"
    for table, column in db.execute(f"SELECT m.name, c.name {computed} LIMIT 1"):
        told = f"table {shown(table)[1:-1]} computes its column {shown(column)}"
        raise StoreError(f"store '{path}' is damaged: {told}")
    indexes = "FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) c"
    for index, *_ in db.execute(f"SELECT i.name {indexes} WHERE m.type = 'table' AND c.cid = -2 LIMIT 1"):
        raise StoreError(f"store '{path}' is damaged: it computes its index {shown(index)}")


def require_columns(db: sqlite3.Connection, path: Path) -> None:
    """Make sure that each table of a store is there, with all its columns.

    Raises:
        StoreError: one is missing.
    """
    for table, names in TABLES.items():
        there = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}
        for name in names:
            if name not in there:
                raise StoreError(f"store '{path}' is damaged: table {table} has no column {name}")
