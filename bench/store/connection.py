"""A connection to the database of runs, which queries are handed. Only this room imports it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from bench.errors import StoreError
from bench.store.opening import full, refuse_newer_content, says_full


@dataclass(frozen=True)
class Connection:
    """An open database; whatever fails in it is a `StoreError` that names the store."""

    db: sqlite3.Connection
    path: Path
    answers: dict[tuple[object, str], tuple[object, Any]] = field(default_factory=dict, compare=False)
    """What `unless_written` keeps: by query and run the state of the store and the answer, the oldest first."""

    @property
    def state(self) -> object:
        """What changes with each write, of this process or of another one."""
        return self.rows("PRAGMA data_version")[0][0], self.db.total_changes

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a query finds."""
        try:
            return cast(list[sqlite3.Row], self.db.execute(query, values).fetchall())
        except sqlite3.Error as error:
            raise StoreError(f"store '{self.path}' cannot be read: {error}") from error

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


def json_object(row: sqlite3.Row, name: str) -> dict[str, Any]:
    """A column of a run that holds a JSON object.

    Raises:
        ValueError: the column holds something else.
    """
    found = json.loads(row[name])
    if not isinstance(found, dict):
        raise ValueError(f"the {name} of run {row['id']} is not an object")
    return found


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
        except (KeyError, TypeError, ValueError) as error:
            path = self.connection.path
            refuse_newer_content(self.connection.db, path)  # another process may have written since it was opened
            raise StoreError(f"store '{path}' is damaged: {type(error).__name__}: {error}") from error

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
