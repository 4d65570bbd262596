"""Runs, their declarations, planned cells and records as they lie in their tables.

The images that samples are of are a list that many records share: it is kept once a run.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple
from functools import partial
from typing import Any

from bench.cell import Cell, Picture, Record, canonical, digest
from bench.store.checked.contents import CELL, DETAILS, HOST, SETTINGS
from bench.store.checked.declared import DECLARED
from bench.store.checked.shape import is_local, listed, moment, shown, text, thing
from bench.store.connection import Connection
from bench.store.rows import CellRow, Declaration, RunRow, Summary, pack, unpack
from bench.store.schema import ADD_HOST, CONTENT_VERSION, encodable, plain_json

KEY = "list_of_images"
"""Among a record's details: the list that its samples are of."""
_MOST_BYTES = 2**28
"""Most bytes of a list that are unpacked."""
OF_RECORD = "run = ? AND cell = ? AND replicate = ?"


def keep_images(db: sqlite3.Connection, run: str, images: Sequence[str]) -> str:
    """Write the list, unless the run has it; returns its key."""
    key = digest(images)
    row = (*encodable(run, key), zlib.compress(canonical(images).encode()))
    db.execute("INSERT OR IGNORE INTO images VALUES (?, ?, ?)", row)
    return key


def lists_of_images(connection: Connection, run: str, key: str = "") -> dict[str, tuple[str, ...]]:
    """Paths of the images of the lists of a run by the list's key: of all lists, or of the one with that key.

    Raises:
        StoreError: one cannot be unpacked.
    """
    connection.require("images", "run = ? AND ? IN ('', key)", run, key)
    rows = connection.rows("SELECT key, paths FROM images WHERE run = ? AND ? IN ('', key)", run, key)
    return {row["key"]: _unpacked(connection, f"{run}/{row['key']}", row["paths"]) for row in rows}


def images_in(
    connection: Connection,
    place: Sequence[object],
    lists: Mapping[str, tuple[str, ...]],
    key: str | None,
    samples: int,
) -> tuple[str, ...]:
    """Path of the image of each sample of a record, in order; empty where the samples are not images.

    Args:
        connection: the store.
        place: run, cell and replicate of the record.
        lists: lists of the run by their keys.
        key: the list that the record says its samples are of, if it names one.
        samples: number of its samples.

    Raises:
        StoreError: there is no such list, or it has another length.
    """
    if not key:
        return ()
    if key not in lists:
        raise connection.damage("record", "details", place, f"its list of images {shown(key)} is gone")
    if len(lists[key]) != samples:
        told = f"{samples} samples are not of {len(lists[key])} images"
        raise connection.damage("record", "samples", place, told)
    return lists[key]


def details_of(
    connection: Connection,
    place: Sequence[object],
    text: str,
    started: str = "",
    read: Callable[[str], Any] = json.loads,
) -> dict[str, Any]:
    """Details of the record of a run, a cell and a replicate, which began at that moment."""
    require_moment(connection, "record", "started", place, started)
    found: dict[str, Any] = connection.content("record", "details", place, text, DETAILS, read)
    return found


def cell_in(connection: Connection, row: sqlite3.Row) -> Cell:
    """The cell of a row with its run, key and content.

    Raises:
        StoreError: the content is not a cell, or is another than the key says.
    """
    told, place = (row["key"], row["content"]), (row["run"], row["key"])
    if told not in connection.cells:
        cell = Cell.from_dict(connection.content("cell", "content", place, row["content"], CELL, plain_json))
        if cell.key != row["key"]:
            raise connection.damage("cell", "content", place, f"it is the cell {cell.key}, not that of its key")
        connection.cells[told] = cell
    return connection.cells[told]


def _unpacked(connection: Connection, row: str, packed: bytes) -> tuple[str, ...]:
    try:
        paths = zlib.decompressobj().decompress(packed, _MOST_BYTES).decode()
    except (ValueError, zlib.error) as error:
        raise connection.damage("images", "paths", row, f"not a compressed list: {error}") from error
    return tuple(connection.content("images", "paths", row, paths, listed(text), plain_json))


def record_in(connection: Connection, row: sqlite3.Row, cell: Cell, reused_from: str = "") -> Record:
    """The record of a row of its table, which also holds `made_on`, the key of the host.

    Args:
        connection: open connection to the store, from which pictures and images are read.
        row: all columns of the record.
        cell: the cell of the record.
        reused_from: the run that measured it, for one that takes it over.
    """
    run, replicate = row["run"], row["replicate"]
    place = run, cell.key, replicate
    details = details_of(connection, place, row["details"])
    key = details.get(KEY)
    lists = lists_of_images(connection, run, key) if key else {}
    found = connection.rows(
        f"SELECT name, title, caption, png FROM picture WHERE {OF_RECORD} ORDER BY ordinal", *place
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
        details={name: value for name, value in details.items() if name != KEY},
        code=row["code"],
        started=row["started"],
        seconds=row["seconds"],
        reused_from=reused_from,
        pictures=tuple(Picture(*picture) for picture in found),
        images=images_in(connection, place, lists, key, len(row["samples"]) // 8),
        host=row["made_on"],
    )


def require_moment(
    connection: Connection, table: str, column: str, row: str | Sequence[object], told: str
) -> None:
    """Make sure that a column holds a moment, or nothing.

    Raises:
        StoreError: it holds something else.
    """
    if told and (fault := moment(told)):
        raise connection.damage(table, column, row, fault)


def host_and_settings(connection: Connection, row: sqlite3.Row) -> dict[str, Any]:
    """Host and settings of a run, whose moments are checked."""
    for name in ("started", "finished"):
        require_moment(connection, "run", name, row["id"], row[name])
    if row["finished"] and is_local(row["finished"]) != is_local(row["started"]):
        told = f"{shown(row['finished'])} and the start {shown(row['started'])} are not both with their zone"
        raise connection.damage("run", "finished", row["id"], told)
    content = partial(connection.content, "run")
    return {
        "host": content("host", row["id"], row["host"], HOST, plain_json),
        "settings": content("settings", row["id"], row["settings"], SETTINGS),  # which name files of any name
    }


def declaration_in(connection: Connection, place: tuple[str, str, str], text: str) -> dict[str, Any]:
    """Content of a declaration of a run, of a kind and a name."""
    shape = DECLARED.get(place[1], thing)
    found: dict[str, Any] = connection.content("declaration", "content", place, text, shape, plain_json)
    return found


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
