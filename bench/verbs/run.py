"""`evobench run`: measure suites and keep every result."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from bench.artifact import Shelf
from bench.catalog import load_catalogs
from bench.cell import STATUSES
from bench.driver import LIMIT, Desk, Pace, drive
from bench.errors import Exit, StoreError, UsageError
from bench.execute.local import LocalExecutor
from bench.forecast import Forecast, lines, pace, total_seconds
from bench.host import host_key
from bench.kept import all_kept, known_host
from bench.options import seconds, size
from bench.origins import require_same_files
from bench.plan import Step, cells_of, expected_seconds, left
from bench.preparing import download, look_at_host
from bench.progress import RunProgress, clock_time
from bench.runs import DEFAULT_SUITES, Choice, Wish, begin, check_same_host, choose, utc_now
from bench.store import RecordRow, Run, Store
from bench.verb import Terminal, Verb, add_format, add_store, emit, folder_of, show_command
from bench.verbs._data_options import add_data_options, keep_digests, settle_data
from bench.verbs._plan import HEADINGS, overview, table_rows
from bench.verbs._what_options import add_what_options, wish_of

_ROOM = 200 << 20
"""Bytes that must be free on the store's disk before a run begins: checkpoints and records of a default run."""
_BAD = ("failed", "oom", "timeout")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    add_what_options(parser, DEFAULT_SUITES)
    how = parser.add_argument_group("how")
    how.add_argument("--device", metavar="cpu|cuda|mps", help="(default: cpu)")
    how.add_argument("--budget", type=seconds, metavar="5m", help="wall time of the whole run; outranks precision")
    how.add_argument("--timeout", type=seconds, default=LIMIT, metavar="15m", help="wall time of one cell")
    how.add_argument(
        "--memory-limit", type=size, metavar="2GB", help="what one cell may allocate, beyond torch itself (Linux)"
    )
    how.add_argument("--dry-run", action="store_true", help="show the plan and its expected time only")
    how.add_argument("--resume", nargs="?", const="", metavar="RUN", help="go on with the run that was cut off")
    add_data_options(how)
    how.add_argument("--fresh", action="store_true", help="measure anew what a kept figure could stand for")
    how.add_argument("--no-report", action="store_true", help="keep the results, write no tables and no report")
    add_store(how)
    add_format(how)


def run(arguments: argparse.Namespace) -> int:
    """Measure; returns 0, or 3 where a cell failed or the budget ended first."""
    console = Terminal(stderr=True, highlight=False)
    wish = wish_of(arguments)
    load_catalogs(wish.catalogs)
    settle_data(arguments.store, wish.given())
    # planned before the store is opened: wrong use must leave no trace
    planned = wish.steps() if arguments.resume is None or not arguments.store.exists() else None
    if arguments.dry_run:
        return _dry_run(arguments, wish, planned)
    name, state = measure(arguments, wish, planned, console)
    return _finish(arguments, name, state, console)


def measure(
    arguments: argparse.Namespace, wish: Wish, planned: tuple[Step, ...] | None, console: Console
) -> tuple[str, str]:
    """Measure what is wished for, or go on with the run that `--resume` means; returns the run and its state.

    Args:
        arguments: those of `run`.
        wish: what to measure; its catalogues are loaded, its data settled.
        planned: its steps, if they are known already.
        console: for progress.
    """
    _check_room(arguments.store)
    with (Store.open if arguments.resume else Store.create)(arguments.store) as store:
        choice = choose(store, wish, arguments.resume, planned)
        if choice.run:
            settle_data(arguments.store, choice.run.settings)
            require_same_files(choice.run.settings, choice.run.id, cells_of(choice.steps))
        if choice.run is None and planned is None:
            console.print("nothing to resume: a new run begins")
        executor = LocalExecutor(choice.catalogs)
        try:
            host = _host(store, choice, arguments, executor)
            if choice.run:
                check_same_host(choice.run, host)
            if arguments.download:
                download(executor, cells_of(choice.steps), console)
            command = shlex.join(["evobench", *sys.argv[1:]])
            current = choice.run or begin(store, wish, command, choice.steps, host)
            state = _measure(_Task(store, current, choice.steps, executor, console, arguments))
        finally:
            executor.close()
            keep_digests(arguments.store)
    return current.id, state


@dataclass(frozen=True)
class _Task:
    store: Store
    run: Run
    steps: tuple[Step, ...]
    executor: LocalExecutor
    console: Console
    arguments: argparse.Namespace


def _measure(task: _Task) -> str:
    """Go through the steps under the run's lock; returns the state that the run ended in."""
    store, name, place, how = task.store, task.run.id, task.arguments.store.parent, task.arguments
    todo = left(task.steps, store.attempted(name))
    if not todo and task.run.state == "complete":
        task.console.print(f"nothing is left to measure of run {name}")
        return task.run.state
    parts = lines(todo, Forecast.by(store, task.run.host_key), None if how.fresh else store, task.run.host_key)
    processes, missing = _processes(task.steps), _processes(todo)
    declared = expected_seconds(step.planned for step in todo)
    progress = RunProgress(task.console, processes, declared, processes - missing, pace(parts))
    desk = Desk(store, name, task.run.host_key, Shelf(place / "artifacts"), task.executor, progress, how.fresh)
    try:
        with FileLock(place / f".{name}.lock").acquire(timeout=0), progress:
            desk.shelf.sweep()
            store.resume_run(name)
            task.console.print(overview(parts))
            progress.note(f"run {name}: {missing} to measure, about {clock_time(total_seconds(parts))}")
            state = drive(desk, task.steps, Pace(how.budget, how.timeout, how.memory_limit))
            store.end_run(name, state, utc_now())
    except Timeout:
        raise UsageError(f"run {name} is being measured by another process") from None
    except BrokenPipeError as error:  # nobody reads the progress any more: an interruption, too
        store.end_run(name, "interrupted", utc_now())
        raise KeyboardInterrupt from error
    except KeyboardInterrupt:
        store.end_run(name, "interrupted", utc_now())
        kept = len(store.attempted(name))
        task.console.print(f"{kept} of {processes} measurements are kept: go on with --resume")
        raise
    return state


def _processes(steps: Iterable[Step]) -> int:
    return sum(step.planned.replicates for step in steps)


def _host(store: Store, choice: Choice, arguments: argparse.Namespace, executor: LocalExecutor) -> dict[str, Any]:
    """The fingerprint; where nothing has to be measured, no process is started for it."""
    known = None if arguments.fresh or arguments.download else known_host(store)
    if known and choice.run is None and not arguments.device and all_kept(store, choice.steps):
        return known
    return look_at_host(executor, cells_of(choice.steps), arguments.device or "cpu")


def _dry_run(arguments: argparse.Namespace, wish: Wish, planned: tuple[Step, ...] | None) -> int:
    """Print what would be measured, and how long it would take; nothing is written."""
    if not arguments.store.exists():
        emit(HEADINGS, table_rows(lines(planned or wish.steps(), Forecast())), arguments.format)
        return Exit.OK
    with Store.open(arguments.store) as store:
        choice = choose(store, wish, arguments.resume, planned)
        attempted = store.attempted(choice.run.id) if choice.run else frozenset()
        known = known_host(store)
        here = host_key(known) if known else ""
        parts = lines(left(choice.steps, attempted), Forecast.by(store, here), store, here)
    emit(HEADINGS, table_rows(parts), arguments.format)
    return Exit.OK


def _check_room(path: Path) -> None:
    folder = folder_of(path)
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise StoreError(f"only {free >> 20} MB are free at '{folder}'; a run needs {_ROOM >> 20}: free some")


def _finish(arguments: argparse.Namespace, name: str, state: str, console: Console) -> int:
    """Write tables and report (whatever is installed for it), and say how the run ended."""
    store: Path = arguments.store
    for point in () if arguments.no_report else entry_points(group="evobench.finishers"):
        written: Path = point.load()(store, name, store.parent / name, console)
        sys.stdout.write(f"{written}\n")
    with Store.open(store) as kept:
        records = kept.records(name)
    bad = sum(row.status in _BAD for row in records)
    if arguments.no_report:
        console.print(_outcome(records, name, store), markup=False, highlight=False, soft_wrap=True)
    if state == "budget":
        console.print("the budget ended before all was measured: go on with --resume")
    return Exit.INCOMPLETE if bad or state != "complete" else Exit.OK


def _outcome(records: Sequence[RecordRow], name: str, store: Path) -> str:
    """How many cells were measured, taken over, failed, and what shows them."""
    cells: dict[str, list[RecordRow]] = {}
    for row in records:
        cells.setdefault(row.cell_key, []).append(row)
    count = Counter(_fate(rows) for rows in cells.values())
    said = [f"{count['measured']} measured", f"{count['taken over']} taken over from earlier runs"]
    said += [f"{count[status]} {status}" for status in STATUSES if count[status] or status == "failed"]
    return f"run {name}: {', '.join(said)}: {show_command(name, store)}"


def _fate(rows: Sequence[RecordRow]) -> str:
    good = [row for row in rows if row.status == "ok"]
    if not good:
        return rows[0].status
    return "taken over" if all(row.reused_from for row in good) else "measured"


VERB = Verb("run", "measure suites and keep every result", configure, run)
