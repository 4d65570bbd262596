"""The tables of the store, and what is written into them. Only this room imports it."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

SCHEMA_VERSION = 8
"""Version of the tables."""
CONTENT_VERSION = 1
"""Version of the JSON in the tables: docs/decisions/0024-what-a-reader-of-stores-supports.md says when it
grows."""
HAS_STRICT = sqlite3.sqlite_version_info >= (3, 37)
"""Whether this SQLite can keep other types out of a column."""
APPLICATION_ID = 0x65766F62
"""`evob`: tells a store from any other SQLite file."""
STATES = ("running", "complete", "budget", "interrupted")
"""States of a run, as `RunRow` has them."""
PROVENANCES = ("measured", "derived")
ARTIFACT_STATES = ("made", "kept", "failed")
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
_HOSTS = """
CREATE TABLE host (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (run, key)
);
ALTER TABLE record ADD COLUMN host TEXT NOT NULL DEFAULT '';
"""
_FILLING = """
ALTER TABLE cell RENAME COLUMN expected TO sampling;
ALTER TABLE cell ADD COLUMN due TEXT NOT NULL DEFAULT 'then';
ALTER TABLE cell ADD COLUMN open INTEGER NOT NULL DEFAULT 0;
"""
ADD_HOST = "INSERT OR IGNORE INTO host SELECT id, ?2, ?3 FROM run WHERE id = ?1 AND host_key != ?2"
"""Notes a further host of a run: run, key and fingerprint."""
MADE_ON = "CASE record.host WHEN '' THEN run.host_key ELSE record.host END"
"""Key of the host that made a record, in a query of `record` with its `run`."""
_TABLES = f"""
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
{_VERDICTS}{_PICTURES}{_BASELINES}{_CONTENT}{_IMAGES}{_HOSTS}{_FILLING}"""
SCHEMA = re.sub(r"^\);$", ") STRICT;", _TABLES, flags=re.MULTILINE) if HAS_STRICT else _TABLES
"""The tables of a new store. Those of an older one stay as they are: what is read is checked in any case."""
MIGRATIONS: dict[int, str] = {
    1: _VERDICTS,
    2: _PICTURES,
    3: _BASELINES,
    4: _CONTENT,
    5: _IMAGES,
    6: _HOSTS,
    7: _FILLING,
}
"""Statements that lead from each schema version to the next one."""


def encodable(*row: object) -> tuple[object, ...]:
    """The row with what UTF-8 cannot hold (a file name's stray bytes, say) written out as escapes."""
    return tuple(v.encode(errors="backslashreplace").decode() if isinstance(v, str) else v for v in row)


_HEX = "[0-9a-fA-F]{2}"
_HALF = re.compile(rf"(\\u[dD][89abAB]{_HEX}\\u[dD][c-fC-F]{_HEX}|\\[^u])|\\(u[dD][89a-fA-F]{_HEX})")
"""A whole character, or another escape, in JSON; or half of a character, such as a byte of a file name that is not
UTF-8. The whole ones are found too, so that what follows a backslash that stands for itself is left."""


def plain_json(text: str) -> Any:
    """Data of a JSON column, with what UTF-8 cannot hold written out as escapes, as `encodable` does."""
    if "\\ud" not in text and "\\uD" not in text:
        return json.loads(text)
    return json.loads(_HALF.sub(lambda m: m[1] or f"\\\\{m[2].lower()}", text))
