"""The database of runs: one SQLite file, reached by typed queries.

The modules of this room alone know the schema.

Every record is committed when it is made. Runs are immutable once finished. While one goes on, the record of a
timing that was disturbed is replaced once, when it was measured again; no other is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from bench.cell import Record, canonical
from bench.declare.nature import completed
from bench.errors import StoreError, UnknownName
from bench.store.baselines import LATEST, Baselines
from bench.store.checked.contents import ARTIFACT, HOST
from bench.store.checked.declared import verdict
from bench.store.connection import Connection, undamaged, unless_written
from bench.store.opening import connect, fold_log
from bench.store.past import Past
from bench.store.records import (
    OF_RECORD,
    cell_in,
    declaration_in,
    declare,
    details_of,
    host_and_settings,
    plan_cells,
    write_record,
    write_run,
)
from bench.store.reference.reading import is_reference, read_reference
from bench.store.rows import (
    ArtifactRow,
    Baseline,
    CellRow,
    Declaration,
    RecordRow,
    RunRow,
    Timing,
    unpack,
)
from bench.store.schema import ADD_HOST, CONTENT_VERSION, MADE_ON, SCHEMA_VERSION, encodable, plain_json
from bench.store.shown import Shown

__all__ = [
    "CONTENT_VERSION",
    "LATEST",
    "SCHEMA_VERSION",
    "ArtifactRow",
    "Baseline",
    "CellRow",
    "Declaration",
    "RecordRow",
    "RunRow",
    "Store",
    "Timing",
]


class Store:
    """An open database. Use `Store.create` to write, `Store.open` to read."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.past = Past(connection)
        self.shown = Shown(connection)
        self.baselines = Baselines(connection)

    @property
    def path(self) -> Path:
        """Path of the store's file."""
        return self.connection.path

    @classmethod
    def create(cls, path: str | Path) -> Store:
        """Open the store at `path` for writing; make it, folder and all, where there is none.

        Raises:
            StoreError: the file is not a store, was written by a newer evobench, or cannot be written.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make the folder of store '{path}': {error.strerror}") from error
        return cls(Connection(connect(path, create=True), path))

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """Open an existing store, or the file of a reference run as one that cannot be written.

        Raises:
            StoreError: the store does not exist or cannot be read.
        """
        path = Path(path)
        if not path.is_file():
            raise StoreError(f"no store at '{path}': measure first (evobench run), or name another store")
        if is_reference(path):
            return cls(Connection(read_reference(path), path))
        return cls(Connection(connect(path, create=False), path))

    def close(self) -> None:
        """Close the database; where something was written, its log is folded in."""
        fold_log(self.connection.db)
        self.connection.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @undamaged
    def runs(self) -> tuple[RunRow, ...]:
        """All runs in the order in which they were begun, whatever the clock said: the newest comes last."""
        self.connection.require("run")
        self.connection.require("host")
        names = [field.name for field in fields(RunRow) if field.name != "further_hosts"]
        further: dict[str, dict[str, Any]] = {}
        for row in self.connection.rows("SELECT run AS id, key, fingerprint FROM host ORDER BY run, rowid"):
            where, host = (row["id"], row["key"]), row["fingerprint"]
            told = self.connection.content("host", "fingerprint", where, host, HOST, plain_json)
            further.setdefault(row["id"], {})[row["key"]] = told
        rows = self.connection.rows(f"SELECT {', '.join(names)} FROM run ORDER BY rowid")
        parsed = [host_and_settings(self.connection, row) for row in rows]
        return tuple(
            RunRow(**{**dict(row), **plain}, further_hosts=further.get(row["id"], {}))
            for row, plain in zip(rows, parsed, strict=True)
        )

    def run(self, name: str) -> RunRow:
        """The run of that id, of that baseline, of that unique beginning of an id, or the newest one for `latest`.

        Raises:
            StoreError: the store holds no run, or several begin so.
            UnknownName: none is named so.
        """
        runs = self.runs()
        if not runs:
            raise StoreError(f"store '{self.connection.path}' holds no run yet")
        if name == LATEST:
            return runs[-1]
        named = {item.name: item.run for item in self.baselines.all()}
        found = [run for run in runs if run.id == name] or [run for run in runs if run.id == named.get(name)]
        found = found or [run for run in runs if name and run.id.startswith(name)]
        if len(found) > 1:
            raise StoreError(f"several runs begin with '{name}': {', '.join(run.id for run in found[:3])}")
        if not found:
            raise UnknownName("run", name, [*(run.id for run in runs), *named, LATEST])
        return found[0]

    def begin_run(self, run: RunRow, declarations: Iterable[Declaration], cells: Iterable[CellRow]) -> None:
        """Write a new run with the snapshot of what it will measure, all or nothing."""
        with self.connection.transaction() as db:
            write_run(db, run, declarations, cells)

    def add_declarations(self, run: str, declarations: Iterable[Declaration]) -> None:
        """Write further declarations of a run, behind those that it has."""
        with self.connection.transaction() as db:
            (count,) = db.execute("SELECT count(*) FROM declaration WHERE run = ?", (run,)).fetchone()
            declare(db, run, count, declarations)

    def add_cells(self, run: str, cells: Iterable[CellRow]) -> None:
        """Plan further cells of a run, behind those that it has."""
        with self.connection.transaction() as db:
            (count,) = db.execute("SELECT count(*) FROM cell WHERE run = ?", (run,)).fetchone()
            plan_cells(db, run, count, cells)

    def add_host(self, run: str, key: str, fingerprint: Mapping[str, Any]) -> None:
        """Note a host that takes part in a run, before its first record; a known one stays as it is."""
        with self.connection.transaction() as db:
            db.execute(ADD_HOST, encodable(run, key, canonical(fingerprint)))

    def add_record(self, run: str, record: Record) -> None:
        """Commit the evidence of one attempt, its pictures included."""
        with self.connection.transaction() as db:
            write_record(db, run, record)

    def settle_record(self, run: str, record: Record) -> None:
        """Replace the record of a disturbed timing by that of its two attempts, all or nothing."""
        key = run, record.cell.key, record.replicate
        with self.connection.transaction() as db:
            for table in ("picture", "record"):
                db.execute(f"DELETE FROM {table} WHERE run = ? AND cell = ? AND replicate = ?", key)
            write_record(db, run, record)

    def add_artifact(self, run: str, row: ArtifactRow) -> None:
        """Note what became of an artifact; a later note of the same run replaces the earlier."""
        with self.connection.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO artifact VALUES (?, ?, ?, ?, ?, ?, ?)",
                encodable(
                    run, row.key, row.description, row.status, row.reason, row.seconds, canonical(row.details)
                ),
            )

    def add_verdict(self, run: str, claim: str, content: dict[str, Any]) -> None:
        """Commit a verdict, in the place of an earlier one: on a claim, or on a cell of a gate by its key."""
        row = encodable(run, claim, canonical(content))
        with self.connection.transaction() as db:
            db.execute("INSERT OR REPLACE INTO verdict VALUES (?, ?, ?)", row)

    @undamaged
    def verdicts(self, run: str) -> dict[str, dict[str, Any]]:
        """The verdicts of a run, by claim or by the key of the cell."""
        self.connection.require("verdict", "run = ?", run)
        rows = self.connection.rows(
            "SELECT claim, content, profile FROM verdict JOIN run ON run.id = verdict.run WHERE run = ?", run
        )
        found = {row["claim"]: (row["content"], verdict(row["profile"], row["claim"])) for row in rows}
        read = partial(self.connection.content, "verdict", "content", read=plain_json)
        return {claim: read((run, claim), *item) for claim, item in found.items()}

    def end_run(self, run: str, state: str, finished: str) -> None:
        """Say how a run ended."""
        with self.connection.transaction() as db:
            db.execute("UPDATE run SET state = ?, finished = ? WHERE id = ?", (state, finished, run))

    def resume_run(self, run: str) -> None:
        """Mark a run as going on."""
        with self.connection.transaction() as db:
            changed = "state = 'running', finished = '', content_version = max(content_version, ?)"
            db.execute(f"UPDATE run SET {changed} WHERE id = ?", (CONTENT_VERSION, run))

    @undamaged
    def declarations(self, run: str, kind: str) -> tuple[Declaration, ...]:
        """The declarations of one kind (`architecture`, `measure`, `dataset`, `suite`, `claim`) in order."""
        self.connection.require("declaration", "run = ? AND kind = ?", run, kind)
        query = "SELECT name, content FROM declaration WHERE run = ? AND kind = ? ORDER BY ordinal"
        rows = self.connection.rows(query, run, kind)
        found = {row["name"]: declaration_in(self.connection, (run, kind, row["name"]), row[1]) for row in rows}
        return tuple(
            Declaration(kind, name, completed(item) if kind == "measure" else item) for name, item in found.items()
        )

    @unless_written
    @undamaged
    def cells(self, run: str) -> tuple[CellRow, ...]:
        """The planned cells of a run in order."""
        self.connection.require("cell", "run = ?", run)
        rows = self.connection.rows("SELECT * FROM cell WHERE run = ? ORDER BY ordinal", run)
        return tuple(
            CellRow(
                cell_in(self.connection, row),
                tuple(row["suites"].split()),
                row["sampling"],
                row["replicates"],
                row["due"],
                bool(row["open"]),
            )
            for row in rows
        )

    @unless_written
    @undamaged
    def records(self, run: str) -> tuple[RecordRow, ...]:
        """The records of a run in the order of the plan."""
        self.connection.require("record", "run = ?", run)
        self.connection.require_whole("record", "cell", run)
        names = [field.name for field in fields(RecordRow)]
        special, details = {"cell_key": "record.cell", "host": MADE_ON}, names.index("details")
        rows = self.connection.rows(
            f"SELECT {', '.join(special.get(name, f'record.{name}') for name in names)}"
            " FROM record JOIN cell ON cell.run = record.run AND cell.key = record.cell"
            " JOIN run ON run.id = record.run"
            " WHERE record.run = ? ORDER BY cell.ordinal, replicate",
            run,
        )
        read = partial(details_of, self.connection, read=plain_json)
        # by place: names take twice as long
        told = ((*row[:details], read(row[:3], row[details], row["started"]), *row[details + 1 :]) for row in rows)
        return tuple(RecordRow(*values) for values in told)

    @undamaged
    def samples(self, run: str, cell_key: str, replicate: int) -> tuple[float, ...]:
        """The raw samples of one record, in the order in which they were taken."""
        place = run, cell_key, replicate
        self.connection.require("record", OF_RECORD, *place)
        rows = self.connection.rows(f"SELECT samples FROM record WHERE {OF_RECORD}", *place)
        return unpack(rows[0]["samples"]) if rows else ()

    @undamaged
    def artifacts(self, run: str) -> tuple[ArtifactRow, ...]:
        """The artifacts that a run used."""
        self.connection.require("artifact", "run = ?", run)
        rows = self.connection.rows("SELECT * FROM artifact WHERE run = ? ORDER BY key", run)
        plain, read = ("key", "description", "status", "reason", "seconds"), self.connection.content
        return tuple(
            ArtifactRow(
                **{name: row[name] for name in plain},
                details=read("artifact", "details", (run, row["key"]), row["details"], ARTIFACT, plain_json),
            )
            for row in rows
        )
