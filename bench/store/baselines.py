"""Names of runs that later ones are compared with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bench.errors import UnknownName, UsageError
from bench.store.checked.shape import moment, shown
from bench.store.connection import Connection
from bench.store.rows import Baseline
from bench.store.schema import encodable

LATEST = "latest"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_IDS = re.compile(r"\d{1,8}|\d{8}-\d{0,6}|\d{8}-\d{6}-[0-9a-f]{0,4}")
"""Ids of runs, and beginnings of them."""


@dataclass(frozen=True)
class Baselines:
    """The names that runs were given."""

    connection: Connection

    def all(self) -> tuple[Baseline, ...]:
        """All baselines, by name."""
        self.connection.require("baseline")
        rows = self.connection.rows("SELECT name, run, saved FROM baseline ORDER BY name")
        known = self._runs()
        for row in rows:
            name = row["name"]
            if row["run"] not in known:
                told = f"baseline {shown(name)} is of a run that is gone"
                raise self.connection.damage("baseline", "run", name, told)
            if row["saved"] and (fault := moment(row["saved"])):
                raise self.connection.damage("baseline", "saved", name, fault)
        return tuple(Baseline(**dict(row)) for row in rows)

    def get(self, name: str) -> Baseline:
        """The baseline of that name.

        Raises:
            UnknownName: no baseline has that name; the message offers the nearest one.
        """
        known = {item.name: item for item in self.all()}
        if name not in known:
            raise UnknownName("baseline", name, known)
        return known[name]

    def save(self, item: Baseline, *, replace: bool = False) -> None:
        """Give a run a name.

        Args:
            item: the name, the run's whole id and the moment.
            replace: let the name stand for this run where it stands for another.

        Raises:
            UsageError: the name is none, could be a run's, or is taken.
            StoreError: there is no such run, or the store cannot be written.
        """
        _check_name(item.name, self._runs())
        known = {other.name: other for other in self.all()}
        if item.name in known and not replace:
            raise UsageError(
                f"baseline '{item.name}' is run {known[item.name].run}: --replace gives it to another run"
            )
        with self.connection.transaction() as db:
            db.execute(
                f"INSERT {'OR REPLACE ' if replace else ''}INTO baseline VALUES (?, ?, ?)",
                encodable(item.name, item.run, item.saved),
            )

    def remove(self, name: str) -> None:
        """Take the name away; the run stays.

        Raises:
            UnknownName: no baseline has that name; the message offers the nearest one.
        """
        self.get(name)
        with self.connection.transaction() as db:
            db.execute("DELETE FROM baseline WHERE name = ?", (name,))

    def _runs(self) -> set[str]:
        return {row["id"] for row in self.connection.rows("SELECT id FROM run")}


def _check_name(name: str, runs: Iterable[str]) -> None:
    """Make sure that a baseline may have a name, which must tell it from every run.

    Raises:
        UsageError: the name is not allowed.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' is not a name for a baseline: letters, digits and any of -._/, 100 at most, a letter or"
            " digit first"
        )
    if name == LATEST or _IDS.fullmatch(name) or any(run.startswith(name) for run in runs):
        raise UsageError(f"'{name}' names a run already: give the baseline a name of its own")
