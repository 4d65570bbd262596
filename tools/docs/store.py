"""The page of the reference about the store, made from its schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from bench.store.schema import CONTENT_VERSION, SCHEMA, SCHEMA_VERSION
from tools.docs.meanings import MEANINGS

_TOP = f"""# The store

A store is one SQLite file, `runs/evobench.sqlite` unless `--store` names another. It holds the evidence: every
record with its raw samples, and what was declared, planned and set when they were taken. Intervals, tables and
the report are made from it. Only the driver of a run writes to it.

Read it with `evobench.load` in a notebook or with `evobench export`, which keep their columns. The tables below
change with a version of the schema, which is {SCHEMA_VERSION} (`PRAGMA user_version`); what is kept as JSON has
version {CONTENT_VERSION}. A store of an older version is brought up to date when it is opened, and a newer one
is refused with one line ([what a reader supports](../decisions/0024-what-a-reader-of-stores-supports.md)).

Times of day are UTC in ISO 8601. Samples are float64 values in little-endian order.
"""
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"


def page() -> str:
    """The page, in Markdown."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA)
        names = [name for (name,) in db.execute(_TABLES)]
        return "\n".join([_TOP, *(line for name in names for line in _table(db, name))])


def _table(db: sqlite3.Connection, name: str) -> Iterator[str]:
    """A table with its columns."""
    meanings = MEANINGS["store"][name]
    yield f"## {name}\n\n{meanings['table']}\n\n| column | type | meaning |\n| --- | --- | --- |"
    keys = {row[3]: (row[2], row[4]) for row in db.execute(f"PRAGMA foreign_key_list({name})")}
    for _, column, sort, _, _, place in db.execute(f"PRAGMA table_info({name})"):
        key = " Part of the key." if place else ""
        leads = " Leads to `{}.{}`.".format(*keys[column]) if column in keys else ""
        yield f"| `{column}` | {sort} | {meanings[column]}{key}{leads} |"
    yield ""
