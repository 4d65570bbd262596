"""The images that samples are of: a list that many records share is kept once a run."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence

from bench.cell import canonical, digest
from bench.store.connection import Connection
from bench.store.schema import encodable, plain_json

KEY = "list_of_images"
"""Among a record's details: the list that its samples are of."""


def keep_images(db: sqlite3.Connection, run: str, images: Sequence[str]) -> str:
    """Write the list, unless the run has it; returns its key."""
    key = digest(images)
    row = (*encodable(run, key), zlib.compress(canonical(images).encode()))
    db.execute("INSERT OR IGNORE INTO images VALUES (?, ?, ?)", row)
    return key


def images_of(connection: Connection, run: str, cell_key: str, replicate: int) -> tuple[str, ...]:
    """Of each sample of a record the path of its image, in their order; empty where they are of none."""
    rows = connection.rows(
        "SELECT i.paths FROM record r JOIN images i ON i.run = r.run AND i.key = json_extract(r.details, ?)"
        " WHERE r.run = ? AND r.cell = ? AND r.replicate = ?",
        f"$.{KEY}",
        run,
        cell_key,
        replicate,
    )
    return tuple(plain_json(zlib.decompress(rows[0]["paths"]).decode())) if rows else ()


def without_key(details: str) -> dict[str, object]:
    """A record's details as they were before its list of images was kept apart."""
    return {name: value for name, value in json.loads(details).items() if name != KEY}
