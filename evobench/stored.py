"""Stored runs for notebooks and scripts: their records, tables, figures, and comparisons between them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from bench.cli.verb import DEFAULT_STORE
from bench.compare.gate.decided import in_turn
from bench.compare.jobs.kept import accepted_of
from bench.compare.reference import describe, names_file, open_reference
from bench.compare.runs import compare, differences
from bench.compare.verdict import tolerance_of
from bench.errors import UsageError
from bench.store.database import LATEST, RunRow, Store
from bench.store.reference.reading import is_reference
from evobench.shown import Figures, Tables
from reports.comparing.reference import table
from reports.comparing.verdict_lines import raw
from reports.hosts import short_names
from reports.output.declared import load_declared
from reports.output.notebook import as_html
from reports.tidy.frame import Frames, read


class Run:
    """A stored run, as it was when it was loaded. `evobench.load` and `evobench.run` return it.

    A notebook shows its summary. The data frames are the caller's own: changing one changes nothing else.

    Example:
        ```python
        run = evobench.load("latest")
        run.records.groupby("measure")["value"].describe()
        run.tables["evolution"]
        run.figures["evolution"]
        run.compare("main")
        ```
    """

    def __init__(self, frames: Frames, store: Path) -> None:
        self._frames = frames
        self._store = store

    @property
    def id(self) -> str:
        """Id of the run, such as `20260102-030405-1a2b`: when it began, and four characters of chance."""
        return self._frames.run.id

    @property
    def state(self) -> str:
        """`complete`, `budget` (the time ended first), `interrupted`, or `running` (under way, or killed)."""
        return self._frames.run.state

    @property
    def store(self) -> Path:
        """Absolute path of the store that the run is in."""
        return self._store

    @property
    def records(self) -> pd.DataFrame:
        """One row per planned cell, with its figure in SI units; accuracies are shares of one.

        A cell that has no figure has its `status` and `reason`. The columns are those of the file that
        `evobench export --data csv` writes.
        """
        return self._frames.plain_records.copy()

    @cached_property
    def tables(self) -> Tables:
        """The tables of the report by name, as data frames; `list(run.tables)` names those that have rows."""
        return Tables(self._frames)

    @cached_property
    def figures(self) -> Figures:
        """The charts of the report by name, as plotly figures; `list(run.figures)` names those with data."""
        return Figures(self._frames)

    def compare(self, base: Run | str | Path, *, tolerance: float = 5.0, force: bool = False) -> pd.DataFrame:
        """Compare this run with an earlier one: a verdict for each cell that both runs have, the gravest first.

        Args:
            base: the run to compare with: a `Run`, its id, a unique beginning of the id, or a baseline's name; or
                the file of a reference run of another machine.
            tolerance: growth of a time or of a peak of memory, in percent, that still counts as fine.
            force: whether to compare with a warning where the hosts or the ways of measuring differ.

        Returns:
            One row per cell, with the columns of `evobench compare --format json`: `cell`, `measure`, `unit`,
                `base`, `head`, `ratio`, its interval from `low` to `high`, `verdict`, `note` and others. Beside a
                reference run nothing is judged: `found` says what differs, `factor` by how much.

        Raises:
            UsageError: the tolerance is not from 0 to 100, `base` is a run of another store, or `force` is given
                for a reference run.
            StoreError: the store or the file cannot be read.
            UnknownName: no run has the name of `base`.
            NotComparable: the runs have no cell in common, or their hosts or ways of measuring differ.
        """
        share = tolerance_of(tolerance, "tolerance")
        if isinstance(base, Run) and is_reference(base.store):
            base = base.store
        if isinstance(base, Run) and base.store.resolve() != self.store.resolve():
            raise UsageError(f"run {base.id} is in another store: evobench import '{base.store}' brings it here")
        name = base.id if isinstance(base, Run) else str(base)
        if isinstance(base, Path) or names_file(name):
            return self._beside(name, force)
        with Store.open(self.store) as store:
            earlier = store.run(name)
            found = compare(store, earlier.id, self.id, share, force)
            head = store.run(self.id)
            accepted = accepted_of(store, head) if in_turn(earlier, head) else {}
            ignored = differences(store, earlier, head)
        for difference in ignored:
            warnings.warn(f"ignored: {difference}", stacklevel=2)
        columns, rows = raw(found, accepted)
        return pd.DataFrame(rows, columns=list(columns))

    def _beside(self, file: str, force: bool) -> pd.DataFrame:
        if force:
            raise UsageError("a reference run is described, not judged: leave force out")
        with open_reference(file) as reference, Store.open(self.store) as store:
            return table(describe(reference, store, self.id))

    def __repr__(self) -> str:
        status = self._frames.plain_records["status"]
        return f"<Run {self.id}: {self.state}, {(status == 'ok').sum()} of {len(status)} cells have a figure>"

    def _repr_html_(self) -> str:
        load_declared()
        return as_html(self._frames)


def load(name: str = LATEST, store: str | Path = DEFAULT_STORE) -> Run:
    """Load a stored run, with its records, tables and figures.

    Args:
        name: the run's id, a unique beginning of the id, a baseline's name, or `latest`.
        store: path of the store with the run; `runs/evobench.sqlite` unless given.

    Returns:
        The run as it is in the store now. What is measured later does not change it.

    Raises:
        StoreError: the store does not exist, cannot be read, or holds no run.
        UnknownName: no run has that name; the message offers the nearest one.

    Example:
        ```python
        run = evobench.load()
        earlier = evobench.load("main", store="runs/evobench.sqlite")
        ```
    """
    with Store.open(store) as opened:
        return Run(read(opened, name), opened.path.absolute())


def runs(store: str | Path = DEFAULT_STORE) -> pd.DataFrame:
    """List the runs of a store as a data frame.

    Args:
        store: path of the store; `runs/evobench.sqlite` unless given.

    Returns:
        One row per run, the oldest first: `id`, `baseline` (names given to it), `started` and `finished`
            (moments in UTC), `state`, `profile`, `host`, `commit` and `command`.

    Raises:
        StoreError: the store does not exist or cannot be read.

    Example:
        ```python
        evobench.runs().query("state == 'complete'")
        ```
    """
    with Store.open(store) as opened:
        found, baselines = opened.runs(), opened.baselines.all()
    hosts = short_names({key: host for run in found for key, host in run.hosts.items()})
    names: dict[str, list[str]] = {}
    for item in baselines:
        names.setdefault(item.run, []).append(item.name)
    rows = [_row(run, ", ".join(names.get(run.id, [])), hosts) for run in found]
    frame = pd.DataFrame(rows, columns=list(_RUNS))
    for moment in ("started", "finished"):
        frame[moment] = pd.to_datetime(frame[moment].replace("", None), utc=True, format="ISO8601")
    return frame


_RUNS = ("id", "baseline", "started", "finished", "state", "profile", "host", "commit", "command")


def _row(run: RunRow, baseline: str, hosts: Mapping[str, str]) -> tuple[str, ...]:
    names = ", ".join(hosts[key] for key in run.hosts)
    commit = str(run.host.get("git") or "")
    return run.id, baseline, run.started, run.finished, run.state, run.profile, names, commit, run.command
