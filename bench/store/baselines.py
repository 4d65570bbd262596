"""Runs, and the names under which later ones are compared with them. Only `database` imports this module."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from bench.errors import StoreError, UnknownName, UsageError
from bench.store.rows import Baseline, Run
from bench.store.schema import encodable, undamaged
from bench.store.shown import Shown

LATEST = "latest"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_IDS = re.compile(r"\d{1,8}|\d{8}-\d{0,6}|\d{8}-\d{6}-[0-9a-f]{0,4}")
"""Ids of runs, and beginnings of them."""


def _table(row: sqlite3.Row, name: str) -> dict[str, Any]:
    """A column that holds a JSON object.

    Raises:
        ValueError: it holds something else.
    """
    found = json.loads(row[name])
    if not isinstance(found, dict):
        raise ValueError(f"the {name} of run {row['id']} is no object")
    return found


class Baselines(Shown):
    """The part of an open database that finds runs by their names."""

    @undamaged
    def runs(self) -> tuple[Run, ...]:
        """All runs, the oldest first."""
        rows = self._rows("SELECT * FROM run ORDER BY started, id")
        parsed = ({name: _table(row, name) for name in ("host", "settings")} for row in rows)
        return tuple(Run(**{**dict(row), **plain}) for row, plain in zip(rows, parsed, strict=True))

    def run(self, name: str) -> Run:
        """The run of that id, of that baseline, of that unique beginning of an id, or the newest one for `latest`.

        Raises:
            StoreError: the store holds no run, or several begin so.
            UnknownName: none is named so.
        """
        runs = self.runs()
        if not runs:
            raise StoreError(f"store '{self.path}' holds no run yet")
        if name == LATEST:
            return runs[-1]
        named = {item.name: item.run for item in self.baselines()}
        found = [run for run in runs if run.id == name] or [run for run in runs if run.id == named.get(name)]
        found = found or [run for run in runs if run.id.startswith(name)]
        if len(found) > 1:
            raise StoreError(f"several runs begin with '{name}': {', '.join(run.id for run in found[:3])}")
        if not found:
            raise UnknownName("run", name, [*(run.id for run in runs), *named])
        return found[0]

    def baselines(self) -> tuple[Baseline, ...]:
        """All baselines by name."""
        rows = self._rows("SELECT name, run, saved FROM baseline ORDER BY name")
        known = {row["id"] for row in self._rows("SELECT id FROM run")}
        for row in rows:
            if row["run"] not in known:
                raise StoreError(
                    f"store '{self.path}' is damaged: baseline '{row['name']}' is of a run that is gone"
                )
        return tuple(Baseline(**dict(row)) for row in rows)

    def baseline(self, name: str) -> Baseline:
        """The baseline of that name.

        Raises:
            UnknownName: there is none; the nearest is offered.
        """
        known = {item.name: item for item in self.baselines()}
        if name not in known:
            raise UnknownName("baseline", name, known)
        return known[name]

    def save_baseline(self, item: Baseline, *, replace: bool = False) -> None:
        """Give a run a name.

        Args:
            item: the name, the run's whole id and the moment.
            replace: let the name stand for this run where it stands for another.

        Raises:
            UsageError: the name is none, could be a run's, or is taken.
            StoreError: there is no such run, or the store cannot be written.
        """
        check_name(item.name, (run.id for run in self.runs()))
        known = {other.name: other for other in self.baselines()}
        if item.name in known and not replace:
            raise UsageError(
                f"baseline '{item.name}' is run {known[item.name].run}: --replace gives it to another run"
            )
        with self._transaction() as db:
            db.execute(
                f"INSERT {'OR REPLACE ' if replace else ''}INTO baseline VALUES (?, ?, ?)",
                encodable(item.name, item.run, item.saved),
            )

    def remove_baseline(self, name: str) -> None:
        """Take the name away; the run stays.

        Raises:
            UnknownName: there is none; the nearest is offered.
        """
        self.baseline(name)
        with self._transaction() as db:
            db.execute("DELETE FROM baseline WHERE name = ?", (name,))


def check_name(name: str, runs: Iterable[str]) -> None:
    """Make sure that a baseline may have a name, which must tell it from every run.

    Raises:
        UsageError: it may not.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' is no name of a baseline: letters, digits and any of -._/, 100 at most, a letter or digit"
            " first"
        )
    if name == LATEST or _IDS.fullmatch(name) or any(run.startswith(name) for run in runs):
        raise UsageError(f"'{name}' names a run already: give the baseline a name of its own")
