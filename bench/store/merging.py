"""The runs of another store brought into this one: each whole, once, and under the id that it has."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import StoreError, UsageError
from bench.store.connection import Connection
from bench.store.database import Store
from bench.store.opening import snapshot
from bench.store.rows import Baseline

_BEGUN = ("declaration", "cell")
"""Tables that are written when a run begins."""
_ADDED = ("host", "images", "record", "picture", "verdict")
"""Tables to which a run only ever adds; those that others refer to come first."""
_NOTED = ("artifact",)
"""Tables in which a run that goes on replaces what it noted before."""
_ENDED = ("state", "finished", "content_version")
"""Columns of a run that change when it ends or goes on."""
_UNFINISHED = "running"


@dataclass(frozen=True)
class Imported:
    """Result of an import: the ids of the runs and the names of the baselines, by what was done with them."""

    added: tuple[str, ...]
    """Runs that were not here."""
    grown: tuple[str, ...]
    """Runs that were here, and have gone on since."""
    known: tuple[str, ...]
    """Runs that were here, with all that the other store has of them."""
    unfinished: tuple[str, ...]
    """Runs that were added or have grown, and were still going on or had been killed."""
    baselines: tuple[str, ...]
    """Names that came along."""
    taken: tuple[Baseline, ...]
    """Baselines of the other store that were left out: here the name stands for another run."""


def require_store(path: Path) -> None:
    """Make sure that a file is a store that can be imported.

    Raises:
        StoreError: the store is not there, cannot be read, or was written by a newer evobench.
    """
    with snapshot(path):
        return


def import_store(into: Store, other: Path) -> Imported:
    """Bring every run of another store, with all that is kept of it, into this one, all or nothing.

    A run is known by its id. One that is here already is left alone, or completed where the other store has more
    of it. The other store may be of an older schema, and may be written meanwhile; it is not changed.

    Args:
        into: an open store that can be written.
        other: file of the other store.

    Raises:
        StoreError: the other store cannot be read or was written by a newer evobench, a run of it has the id of a
            different run, or this one cannot be written.
        UsageError: both are the same file.
    """
    if other.exists() and into.path.samefile(other):
        raise UsageError(f"'{other}' is the store that is imported into: name another")
    with snapshot(other) as copy, into.connection.transaction() as db:
        db.execute("BEGIN IMMEDIATE")
        return _import(into.connection, Connection(copy, other))


def _import(ours: Connection, theirs: Connection) -> Imported:
    here = {row["id"] for row in ours.rows("SELECT id FROM run")}
    became: dict[str, list[str]] = {"added": [], "grown": [], "known": []}
    unfinished = []
    for row in theirs.rows("SELECT id, state FROM run ORDER BY rowid"):
        run = row["id"]
        word = "added" if run not in here else "grown" if _has_more(ours, theirs, run) else "known"
        became[word].append(run)
        if word != "known":
            _copy(ours.db, theirs, run)
            unfinished += [run] if row["state"] == _UNFINISHED else []
    _arrange(ours, came=became["added"])
    taken, given = _baselines(ours, theirs)
    return Imported(
        **{word: tuple(runs) for word, runs in became.items()},
        unfinished=tuple(unfinished),
        baselines=given,
        taken=taken,
    )


def _has_more(ours: Connection, theirs: Connection, run: str) -> bool:
    """Whether the other store has more of a run that both stores have.

    Raises:
        StoreError: they are two runs of the same id.
    """
    mine, its = _KeptRun.of(ours, run), _KeptRun.of(theirs, run)
    if mine.begun != its.begun or not (mine.added <= its.added or mine.added >= its.added):
        raise StoreError(
            f"run {run} of '{theirs.path}' is not the run of that id in '{ours.path}', so nothing of that file is"
            " imported: give it a store of its own with --store"
        )
    return mine.added < its.added or (mine.added == its.added and mine.finished < its.finished)


@dataclass(frozen=True)
class _KeptRun:
    """A store's rows of one run."""

    begun: frozenset[tuple[object, ...]]
    added: frozenset[tuple[object, ...]]
    finished: str

    @classmethod
    def of(cls, connection: Connection, run: str) -> _KeptRun:
        """Read the rows, each preceded by the name of its table."""
        (row,) = connection.rows("SELECT * FROM run WHERE id = ?", run)
        start = tuple(row[name] for name in sorted(row.keys()) if name not in _ENDED)
        begun, added = (
            frozenset(
                (table, *(found[name] for name in sorted(found.keys())))  # a migrated table may have another order
                for table in tables
                for found in connection.rows(f"SELECT * FROM {table} WHERE run = ?", run)
            )
            for tables in (_BEGUN, _ADDED)
        )
        return cls(begun | {start}, added, row["finished"])


def _copy(db: sqlite3.Connection, theirs: Connection, run: str) -> None:
    """Write a run with what is not here of it."""
    (row,) = theirs.rows("SELECT * FROM run WHERE id = ?", run)
    _insert(db, "OR IGNORE", "run", [row])
    changed = ", ".join(f"{name} = ?" for name in _ENDED)
    db.execute(f"UPDATE run SET {changed} WHERE id = ?", (*(row[name] for name in _ENDED), run))
    for how, tables in (("OR IGNORE", (*_BEGUN, *_ADDED)), ("OR REPLACE", _NOTED)):
        for table in tables:
            _insert(db, how, table, theirs.rows(f"SELECT * FROM {table} WHERE run = ? ORDER BY rowid", run))


def _arrange(ours: Connection, came: Sequence[str]) -> None:
    """Put runs that came among those that were here: each store's in its own order, by the clock between both.

    So a history goes on where the other store's began it, and the newest run of all comes last.
    """
    if not came:
        return
    rows = ours.rows("SELECT id, started, rowid AS place FROM run ORDER BY rowid")
    new = set(came)
    here, there = ([row for row in rows if (row["id"] in new) is is_new] for is_new in (False, True))
    merged = heapq.merge(here, there, key=lambda row: str(row["started"]))
    for place, row in enumerate(merged, rows[-1]["place"] + 1):
        ours.db.execute("UPDATE run SET rowid = ? WHERE id = ?", (place, row["id"]))


def _insert(db: sqlite3.Connection, how: str, table: str, rows: list[sqlite3.Row]) -> None:
    if rows:
        names = rows[0].keys()
        values = ", ".join("?" * len(names))
        db.executemany(f"INSERT {how} INTO {table} ({', '.join(names)}) VALUES ({values})", map(tuple, rows))


def _baselines(ours: Connection, theirs: Connection) -> tuple[tuple[Baseline, ...], tuple[str, ...]]:
    """Bring names along; returns the baselines whose name is taken here, and the names that came."""
    here = {row["name"]: row["run"] for row in ours.rows("SELECT name, run FROM baseline")}
    rows = theirs.rows("SELECT name, run, saved FROM baseline ORDER BY name")
    new = [row for row in rows if row["name"] not in here]
    _insert(ours.db, "", "baseline", new)
    taken = tuple(Baseline(**dict(row)) for row in rows if here.get(row["name"], row["run"]) != row["run"])
    return taken, tuple(row["name"] for row in new)
