"""What a planner asks of the store about the past. Only `bench.store.shown` imports this module."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from bench.cell import Cell, Picture, Record
from bench.errors import StoreError
from bench.store.rows import PictureRow, Timing, unpack
from bench.store.schema import undamaged

_NEWEST = 5000
"""Attempts that are looked at, at most: older ones tell of other versions."""


class Past:
    """The part of an open database that knows what was measured before."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    def attempted(self, run: str) -> frozenset[tuple[str, int]]:
        """Cell key and replicate of every record of a run: what a resumed run need not measure again."""
        rows = self._rows("SELECT cell, replicate FROM record WHERE run = ?", run)
        return frozenset((row["cell"], row["replicate"]) for row in rows)

    @undamaged
    def timings(self, host_key: str) -> tuple[Timing, ...]:
        """What the newest measured attempts on a host took, `_NEWEST` of them at most."""
        rows = self._rows(
            "SELECT c.content, c.expected, r.seconds, r.median FROM record r"
            " JOIN cell c ON c.run = r.run AND c.key = r.cell JOIN run ON run.id = r.run"
            " WHERE run.host_key = ? AND r.status = 'ok' AND r.reused_from = '' ORDER BY r.started DESC LIMIT ?",
            host_key,
            _NEWEST,
        )
        return tuple(
            Timing(Cell.from_dict(json.loads(row["content"])), row["seconds"], row["expected"], row["median"])
            for row in rows
        )

    @undamaged
    def figures(self, measure: str) -> dict[tuple[str, int], float]:
        """The newest figure of a measure by architecture and resolution (pixels), from any host."""
        rows = self._rows(
            "SELECT json_extract(c.content, '$.architecture') AS name,"
            " json_extract(c.content, '$.scenario.resolution') AS side, r.median FROM record r"
            " JOIN cell c ON c.run = r.run AND c.key = r.cell"
            " WHERE json_extract(c.content, '$.measure') = ? AND r.status = 'ok' ORDER BY r.started",
            measure,
        )
        return {(row["name"], row["side"]): row["median"] for row in rows}

    @undamaged
    def reusable(self, cell: Cell, code: str, host_key: str | None) -> Record | None:
        """A measured record of this cell made by the same code (and on this host, unless `host_key` is None)."""
        rows = self._rows(
            "SELECT r.* FROM record r JOIN run ON run.id = r.run WHERE r.cell = ? AND r.code = ?"
            " AND r.status = 'ok' AND r.replicate = 0 AND r.reused_from = '' AND (? IS NULL OR run.host_key = ?)"
            " ORDER BY r.started DESC LIMIT 1",
            cell.key,
            code,
            host_key,
            host_key,
        )
        if not rows:
            return None
        row = rows[0]
        return Record(
            cell=cell,
            replicate=0,
            status=row["status"],
            unit=row["unit"],
            provenance=row["provenance"],
            values=unpack(row["samples"]),
            warmup=unpack(row["warmup"]),
            reason=row["reason"],
            details=json.loads(row["details"]),
            code=row["code"],
            started=row["started"],
            seconds=row["seconds"],
            reused_from=row["run"],
            pictures=tuple(found.picture for found in self.pictures(row["run"], cell.key) if not found.replicate),
        )

    @undamaged
    def pictures(self, run: str, cell_key: str = "") -> tuple[PictureRow, ...]:
        """The pictures of a run's records in the order of the plan: of all cells, or of the one with that key."""
        rows = self._rows(
            "SELECT p.* FROM picture p JOIN cell c ON c.run = p.run AND c.key = p.cell"
            " WHERE p.run = ? AND ? IN ('', p.cell) ORDER BY c.ordinal, p.replicate, p.ordinal",
            run,
            cell_key,
        )
        return tuple(
            PictureRow(
                row["cell"],
                row["replicate"],
                row["ordinal"],
                Picture(row["name"], row["title"], row["caption"], row["png"]),
            )
            for row in rows
        )

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        try:
            return cast(list[sqlite3.Row], self._db.execute(query, values).fetchall())
        except sqlite3.Error as error:
            raise StoreError(f"store '{self.path}' cannot be read: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._db:
                yield self._db
        except sqlite3.Error as error:
            raise StoreError(f"store '{self.path}' cannot be written: {error}") from error
