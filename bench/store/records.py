"""Runs, their declarations, planned cells and records as they lie in their tables.

The images that samples are of are a list that many records share: it is kept once a run.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any

from bench.cell import Cell, Picture, Record, canonical, digest
from bench.store.connection import Connection
from bench.store.rows import CellRow, Declaration, RunRow, Summary, pack, unpack
from bench.store.schema import ADD_HOST, CONTENT_VERSION, encodable, plain_json

KEY = "list_of_images"
"""Among a record's details: the list that its samples are of."""


def keep_images(db: sqlite3.Connection, run: str, images: Sequence[str]) -> str:
    """Write the list, unless the run has it; returns its key."""
    key = digest(images)
    row = (*encodable(run, key), zlib.compress(canonical(images).encode()))
    db.execute("INSERT OR IGNORE INTO images VALUES (?, ?, ?)", row)
    return key


def images_of(connection: Connection, run: str, cell_key: str, replicate: int) -> tuple[str, ...]:
    """Path of the image of each sample of a record, in order; empty where the samples are not images."""
    rows = connection.rows(
        "SELECT i.paths FROM record r JOIN images i ON i.run = r.run AND i.key = json_extract(r.details, ?)"
        " WHERE r.run = ? AND r.cell = ? AND r.replicate = ?",
        f"$.{KEY}",
        run,
        cell_key,
        replicate,
    )
    return tuple(plain_json(zlib.decompress(rows[0]["paths"]).decode())) if rows else ()


def without_key(details: str) -> dict[str, Any]:
    """A record's details as they were before its list of images was kept apart."""
    return {name: value for name, value in json.loads(details).items() if name != KEY}


def record_in(connection: Connection, row: sqlite3.Row, cell: Cell, reused_from: str = "") -> Record:
    """The record of a row of its table, which also holds `made_on`, the key of the host.

    Args:
        connection: open connection to the store, from which pictures and images are read.
        row: all columns of the record.
        cell: the cell of the record.
        reused_from: the run that measured it, for one that takes it over.
    """
    run, replicate = row["run"], row["replicate"]
    found = connection.rows(
        "SELECT name, title, caption, png FROM picture"
        " WHERE run = ? AND cell = ? AND replicate = ? ORDER BY ordinal",
        run,
        cell.key,
        replicate,
    )
    return Record(
        cell=cell,
        replicate=replicate,
        status=row["status"],
        unit=row["unit"],
        provenance=row["provenance"],
        values=unpack(row["samples"]),
        warmup=unpack(row["warmup"]),
        reason=row["reason"],
        details=without_key(row["details"]),
        code=row["code"],
        started=row["started"],
        seconds=row["seconds"],
        reused_from=reused_from,
        pictures=tuple(Picture(*picture) for picture in found),
        images=images_of(connection, run, cell.key, replicate),
        host=row["made_on"],
    )


def write_record(db: sqlite3.Connection, run: str, record: Record) -> None:
    """Write a record with its pictures."""
    images = {KEY: keep_images(db, run, record.images)} if record.images else {}
    row = (
        run,
        record.cell.key,
        record.replicate,
        record.status,
        record.reason,
        record.unit,
        record.provenance,
        *astuple(Summary.of(record.values)),
        pack(record.values),
        pack(record.warmup),
        canonical(record.details | images),
        record.code,
        record.started,
        record.seconds,
        record.reused_from,
        record.host,
    )
    pictures = [encodable(*row[:3], i, *astuple(item)) for i, item in enumerate(record.pictures)]
    db.execute(f"INSERT INTO record VALUES ({', '.join('?' * len(row))})", encodable(*row))
    db.executemany("INSERT INTO picture VALUES (?, ?, ?, ?, ?, ?, ?, ?)", pictures)


def plan_cells(db: sqlite3.Connection, run: str, first: int, cells: Iterable[CellRow]) -> None:
    """Write planned cells of a run, the first of which has the ordinal `first`."""
    db.executemany(
        "INSERT INTO cell (run, key, ordinal, suites, content, sampling, replicates, due, open)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                run,
                row.cell.key,
                i,
                " ".join(row.suites),
                canonical(row.cell.to_dict()),
                row.sampling,
                row.replicates,
                row.due,
                row.open,
            )
            for i, row in enumerate(cells, start=first)
        ],
    )


def declare(db: sqlite3.Connection, run: str, first: int, declarations: Iterable[Declaration]) -> None:
    """Write declarations of a run, the first of which has the ordinal `first`."""
    db.executemany(
        "INSERT INTO declaration (run, kind, name, ordinal, content) VALUES (?, ?, ?, ?, ?)",
        [(run, d.kind, d.name, i, canonical(d.content)) for i, d in enumerate(declarations, start=first)],
    )


def write_run(
    db: sqlite3.Connection, run: RunRow, declarations: Iterable[Declaration], cells: Iterable[CellRow]
) -> None:
    """Write a new run with its hosts, declarations and planned cells."""
    db.execute(
        "INSERT INTO run (id, started, finished, state, profile, command, host_key, host, settings,"
        " content_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        encodable(
            run.id,
            run.started,
            run.finished,
            run.state,
            run.profile,
            run.command,
            run.host_key,
            canonical(run.host),
            canonical(run.settings),
            CONTENT_VERSION,
        ),
    )
    db.executemany(ADD_HOST, [(run.id, key, canonical(host)) for key, host in run.further_hosts.items()])
    declare(db, run.id, 0, declarations)
    plan_cells(db, run.id, 0, cells)
