"""The figures of a cell over the runs of a store: what a search for changes is made in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from bench.cell import Cell, digest
from bench.compare.history.commits import KeptRuns, from_commit, on_branch
from bench.declare.nature import Nature
from bench.errors import UnknownName, UsageError
from bench.statistics.change_points import LEAST
from bench.store.database import RunRow, Store
from bench.store.rows import AUDIT, REGRESS, Median

_MACHINE = ("cpu", "cpu_flags", "cores", "memory_gib", "system", "machine", "gpus")
"""Facts about a machine that stay the same when packages, Python and drivers change."""

_LIKE_A_DAY = re.compile(r"\d{4}-\d\d?-\d\d?")


@dataclass(frozen=True)
class CellSeries:
    """One cell over the runs of one host, the oldest first; over all runs where hosts do not decide the figure."""

    cell: Cell
    unit: str
    nature: Nature
    host: str
    """Key of the host; empty where figures of different hosts stand together."""
    better: str
    """`lower`, `higher` or `neither`."""
    exact: bool
    """Whether chance plays no part in the figure, as in a count."""
    rows: tuple[Median, ...]
    """Every run that shows the cell, those that took the figure over among them."""
    of: Literal["level", "spread"] = "level"
    """Whether values are the figures (`level`), or how far apart the samples of each run lie (`spread`)."""

    @cached_property
    def measured(self) -> tuple[Median, ...]:
        """The figures that changes are looked for in: those that were measured afresh; of exact ones, all."""
        if self.exact:
            return self.rows
        fresh = (row for row in self.rows if not row.reused_from)
        return tuple(row for row in fresh if self.of == "level" or row.spread is not None)

    @cached_property
    def values(self) -> tuple[float, ...]:
        """One value for each run: in the unit or, for spreads, as a share of the median; smaller spreads count as
        `LEAST`."""
        if self.of == "level":
            return tuple(row.value for row in self.measured)
        return tuple(max(LEAST, row.spread or 0.0) for row in self.measured)

    @property
    def is_share(self) -> bool:
        """Whether the values are shares of one that a training reached, whose changes are differences."""
        return self.nature.is_share and self.of == "level"

    @property
    def is_tested(self) -> bool:
        """Whether chance plays a part: a figure that never differed cannot seem to change."""
        return not self.exact and len(set(self.values)) > 1

    def last_before(self, run: str) -> Median:
        """The figure that the run before it shows."""
        names = [row.run for row in self.rows]
        return self.rows[names.index(run) - 1]


@dataclass(frozen=True)
class WantedSeries:
    """Selection from a store; an empty field selects everything."""

    architectures: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    since: str = ""
    """A moment (ISO 8601), a run (its id, a unique beginning, a baseline), or else a commit: runs on top of it."""
    branch: str = ""
    """Only runs of the commits that this branch went through, in their order."""
    across_versions: bool = False
    """Join the runs of one machine whatever its packages, Python and drivers: what an upgrade moved."""


def runs_of(store: Store, wanted: WantedSeries) -> KeptRuns:
    """The runs that are looked at, in order: as they were begun or, along a branch, by its commits.

    Runs that compared two revisions step by step are left out: their figures were taken in another way.

    Raises:
        StoreError: the store cannot be read.
        UnknownName: there is neither a run nor a commit to begin with.
        UsageError: there is no such branch, or no repository.
    """
    kept = _since(store, wanted.since)
    if not wanted.branch:
        return kept
    on = on_branch(kept.runs, wanted.branch)
    return KeptRuns(on.runs, kept.left_out + on.left_out)


def read_series(store: Store, wanted: WantedSeries, chosen: Iterable[RunRow]) -> tuple[CellSeries, ...]:
    """The series of every cell that one of these runs or more has a figure of, in the order of the runs.

    Speeds, memory and all that a machine decides are kept apart by host, and have a second series, of spreads;
    counts and accuracies are not, and have none.

    Raises:
        StoreError: the store cannot be read.
        UnknownName: an architecture or a measure has no figure in it.
    """
    runs = {run.id: run for run in chosen}
    place = {name: i for i, name in enumerate(runs)}
    found_in = [row for row in store.shown.courses() if row.run in runs]
    rows = sorted(found_in, key=lambda row: place[row.run])
    _known("architecture", wanted.architectures, {row.cell.architecture for row in rows})
    _known("measure", wanted.measures, {row.cell.measure for row in rows})
    declared = _measures(store, runs)
    found: dict[tuple[str, str], list[Median]] = {}
    for row in rows:
        if wanted.architectures and row.cell.architecture not in wanted.architectures:
            continue
        if wanted.measures and row.cell.measure not in wanted.measures:
            continue
        host = "" if _anywhere(row, declared) else _host(runs[row.run], row.host, wanted.across_versions)
        same = found.setdefault((row.cell.key, host), [])
        if not same or same[-1].run != row.run:  # hosts of one run that stand together: that of most processes
            same.append(row)
    levels = [_series(host, rows, declared) for (_, host), rows in found.items()]
    spreads = [replace(item, of="spread") for item in levels if not item.exact and not item.is_share]
    return (*levels, *(item for item in spreads if item.measured))


def _since(store: Store, since: str) -> KeptRuns:
    runs = tuple(run for run in store.runs() if run.profile not in (AUDIT, REGRESS))
    if not since:
        return KeptRuns(runs)
    moment = _moment(since)
    if moment:
        return KeptRuns(tuple(run for run in runs if (_moment(run.started) or moment) >= moment))
    try:
        first = store.run(since)
    except UnknownName as unknown:
        try:
            return from_commit(runs, since)
        except UsageError:
            if _LIKE_A_DAY.match(since):
                raise UsageError(f"'{since}' is neither a run nor a day, such as 2026-11-30") from None
            raise unknown from None
    order = [run.id for run in store.runs()]
    later = set(order[order.index(first.id) :])
    return KeptRuns(tuple(run for run in runs if run.id in later))


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


def _host(run: RunRow, key: str, across_versions: bool) -> str:
    host = run.hosts.get(key) if across_versions else None
    return digest({name: host.get(name) for name in _MACHINE}) if host else key


def _series(host: str, rows: list[Median], declared: Mapping[str, Mapping[str, str]]) -> CellSeries:
    first = rows[0]
    better = declared.get(first.cell.measure, {}).get("better", "neither")
    return CellSeries(first.cell, first.unit, first.nature, host, better, _exact(first, declared), tuple(rows))
