"""The figures of a cell over the runs of a store: what a search for changes is made in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.cell import Cell, digest
from bench.declare.nature import Nature
from bench.errors import UnknownName
from bench.run.runs import AUDIT, REGRESS
from bench.store.database import Run, Store
from bench.store.rows import Median

_MACHINE = ("cpu", "cpu_flags", "cores", "memory_gib", "system", "machine", "gpus")
"""What stays the same where packages, Python and drivers change."""


@dataclass(frozen=True)
class Series:
    """One cell over the runs of one host or, where hosts do not decide the figure, of all; the oldest first."""

    cell: Cell
    unit: str
    nature: Nature
    host: str
    """Key of the host; empty where figures of different hosts stand together."""
    better: str
    """`lower`, `higher` or `neither`."""
    exact: bool
    """Whether the figure has no chance in it, such as a count."""
    rows: tuple[Median, ...]
    """Every run that shows the cell, those that took the figure over among them."""

    @property
    def measured(self) -> tuple[Median, ...]:
        """The figures that changes are looked for in: those that were measured afresh; of exact ones, all."""
        return self.rows if self.exact else tuple(row for row in self.rows if not row.reused_from)

    @property
    def values(self) -> tuple[float, ...]:
        """In the unit, one a run."""
        return tuple(row.value for row in self.measured)

    @property
    def is_share(self) -> bool:
        """Whether it is a share of one that a training reached, whose changes are differences."""
        return self.nature.is_share

    @property
    def is_tested(self) -> bool:
        """Whether chance plays a part: a figure that never differed cannot seem to change."""
        return not self.exact and len(set(self.values)) > 1

    def last_before(self, run: str) -> Median:
        """The figure that the run before it shows."""
        names = [row.run for row in self.rows]
        return self.rows[names.index(run) - 1]


@dataclass(frozen=True)
class Wanted:
    """What of a store is looked at; an empty field takes all."""

    architectures: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    since: str = ""
    """A moment (ISO 8601), or a run: its id, a unique beginning, a baseline."""
    across_versions: bool = False
    """Join the runs of one machine whatever its packages, Python and drivers: what an upgrade moved."""


def read_series(store: Store, wanted: Wanted | None = None) -> tuple[Series, ...]:
    """The series of every cell that one run or more of the store has a figure of, in the order of the store.

    Speeds, memory and all that a machine decides are kept apart by host; counts and accuracies are not. Runs that
    compared two revisions step by step are left out: their figures were taken in another way.

    Raises:
        StoreError: the store cannot be read.
        UnknownName: an architecture or a measure has no figure in it, or there is no such run.
    """
    wanted = wanted or Wanted()
    runs = {run.id: run for run in _runs(store, wanted.since)}
    rows = [row for row in store.shown.courses() if row.run in runs]
    _known("architecture", wanted.architectures, {row.cell.architecture for row in rows})
    _known("measure", wanted.measures, {row.cell.measure for row in rows})
    declared = _measures(store, runs)
    found: dict[tuple[str, str], list[Median]] = {}
    for row in rows:
        if wanted.architectures and row.cell.architecture not in wanted.architectures:
            continue
        if wanted.measures and row.cell.measure not in wanted.measures:
            continue
        host = "" if _anywhere(row, declared) else _host(runs[row.run], wanted.across_versions)
        found.setdefault((row.cell.key, host), []).append(row)
    return tuple(_series(host, rows, declared) for (_, host), rows in found.items())


def _runs(store: Store, since: str) -> Iterable[Run]:
    runs = [run for run in store.runs() if run.profile not in (AUDIT, REGRESS)]
    if not since:
        return runs
    moment = _moment(since)
    if moment:
        return [run for run in runs if (_moment(run.started) or moment) >= moment]
    first = store.run(since)
    return [run for run in runs if (run.started, run.id) >= (first.started, first.id)]


def _moment(text: str) -> datetime | None:
    """A day or a moment, in UTC unless it says otherwise; None for a run's name."""
    if text[4:5] != "-":  # eight digits begin an id
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _known(kind: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise UnknownName(kind, name, known)


def _measures(store: Store, runs: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Declarations by name, as the newest run that has one knew them."""
    return {d.name: d.content for run in runs for d in store.declarations(run, "measure")}


def _exact(row: Median, declared: Mapping[str, Mapping[str, str]]) -> bool:
    return declared.get(row.cell.measure, {}).get("repeats") == "anywhere"


def _anywhere(row: Median, declared: Mapping[str, Mapping[str, str]]) -> bool:
    return _exact(row, declared) or row.nature.is_share


def _host(run: Run, across_versions: bool) -> str:
    return digest({name: run.host.get(name) for name in _MACHINE}) if across_versions else run.host_key


def _series(host: str, rows: list[Median], declared: Mapping[str, Mapping[str, str]]) -> Series:
    first = rows[0]
    better = declared.get(first.cell.measure, {}).get("better", "neither")
    return Series(first.cell, first.unit, first.nature, host, better, _exact(first, declared), tuple(rows))
