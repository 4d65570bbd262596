"""A planner's questions to the store about the past."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.cell import Cell, Learning, Record
from bench.store.connection import Connection, undamaged
from bench.store.opening import connect, is_store
from bench.store.records import record_in
from bench.store.rows import Timing, is_resumable
from bench.store.schema import MADE_ON

_NEWEST = 5000
"""Attempts that are looked at, at most: older ones tell of other versions."""

_NEWEST_FIRST = "ORDER BY run.rowid DESC, record.rowid DESC"
"""Order of records with their runs: the last that was written comes first, whatever the clock said."""


@dataclass(frozen=True)
class Past:
    """Past measurements in a store."""

    connection: Connection

    def attempted(self, run: str) -> frozenset[tuple[str, int]]:
        """Cell key and replicate of every record of a run: what a resumed run need not measure again."""
        rows = self.connection.rows("SELECT cell, replicate FROM record WHERE run = ?", run)
        return frozenset((row["cell"], row["replicate"]) for row in rows)

    @undamaged
    def timings(self, host_key: str) -> tuple[Timing, ...]:
        """Durations of the newest measured attempts on a host, `_NEWEST` of them at most."""
        rows = self.connection.rows(
            "SELECT cell.content, cell.sampling, seconds, median FROM record"
            " JOIN cell ON cell.run = record.run AND cell.key = record.cell JOIN run ON run.id = record.run"
            f" WHERE {MADE_ON} = ? AND status = 'ok' AND reused_from = '' {_NEWEST_FIRST} LIMIT ?",
            host_key,
            _NEWEST,
        )
        return tuple(
            Timing(Cell.from_dict(json.loads(row["content"])), row["seconds"], row["sampling"], row["median"])
            for row in rows
        )

    @undamaged
    def figures(self, measure: str) -> dict[tuple[str, int], float]:
        """The newest figure of a measure by architecture and resolution (pixels), from any host."""
        rows = self.connection.rows(
            "SELECT json_extract(c.content, '$.architecture') AS name,"
            " json_extract(c.content, '$.scenario.resolution') AS side, r.median FROM record r"
            " JOIN cell c ON c.run = r.run AND c.key = r.cell JOIN run ON run.id = r.run"
            " WHERE json_extract(c.content, '$.measure') = ? AND r.status = 'ok' ORDER BY run.rowid, r.rowid",
            measure,
        )
        return {(row["name"], row["side"]): row["median"] for row in rows}

    @undamaged
    def modules(self) -> dict[str, int]:
        """Number of modules that the networks call in a pass, by architecture, from the newest count."""
        rows = self.connection.rows(
            "SELECT json_extract(c.content, '$.architecture') AS name,"
            " json_array_length(r.details, '$.layers') AS calls FROM record r"
            " JOIN cell c ON c.run = r.run AND c.key = r.cell JOIN run ON run.id = r.run"
            " WHERE json_extract(c.content, '$.measure') = 'macs' AND r.status = 'ok' ORDER BY run.rowid, r.rowid"
        )
        return {row["name"]: row["calls"] for row in rows if row["calls"]}

    @undamaged
    def reusable(self, cell: Cell, code: str, host_key: str | None) -> Record | None:
        """A measured record of this cell made by the same code (and on this host, unless `host_key` is None)."""
        rows = self.connection.rows(
            f"SELECT record.*, {MADE_ON} AS made_on FROM record JOIN run ON run.id = record.run"
            " WHERE cell = ? AND code = ? AND status = 'ok' AND replicate = 0 AND reused_from = ''"
            f" AND (? IS NULL OR made_on = ?) {_NEWEST_FIRST} LIMIT 1",
            cell.key,
            code,
            host_key,
            host_key,
        )
        if not rows:
            return None
        return record_in(self.connection, rows[0], cell, rows[0]["run"])

    @undamaged
    def trainings(self, run: str) -> tuple[Record, ...]:
        """The records of learning of a run, whole, in the order of the plan."""
        return self._whole(run, lambda cell: isinstance(cell.scenario, Learning))

    @undamaged
    def of_arms(self, run: str, arms: Container[Cell]) -> tuple[Record, ...]:
        """The records of a run whose cells' arms are among these, whole, in the order of the plan."""
        return self._whole(run, lambda cell: cell.arm in arms)

    def _whole(self, run: str, is_wanted: Callable[[Cell], bool]) -> tuple[Record, ...]:
        rows = self.connection.rows("SELECT key, content FROM cell WHERE run = ?", run)
        cells = {row["key"]: Cell.from_dict(json.loads(row["content"])) for row in rows}
        wanted = {key: cell for key, cell in cells.items() if is_wanted(cell)}
        found = self.connection.rows(
            f"SELECT record.*, {MADE_ON} AS made_on FROM record JOIN run ON run.id = record.run"
            " JOIN cell c ON c.run = record.run AND c.key = record.cell"
            " WHERE record.run = ? AND record.cell IN (SELECT value FROM json_each(?))"
            " ORDER BY c.ordinal, replicate",
            run,
            json.dumps(list(wanted)),
        )
        return tuple(record_in(self.connection, row, wanted[row["cell"]], row["reused_from"]) for row in found)


@dataclass(frozen=True)
class Named:
    """The artifacts that runs name, as far as they came to be made."""

    last: Mapping[str, str]
    """Time at which the newest run that names an artifact began, ISO 8601, by the artifact's key."""
    awaited: frozenset[str]
    """Keys of those that a run names which can be gone on with."""
    unfinished: bool
    """Whether any run is unfinished, whatever it names."""


def named_beside(path: Path) -> Named:
    """The artifacts of all runs of a store and of the stores in its folder, which have the same shelf.

    None of them is changed.

    Raises:
        StoreError: one of them cannot be read.
    """
    others = (other for other in sorted(path.parent.iterdir()) if is_store(other) and not other.samefile(path))
    rows = [row for store in (path, *others) for row in _named(store)]
    last: dict[str, str] = {}
    for row in rows:
        last[row["key"]] = max(row["started"], last.get(row["key"], ""))
    resumable = [row for row in rows if is_resumable(row["profile"], row["state"])]
    return Named(
        {key: started for key, started in last.items() if key},
        frozenset(row["key"] for row in resumable if row["key"]),
        bool(resumable),
    )


def _named(path: Path) -> Iterable[sqlite3.Row]:
    """Each run of a store with each artifact that it names; a single row for a run that names none."""
    with closing(connect(path, create=False, migrate=False)) as db:
        return Connection(db, path).rows(
            "SELECT run.started, run.profile, run.state, coalesce(a.key, '') AS key"
            " FROM run LEFT JOIN artifact a ON a.run = run.id"
        )
