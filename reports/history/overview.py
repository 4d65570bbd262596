"""All runs of a store, the oldest first, from summaries alone: no raw sample and no single record is read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from bench.compare.history.changes import ChangeSearch, search
from bench.declare.nature import Nature
from bench.store.database import RunRow, Store
from bench.store.rows import Median, Tally
from bench.words import moment
from reports import formats

MEASURES = ("latency", "throughput", "train_step", "peak_memory", "top1")
"""Measures that charts follow over runs. Counts are exact: they change with the code alone."""
HOSTS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class HistoryLine:
    """One architecture's figures over the runs that measured it under one set of conditions."""

    architecture: str
    cell: str
    unit: str
    nature: Nature
    values: Mapping[str, float]
    """Values by run, the oldest first."""
    key: str = ""
    """Identity of the cell."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Key of the host that the figure is of, by run."""

    @property
    def change(self) -> float:
        """Largest figure over the smallest."""
        low = min(self.values.values())
        return max(self.values.values()) / low if low > 0 else 1.0


@dataclass(frozen=True)
class History:
    """The runs of a store with what they found."""

    runs: tuple[RunRow, ...]
    tallies: Mapping[str, Tally]
    medians: Mapping[str, tuple[Median, ...]]
    """Medians of those of `MEASURES` that the store has, by measure."""
    links: Mapping[str, str]
    """Addresses of reports by run, of those that have one."""
    search: ChangeSearch | None = None
    """Result of the search for changes; None where there was none."""

    @property
    def hosts(self) -> dict[str, str]:
        """A letter for each host key, in the order of appearance."""
        keys = dict.fromkeys(key for run in self.runs for key in run.hosts)
        return {key: HOSTS[i] if i < len(HOSTS) else f"host {i + 1}" for i, key in enumerate(keys)}


def read_history(store: Store, links: Mapping[str, str]) -> History:
    """Read what is known of all runs, which have these reports; a store without one gives an empty history.

    Raises:
        StoreError: the store cannot be read.
    """
    found = {measure: store.shown.medians(measure) for measure in MEASURES}
    return History(
        runs=store.runs(),
        tallies={tally.run: tally for tally in store.shown.tallies()},
        medians={measure: rows for measure, rows in found.items() if rows},
        links=links,
        search=search(store),
    )


def lines(rows: Iterable[Median]) -> list[HistoryLine]:
    """One line per architecture: of the cell that most runs have; of several such the first.

    Seeds, folds and other conditions are never mixed: a cell has the same identity in every run.
    """
    rows = [row for row in rows if row.value is not None and math.isfinite(row.value)]
    runs = Counter(row.cell.key for row in rows)
    best: dict[str, str] = {}
    for row in rows:
        name, key = row.cell.architecture, row.cell.key
        if runs[key] > runs.get(best.get(name, ""), 0):
            best[name] = key
    return [_line([row for row in rows if row.cell.key == key]) for key in best.values()]


def _line(rows: list[Median]) -> HistoryLine:
    first = rows[0]
    shown = {row.run: row for row in reversed(rows)}  # of several hosts of a run the one of most processes
    values = {row.run: shown[row.run].value for row in rows}
    hosts = {run: row.host for run, row in shown.items()}
    return HistoryLine(
        first.cell.architecture, str(first.cell), first.unit, first.nature, values, first.cell.key, hosts
    )


def overview(history: History) -> pd.DataFrame:
    """One row per run, the newest first, in words and whole numbers."""
    rows = [
        _row(run, history.tallies[run.id], [history.hosts[key] for key in run.hosts])
        for run in reversed(history.runs)
    ]
    columns = [
        "Run",
        "Started",
        "State",
        "Wall time",
        "Profile",
        "Suites",
        "Cells",
        "With a figure",
        "Failed",
        "Unsupported",
        "Not run",
        "Host",
        "CPU",
    ]
    return pd.DataFrame(rows, columns=columns)


def _row(run: RunRow, tally: Tally, hosts: Sequence[str]) -> dict[str, object]:
    seconds = formats.elapsed(run.started, run.finished)
    return {
        "Run": run.id,
        "Started": moment(run.started),
        "State": run.state,
        "Wall time": formats.duration(seconds) if seconds is not None else "not finished",
        "Profile": run.profile,
        "Suites": " ".join(tally.suites) or formats.NOTHING,
        "Cells": tally.planned,
        "With a figure": tally.good,
        "Failed": tally.failed,
        "Unsupported": tally.unsupported,
        "Not run": tally.planned - tally.good - tally.failed - tally.unsupported,
        "Host": ", ".join(hosts),
        "CPU": "; ".join(dict.fromkeys(str(host.get("cpu", "unknown")) for host in run.hosts.values())),
    }
