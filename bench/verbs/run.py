"""`evobench run`: measure suites and keep every result."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import get_args

from filelock import FileLock, Timeout
from rich.console import Console

from bench.artifact import Shelf
from bench.catalog import Planned, Profile, Setting, load_catalogs
from bench.driver import LIMIT, Desk, Pace, drive, new_run_id, utc_now
from bench.errors import EvobenchError, Exit, NotComparable, StoreError, UsageError
from bench.execute.local import LocalExecutor
from bench.host import available_cpus, fingerprint, host_key
from bench.plan import Selection, Step, expected_seconds, plan
from bench.progress import RunProgress
from bench.snapshot import cell_rows, declarations
from bench.store import Run, Store
from bench.verb import Verb, add_store

DEFAULT_SUITES = ("evolution", "transfer")
_ROOM = 200 << 20
"""Bytes that must be free on the store's disk before a run begins: checkpoints and records of a default run."""
_BAD = ("failed", "oom", "timeout")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    what = parser.add_argument_group("what to measure")
    what.add_argument("--suite", action="append", metavar="NAME", help=f"(default: {', '.join(DEFAULT_SUITES)})")
    what.add_argument("--arch", action="append", metavar="NAME", help="only this architecture; may be repeated")
    what.add_argument("--family", action="append", metavar="NAME", help="only this family; may be repeated")
    what.add_argument("--measure", action="append", metavar="NAME", help="only this measure; may be repeated")
    what.add_argument("--profile", choices=get_args(Profile), help="how much of a suite (default: default)")
    what.add_argument("--catalog", action="append", metavar="PACKAGE|FILE.py", help="declarations of your own")
    how = parser.add_argument_group("how")
    how.add_argument("--device", metavar="cpu|cuda|mps", help="(default: cpu)")
    how.add_argument("--threads", type=_positive, metavar="N", help="threads of torch (default: all CPUs)")
    how.add_argument(
        "--budget", type=_seconds, metavar="5m", help="wall time of the whole run; outranks precision"
    )
    how.add_argument("--timeout", type=_seconds, default=LIMIT, metavar="15m", help="wall time of one cell")
    how.add_argument("--resume", nargs="?", const="", metavar="RUN", help="go on with the run that was cut off")
    how.add_argument("--fresh", action="store_true", help="measure anew what a kept figure could stand for")
    add_store(how)


def run(arguments: argparse.Namespace) -> int:
    """Measure; returns 0, or 3 where a cell failed or the budget ended first."""
    console = Console(stderr=True, highlight=False)
    load_catalogs(arguments.catalog or ())
    _check_room(arguments.store)
    with Store.create(arguments.store) as store:
        resumed = _find_resumed(store, arguments)
        extra = resumed.settings["catalogs"] if resumed else arguments.catalog or []
        load_catalogs(extra)
        executor = LocalExecutor(extra)
        steps = _stored_steps(store, resumed) if resumed else _planned_steps(arguments)
        try:
            executor.start()
            host = _look_at_host(executor, steps)
            current = _continue(store, resumed, host) if resumed else _begin(store, arguments, steps, host)
            state = _measure(_Task(store, current, steps, executor, console, arguments))
        finally:
            executor.close()
    return _finish(arguments.store, current.id, state, console)


@dataclass(frozen=True)
class _Task:
    store: Store
    run: Run
    steps: tuple[Step, ...]
    executor: LocalExecutor
    console: Console
    arguments: argparse.Namespace


def _measure(task: _Task) -> str:
    store, name = task.store, task.run.id
    attempted = store.attempted(name)
    done = sum((s.planned.cell.key, i) in attempted for s in task.steps for i in range(s.planned.replicates))
    total = sum(step.planned.replicates for step in task.steps)
    progress = RunProgress(task.console, total, expected_seconds(task.steps) * (1 - done / total), done)
    shelf = Shelf(task.arguments.store.parent / "artifacts")
    desk = Desk(store, name, task.run.host_key, shelf, task.executor, progress, task.arguments.fresh)
    pace = Pace(task.arguments.budget, task.arguments.timeout)
    lock = FileLock(task.arguments.store.parent / f".{name}.lock")
    try:
        with lock.acquire(timeout=0), progress:
            store.resume_run(name)
            progress.note(
                f"run {name}: {total} measurements, {progress.left()} expected, on {task.run.host['cpu']}"
            )
            state = drive(desk, task.steps, pace)
            store.end_run(name, state, utc_now())
    except Timeout:
        raise UsageError(f"run {name} is being measured by another process") from None
    except KeyboardInterrupt:
        store.end_run(name, "interrupted", utc_now())
        task.console.print(f"interrupted: {len(store.attempted(name))} of {total} are kept; go on with --resume")
        raise
    return state


def _planned_steps(arguments: argparse.Namespace) -> tuple[Step, ...]:
    selection = Selection(
        suites=tuple(arguments.suite or DEFAULT_SUITES),
        architectures=tuple(arguments.arch or ()),
        families=tuple(arguments.family or ()),
        measures=tuple(arguments.measure or ()),
    )
    device = arguments.device or "cpu"
    if device.partition(":")[0] not in ("cpu", "cuda", "mps"):
        raise UsageError(f"unknown device '{device}'; there are cpu, cuda, cuda:N and mps")
    setting = Setting(arguments.profile or "default", device, arguments.threads or available_cpus())
    return plan(selection, setting)


def _look_at_host(executor: LocalExecutor, steps: tuple[Step, ...]) -> dict[str, object]:
    """The fingerprint of this host, seen from a worker, which alone may touch the accelerator."""
    outcome = executor.submit({"job": "probe"}, LIMIT, lambda _: None)
    if outcome.status != "ok":
        raise EvobenchError(f"the measuring process failed: {outcome.reason}")
    found = outcome.details
    for device in {step.planned.cell.scenario.device for step in steps}:
        kind, _, index = device.partition(":")
        there = {"cpu": True, "cuda": int(index or 0) < len(found["gpus"]), "mps": found["mps"]}
        if not there[kind]:
            raise UsageError(f"no device '{device}' here: torch {found['torch_build']} sees none")
    return fingerprint(found)


def _begin(store: Store, arguments: argparse.Namespace, steps: tuple[Step, ...], host: dict[str, object]) -> Run:
    begun = Run(
        id=new_run_id(),
        started=utc_now(),
        profile=arguments.profile or "default",
        command=shlex.join(["evobench", *sys.argv[1:]]),
        host=host,
        host_key=host_key(host),
        settings={"catalogs": [str(name) for name in arguments.catalog or []], "plan": _wishes(arguments)},
    )
    store.begin_run(begun, declarations(steps), cell_rows(steps))
    return begun


def _wishes(arguments: argparse.Namespace) -> dict[str, object]:
    """The options that shape the plan, as given."""
    names = ("suite", "arch", "family", "measure", "profile", "catalog", "device", "threads")
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name)}


def _find_resumed(store: Store, arguments: argparse.Namespace) -> Run | None:
    """The run to go on with: the named one, or the newest that did not end; None begins a new one."""
    if arguments.resume is None:
        return None
    if arguments.resume:
        found = store.run(arguments.resume)
    else:
        open_runs = [run for run in store.runs() if run.state != "complete"]
        if not open_runs:
            sys.stderr.write("evobench: nothing to resume; a new run begins\n")
            return None
        found = open_runs[-1]
    wishes = _wishes(arguments)
    if wishes and wishes != found.settings["plan"]:
        raise UsageError(f"run {found.id} was begun with other options ({found.command}): give the same, or none")
    return found


def _stored_steps(store: Store, resumed: Run) -> tuple[Step, ...]:
    rows = store.cells(resumed.id)
    return tuple(Step(Planned(row.cell, row.expected, row.replicates), row.suites) for row in rows)


def _continue(store: Store, resumed: Run, host: dict[str, object]) -> Run:
    if host_key(host) != resumed.host_key:
        raise NotComparable(f"run {resumed.id} was begun on another host or with other packages: begin a new run")
    return resumed


def _check_room(path: Path) -> None:
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise StoreError(f"only {free >> 20} MB are free at '{folder}'; a run needs {_ROOM >> 20}: free some")


def _finish(store: Path, name: str, state: str, console: Console) -> int:
    """Write tables and report (whatever is installed for it), and say how the run ended."""
    for point in entry_points(group="evobench.finishers"):
        point.load()(store, name, store.parent / name, console)
    with Store.open(store) as kept:
        bad = sum(row.status in _BAD for row in kept.records(name))
    if state == "budget":
        console.print("the budget ended before all was measured: go on with --resume")
    return Exit.INCOMPLETE if bad or state != "complete" else Exit.OK


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text and text[-1] in units else (text, 1)
    try:
        value = float(number) * unit
    except ValueError:
        raise UsageError(f"'{text}' is no time: write 90s, 5m or 1h") from None
    if not 0 < value < float("inf"):
        raise UsageError(f"a time must be above zero, not '{text}'")
    return value


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"'{text}' is no number of threads: 1 or more")
    return int(text)


VERB = Verb("run", "measure suites and keep every result", configure, run)
