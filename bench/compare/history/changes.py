"""The changes of level in the series of a store: where each lies, how large it is, and what may have made it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench.compare.history.causes import ChangeCause, cause_of
from bench.compare.history.series import CellSeries, WantedSeries, read_series, runs_of
from bench.compare.verdict import Verdict as Judged
from bench.compare.verdict import direction
from bench.statistics.change_points import ALPHA, LevelChange, changes, exact_changes, level_for, shortest
from bench.store.database import RunRow, Store

Verdict = Literal["worse", "erratic", "better", "steadier", "changed", "no change", "too few runs"]
VERDICTS: tuple[Verdict, ...] = ("worse", "erratic", "better", "steadier", "changed", "no change", "too few runs")
"""The gravest first; `erratic` and `steadier` are said of a spread."""
_LEAST_OF_SPREAD = 0.5
"""Share by which a spread grows at least, or shrinks, to be told."""
_WORDS: dict[Judged, Verdict] = {"regression": "worse", "improvement": "better", "changed": "changed"}


@dataclass(frozen=True)
class FoundChange:
    """One change of a series, or the result for a series without one."""

    series: CellSeries
    verdict: Verdict
    note: str = ""
    change: LevelChange | None = None
    last_before: str = ""
    """The run before the change; of a drift, the first run."""
    first_after: str = ""
    """The run from which the figure is another; of a drift, the last run."""
    cause: ChangeCause | None = None
    newest: bool = False
    """Whether the newest run lies in the level that this change begins."""
    together: int = 1
    """Series of this host that changed in the same way at the same run, this one among them."""
    searched: int = 1
    """Series of this host that have a figure of that run."""

    @property
    def is_change(self) -> bool:
        """Whether this is a change."""
        return self.change is not None


@dataclass(frozen=True)
class ChangeSearch:
    """Result of a search."""

    found: tuple[FoundChange, ...]
    """The gravest first, the largest first; then the series without a change."""
    needed: int
    """Runs that a series needs where all of them have as many."""
    alpha: float
    """Chance of a false change over the whole search."""
    left_out: tuple[str, ...] = ()
    """Number of runs that were not looked at, with the reasons."""

    @property
    def changes(self) -> tuple[FoundChange, ...]:
        """The changes alone."""
        return tuple(item for item in self.found if item.is_change)

    @property
    def worse_now(self) -> tuple[FoundChange, ...]:
        """Regressions that start the level of the newest run."""
        return tuple(item for item in self.changes if item.newest and item.verdict == "worse")


def search(store: Store, wanted: WantedSeries | None = None, alpha: float = ALPHA) -> ChangeSearch:
    """Look for changes in every series of a store.

    Args:
        store: the store that holds the runs.
        wanted: the series to look at; None: all.
        alpha: chance of finding a change where there is none, over all series.

    Raises:
        StoreError: the store cannot be read.
        UnknownName: an architecture, a measure or a run that the store does not have.
        UsageError: a branch that the repository does not have, or no repository.
    """
    wanted = wanted or WantedSeries()
    kept = runs_of(store, wanted)
    series = [item for item in read_series(store, wanted, kept.runs) if len(item.values) > 1]
    lengths = [len(item.values) for item in series if item.is_tested]
    level, needed = level_for(lengths, alpha), shortest(alpha / max(1, len(lengths)))
    runs = {run.id: run for run in store.runs()}
    place = {run.id: i for i, run in enumerate(kept.runs)}
    newest = max((item.rows[-1].run for item in series), key=place.__getitem__, default="")
    found = [one for item in series for one in _found(item, (level, needed), runs, newest)]
    ordered = sorted(_counted(found), key=lambda item: (VERDICTS.index(item.verdict), -_size(item)))
    return ChangeSearch(tuple(ordered), needed, alpha, kept.left_out)


def _found(
    series: CellSeries, limits: tuple[float, int], runs: dict[str, RunRow], newest: str
) -> Iterator[FoundChange]:
    """Changes found in one series. The limits are the series' share of the error; `enough` runs suffice for every
    series."""
    level, needed = limits
    values, n = series.values, len(series.values)
    if series.exact:
        changed = exact_changes(values)
    elif series.of == "spread":
        if n >= shortest(level) and series.is_tested:
            for change in changes(values, level, least=_LEAST_OF_SPREAD):
                yield _told(series, change, runs, newest)
        return
    elif not series.is_tested:
        yield FoundChange(series, "no change", f"equal in all {n} runs")
        return
    elif n < shortest(level):
        yield FoundChange(series, "too few runs", f"{n} runs: {needed} are needed")
        return
    else:
        changed = changes(values, level, ratio=not series.is_share)
    if not changed:
        yield FoundChange(series, "no change", f"no change found in {n} runs")
    for change in changed:
        yield _told(series, change, runs, newest)


def _told(series: CellSeries, change: LevelChange, runs: dict[str, RunRow], newest: str) -> FoundChange:
    rows = series.measured
    after = rows[change.at]
    before = rows[change.start] if change.kind == "drift" else series.last_before(after.run)
    return FoundChange(
        series,
        _verdict(series, change),
        change=change,
        last_before=before.run,
        first_after=after.run,
        cause=cause_of(runs[before.run], runs[after.run], (before, after)),
        newest=change.stop == len(rows) and series.rows[-1].run == newest,
    )


def _verdict(series: CellSeries, change: LevelChange) -> Verdict:
    if series.of == "spread":
        return "erratic" if change.after > change.before else "steadier"
    return _WORDS[direction(series.better, change.after - change.before)]


def _counted(found: Sequence[FoundChange]) -> Iterator[FoundChange]:
    """The changes, each with the number of others that moved alike at the same run: one cell's code hardly moves
    all."""
    alike = Counter(_place(item) for item in found if item.is_change)
    levels = (item.series for item in found if item.series.of == "level")
    series = {(item.host, item.cell.key): item for item in levels}
    present = Counter((host, row.run) for (host, _), item in series.items() for row in item.measured)
    for item in found:
        if item.is_change:
            searched = present[item.series.host, item.first_after]
            yield replace(item, together=alike[_place(item)], searched=searched)
        else:
            yield item


def _place(item: FoundChange) -> tuple[str, str, str]:
    return item.series.host, item.first_after, item.verdict


def _size(item: FoundChange) -> float:
    if item.change is None or item.change.size is None:
        return 0.0
    if item.series.is_share:
        return abs(item.change.size)
    return abs(math.log(item.change.size)) if item.change.size > 0 else math.inf  # less than any float
