"""A planner's questions to the store about the past."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.cell import Cell, Learning, Record
from bench.store.checked.columns import wrong_in_sql
from bench.store.connection import Connection, undamaged
from bench.store.opening import connect, is_store
from bench.store.records import OF_RECORD, cell_in, record_in
from bench.store.rows import Timing, is_resumable
from bench.store.schema import MADE_ON

_READ = ("seconds", "median")
_WRONG = wrong_in_sql("record", _READ)
"""Columns of records that are read without the record, and what is wrong with them."""
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
        self.connection.require("record", "run = ?", run, only=("cell", "replicate"))
        rows = self.connection.rows("SELECT cell, replicate FROM record WHERE run = ?", run)
        return frozenset((row["cell"], row["replicate"]) for row in rows)

    @undamaged
    def timings(self, host_key: str) -> tuple[Timing, ...]:
        """Durations of the newest measured attempts on a host, `_NEWEST` of them at most."""
        self.connection.require_short()
        rows = self.connection.rows(
            "SELECT cell.run, cell.key, cell.content, cell.sampling, seconds, median,"
            f" ({_WRONG} OR {wrong_in_sql('cell', ['sampling'])}) AS wrong FROM record"
            " JOIN cell ON cell.run = record.run AND cell.key = record.cell JOIN run ON run.id = record.run"
            f" WHERE {MADE_ON} = ? AND status = 'ok' AND reused_from = '' {_NEWEST_FIRST} LIMIT ?",
            host_key,
            _NEWEST,
        )
        of = self._cells(rows)
        return tuple(Timing(of(row), row["seconds"], row["sampling"], row["median"]) for row in rows)

    @undamaged
    def figures(self, measure: str) -> dict[tuple[str, int], float]:
        """The newest figure of a measure by architecture and resolution (pixels), from any host."""
        self.connection.require_short()
        rows = self.connection.rows(
            f"SELECT cell.run, cell.key, cell.content, median, ({_WRONG}) AS wrong FROM record"
            " JOIN cell ON cell.run = record.run AND cell.key = record.cell JOIN run ON run.id = record.run"
            " WHERE json_extract(cell.content, '$.measure') = ? AND status = 'ok'"
            " ORDER BY run.rowid, record.rowid",
            measure,
        )
        of = self._cells(rows)
        return {(cell.architecture, cell.scenario.resolution): row["median"] for row in rows for cell in [of(row)]}

    @undamaged
    def modules(self) -> dict[str, int]:
        """Number of modules that the networks call in a pass, by architecture, from the newest count."""
        self.connection.require_short()
        rows = self.connection.rows(
            "SELECT cell.run, cell.key, cell.content, json_array_length(details, '$.layers') AS calls,"
            f" ({_WRONG}) AS wrong FROM record JOIN cell ON cell.run = record.run AND cell.key = record.cell"
            " JOIN run ON run.id = record.run"
            " WHERE json_extract(cell.content, '$.measure') = 'macs' AND status = 'ok'"
            " ORDER BY run.rowid, record.rowid"
        )
        of = self._cells(rows)
        return {of(row).architecture: row["calls"] for row in rows if row["calls"]}

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
        place = rows[0]["run"], cell.key, 0
        for table in ("record", "picture"):
            self.connection.require(table, OF_RECORD, *place)
        return record_in(self.connection, rows[0], cell, rows[0]["run"])

    @undamaged
    def trainings(self, run: str) -> tuple[Record, ...]:
        """The records of learning of a run, whole, in the order of the plan."""
        return self._whole(run, lambda cell: isinstance(cell.scenario, Learning))

    @undamaged
    def of_arms(self, run: str, arms: Container[Cell]) -> tuple[Record, ...]:
        """The records of a run whose cells' arms are among these, whole, in the order of the plan."""
        return self._whole(run, lambda cell: cell.arm in arms)

    def _cells(self, rows: Iterable[sqlite3.Row]) -> Callable[[sqlite3.Row], Cell]:
        """What gives the cell of each of some rows, whose records say whether they are wrong."""
        if any(row["wrong"] for row in rows):
            self.connection.require("record", only=_READ)
            self.connection.require("cell", only=["sampling"])
        return partial(cell_in, self.connection)

    def _whole(self, run: str, is_wanted: Callable[[Cell], bool]) -> tuple[Record, ...]:
        for table, other in (("cell", ""), ("record", "cell"), ("picture", "record")):
            self.connection.require(table, "run = ?", run)
            if other:
                self.connection.require_whole(table, other, run)
        rows = self.connection.rows("SELECT run, key, content FROM cell WHERE run = ?", run)
        cells = {row["key"]: cell_in(self.connection, row) for row in rows}
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
        connection = Connection(db, path)
        for table, columns in (("run", ("started", "profile", "state")), ("artifact", ("key",))):
            connection.require(table, only=columns)
        return connection.rows(
            "SELECT run.started, run.profile, run.state, coalesce(a.key, '') AS key"
            " FROM run LEFT JOIN artifact a ON a.run = run.id"
        )
