"""A connection to the database of runs, which queries are handed. Only this room imports it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from bench.cell import Cell
from bench.errors import StoreError
from bench.store.checked.columns import JSON, TABLES, row_in_sql, wrong_in_sql
from bench.store.checked.shape import Fault, Shape, shown
from bench.store.checked.trees import limited
from bench.store.opening import code_of, full, refuse_newer_content, says_full


@dataclass(frozen=True)
class Connection:
    """An open database; whatever fails in it is a `StoreError` that names the store."""

    db: sqlite3.Connection
    path: Path
    answers: dict[tuple[object, str], tuple[object, Any]] = field(default_factory=dict, compare=False)
    """What `unless_written` keeps: by query and run the state of the store and the answer, the oldest first."""
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict, compare=False)
    """Cells that were read, by key and content: many runs have the same ones."""

    @property
    def state(self) -> object:
        """What changes with each write, of this process or of another one."""
        return self.rows("PRAGMA data_version")[0][0], self.db.total_changes

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a query finds.

        Raises:
            StoreError: they cannot be read, or are more, or take longer, than those of any store of its size.
        """
        try:
            with limited(self.db) as most:
                cursor = self.db.execute(query, values)
                found = cast(list[sqlite3.Row], cursor.fetchmany(most))
                if cursor.fetchone() is None:
                    return found
                reason = "has more rows"
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if code_of(error) != sqlite3.SQLITE_INTERRUPT:
                raise self._unreadable(error) from error
            reason = "takes more steps"
        raise StoreError(f"store '{self.path}' is damaged: a query {reason} than any store of its size needs")

    def require(self, table: str, where: str = "", *values: object, only: Sequence[str] = ()) -> None:
        """Make sure that each column of some rows holds what it may hold.

        Args:
            table: the table.
            where: condition that the rows meet; empty: all rows.
            values: what stands for the condition's question marks.
            only: names of the columns that are read; none: all.

        Raises:
            StoreError: a value is wrong; the message names table, column and row.
        """
        there = {row["name"] for row in self.rows("SELECT name FROM pragma_table_info(?)", table)}
        names = [name for name in only or TABLES[table] if name in there]  # older tables lack some
        query = f"SELECT rowid AS id FROM {table} WHERE ({wrong_in_sql(table, names)})"
        for found in self.rows(f"{query} AND ({where or '1'}) LIMIT 1", *values):
            for name in names:
                asked = f"SELECT {row_in_sql(table)} AS row, {name} AS value FROM {table}"
                for row in self.rows(f"{asked} WHERE rowid = ? AND ({wrong_in_sql(table, [name])})", found["id"]):
                    raise self.damage(table, name, row["row"], Fault(row["value"], TABLES[table][name].words))

    def require_short(self) -> None:
        """Make sure that what a query tells again with each record is short.

        Raises:
            StoreError: a value is long, or no text.
        """
        self.require("run", only=["host_key"])
        self.require("cell", only=["content"])
        self.require("declaration", "kind = 'measure'", only=["content"])

    def damage(self, table: str, column: str, row: str | Sequence[object], what: object) -> StoreError:
        """The line on a value that cannot be understood."""
        refuse_newer_content(self.db, self.path)  # another process may have written since it was opened
        key = row if isinstance(row, str) else "/".join(map(str, row))
        where = f"table {table}, column {column}, row {shown(key)[1:-1]}"
        return StoreError(f"store '{self.path}' is damaged: {where}: {what}")

    def require_whole(self, table: str, other: str, run: str) -> None:
        """Make sure that each row of a run's table has the row that it belongs to in another.

        Args:
            table: `record`, say.
            other: `cell` of a record, `record` of a picture.
            run: the run.
        """
        same = {"cell": "o.key = t.cell", "record": "o.cell = t.cell AND o.replicate = t.replicate"}[other]
        for row in self.rows(
            f"SELECT {row_in_sql(table)} AS row, cell FROM {table} t WHERE run = ?"
            f" AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.run = t.run AND {same}) LIMIT 1",
            run,
        ):
            raise self.damage(table, "cell", row["row"], f"{shown(row['cell'])} is of a {other} that is gone")

    def content(
        self,
        table: str,
        column: str,
        row: str | Sequence[object],
        text: str,
        shape: Shape,
        read: Callable[[str], Any] = json.loads,
    ) -> Any:
        """Data of a column that holds JSON.

        Args:
            table: the table.
            column: the column.
            row: key of the row, as a message names it.
            text: value of the column.
            shape: what the data must be.
            read: reads the JSON.

        Raises:
            StoreError: the text is not JSON, or its data are of another shape.
        """
        if type(text) is not str:
            raise self.damage(table, column, row, Fault(text, "text"))
        try:
            found = read(text)
        except (ValueError, RecursionError) as error:
            raise self.damage(table, column, row, f"{shown(text)} is not JSON: {error}") from error
        if fault := shape(found):
            raise self.damage(table, column, row, fault)
        return found

    def _unreadable(self, error: Exception) -> StoreError:
        """What is told of an error: where a text stands that is not UTF-8, or that is to be JSON and is not."""
        for table, columns in TABLES.items():
            for column in columns:
                with suppress(sqlite3.Error), closing(self.db.cursor()) as cursor:  # the first error is told
                    for row in cursor.execute(
                        f"SELECT rowid, CAST({column} AS BLOB), typeof({column}) FROM {table}"
                    ):
                        if row[2] == "text" and not _is_readable(row[1], (table, column) in JSON):
                            words = "JSON in UTF-8" if (table, column) in JSON else "UTF-8"
                            return self.damage(table, column, f"number {row[0]}", Fault(row[1], words))
        return StoreError(f"store '{self.path}' cannot be read: {shown(str(error))[1:-1]}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Transaction: on leaving, either everything written within it is stored, or nothing."""
        try:
            with self.db:
                yield self.db
        except sqlite3.Error as error:
            told = (
                full(self.path)
                if says_full(error, self.path)
                else f"store '{self.path}' cannot be written: {error}"
            )
            raise StoreError(told) from error


def _is_readable(raw: bytes, is_json: bool) -> bool:
    try:
        return bool(json.loads(raw.decode()) if is_json else raw.decode()) or True
    except (ValueError, RecursionError):
        return False


_KEPT = 4
"""Answers that are kept: planned cells and records of both runs of a comparison."""


class _Connected(Protocol):
    @property
    def connection(self) -> Connection: ...


S = TypeVar("S", bound=_Connected)
P = ParamSpec("P")
T = TypeVar("T")


def undamaged(query: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Have a query say, where a row cannot be understood, that the store is damaged or of a newer evobench."""

    @wraps(query)
    def checked(self: S, /, *arguments: P.args, **options: P.kwargs) -> T:
        try:
            return query(self, *arguments, **options)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            path = self.connection.path
            refuse_newer_content(self.connection.db, path)  # another process may have written since it was opened
            raise StoreError(
                f"store '{path}' is damaged: {type(error).__name__}: {shown(str(error))[1:-1]}"
            ) from error

    return checked


def unless_written(query: Callable[[S, str], T]) -> Callable[[S, str], T]:
    """Have a query about a run give its last answer again, unless something was written to the store since."""

    @wraps(query)
    def asked(self: S, /, run: str) -> T:
        kept, state = self.connection.answers, self.connection.state
        known, answer = kept.pop((query, run), (None, None))
        kept[query, run] = state, query(self, run) if known != state else answer
        for oldest in list(kept)[:-_KEPT]:
            del kept[oldest]
        return cast(T, kept[query, run][1])

    return asked
