"""`evobench run`: measure suites and keep every result."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_args

from filelock import FileLock, Timeout
from rich.console import Console

from bench.artifact import Shelf
from bench.catalog import load_catalogs
from bench.cell import Learning
from bench.declarations import Profile
from bench.driver import LIMIT, Desk, Pace, drive
from bench.errors import EvobenchError, Exit, StoreError, UnknownName, UsageError
from bench.execute.local import LocalExecutor
from bench.host import fingerprint
from bench.kept import all_kept, known_host
from bench.plan import Step
from bench.progress import RunProgress
from bench.runs import DEFAULT_SUITES, Choice, Wish, begin, check_same_host, choose, utc_now
from bench.store import Run, Store
from bench.verb import Terminal, Verb, add_store, folder_of

_ROOM = 200 << 20
"""Bytes that must be free on the store's disk before a run begins: checkpoints and records of a default run."""
_YEAR = 366 * 86400
_BAD = ("failed", "oom", "timeout")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    what = parser.add_argument_group("what to measure")
    what.add_argument("--suite", action="append", metavar="NAME", help=f"(default: {', '.join(DEFAULT_SUITES)})")
    what.add_argument("--arch", action="append", metavar="NAME", help="only this architecture; may be repeated")
    what.add_argument("--family", action="append", metavar="NAME", help="only this family; may be repeated")
    what.add_argument("--measure", action="append", metavar="NAME", help="only this measure; may be repeated")
    what.add_argument("--profile", type=_profile, metavar="smoke|default|full", help="how much (default: default)")
    what.add_argument("--catalog", action="append", metavar="PACKAGE|FILE.py", help="declarations of your own")
    how = parser.add_argument_group("how")
    how.add_argument("--device", metavar="cpu|cuda|mps", help="(default: cpu)")
    how.add_argument("--threads", type=_positive, metavar="N", help="threads of torch (default: all CPUs)")
    how.add_argument(
        "--budget", type=_seconds, metavar="5m", help="wall time of the whole run; outranks precision"
    )
    how.add_argument("--timeout", type=_seconds, default=LIMIT, metavar="15m", help="wall time of one cell")
    how.add_argument("--resume", nargs="?", const="", metavar="RUN", help="go on with the run that was cut off")
    how.add_argument("--download", action="store_true", help="fetch torchvision's ImageNet weights where missing")
    how.add_argument("--fresh", action="store_true", help="measure anew what a kept figure could stand for")
    how.add_argument("--no-report", action="store_true", help="keep the results, write no tables and no report")
    add_store(how)


def run(arguments: argparse.Namespace) -> int:
    """Measure; returns 0, or 3 where a cell failed or the budget ended first."""
    console = Terminal(stderr=True, highlight=False)
    wish = _wish(arguments)
    load_catalogs(wish.catalogs)
    # planned before the store is opened: wrong use must leave no trace
    planned = wish.steps() if arguments.resume is None or not arguments.store.exists() else None
    _check_room(arguments.store)
    with (Store.open if arguments.resume else Store.create)(arguments.store) as store:
        choice = choose(store, wish, arguments.resume, planned)
        if choice.run is None and planned is None:
            console.print("nothing to resume: a new run begins")
        executor = LocalExecutor(choice.catalogs)
        try:
            host = _host(store, choice, arguments, executor)
            if choice.run:
                check_same_host(choice.run, host)
            if arguments.download:
                _download(executor, choice.steps, console)
            command = shlex.join(["evobench", *sys.argv[1:]])
            current = choice.run or begin(store, wish, command, choice.steps, host)
            state = _measure(_Task(store, current, choice.steps, executor, console, arguments))
        finally:
            executor.close()
    return _finish(arguments, current.id, state, console)


def _wish(arguments: argparse.Namespace) -> Wish:
    return Wish(
        suites=tuple(arguments.suite or ()),
        architectures=tuple(arguments.arch or ()),
        families=tuple(arguments.family or ()),
        measures=tuple(arguments.measure or ()),
        # a file by its whole path, so that the run can be resumed from another folder
        catalogs=tuple(str(Path(n).resolve()) if n.endswith(".py") else n for n in arguments.catalog or ()),
        profile=arguments.profile,
        device=arguments.device,
        threads=arguments.threads,
    )


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
    store, name, place = task.store, task.run.id, task.arguments.store.parent
    attempted = store.attempted(name)
    wanted = [(step, i) for step in task.steps for i in range(step.planned.replicates)]
    missing = [step for step, i in wanted if (step.planned.cell.key, i) not in attempted]
    progress = RunProgress(
        task.console, len(wanted), sum(step.planned.expected for step in missing), len(wanted) - len(missing)
    )
    desk = Desk(
        store, name, task.run.host_key, Shelf(place / "artifacts"), task.executor, progress, task.arguments.fresh
    )
    try:
        with FileLock(place / f".{name}.lock").acquire(timeout=0), progress:
            store.resume_run(name)
            progress.note(f"run {name}: {len(missing)} to measure, about {progress.left()} on 2 cores")
            state = drive(desk, task.steps, Pace(task.arguments.budget, task.arguments.timeout))
            store.end_run(name, state, utc_now())
    except Timeout:
        raise UsageError(f"run {name} is being measured by another process") from None
    except BrokenPipeError as error:  # nobody reads the progress any more: an interruption, too
        store.end_run(name, "interrupted", utc_now())
        raise KeyboardInterrupt from error
    except KeyboardInterrupt:
        store.end_run(name, "interrupted", utc_now())
        kept = len(store.attempted(name))
        task.console.print(f"{kept} of {len(wanted)} measurements are kept: go on with --resume")
        raise
    return state


def _host(store: Store, choice: Choice, arguments: argparse.Namespace, executor: LocalExecutor) -> dict[str, Any]:
    """The fingerprint; where nothing has to be measured, no process is started for it."""
    known = None if arguments.fresh or arguments.download else known_host(store)
    if known and choice.run is None and not arguments.device and all_kept(store, choice.steps):
        return known
    devices = {step.planned.cell.scenario.device for step in choice.steps} | {arguments.device or "cpu"}
    return _look_at_host(executor, devices)


def _look_at_host(executor: LocalExecutor, devices: set[str]) -> dict[str, Any]:
    """The fingerprint of this host, seen from a worker, which alone may touch the accelerator.

    Raises:
        UsageError: one of the devices is not there.
    """
    outcome = executor.submit({"job": "probe"}, LIMIT, lambda _: None)
    if outcome.status != "ok":
        raise EvobenchError(f"the measuring process failed: {outcome.reason}")
    found = outcome.details
    for device in sorted(devices):
        kind, _, index = device.partition(":")
        there = {"cpu": True, "cuda": int(index or 0) < len(found["gpus"]), "mps": found["mps"]}
        if not there[kind]:
            raise UsageError(f"no device '{device}' here: torch {found['torch_build']} sees none")
    return fingerprint(found)


def _download(executor: LocalExecutor, steps: tuple[Step, ...], console: Console) -> None:
    """Fetch torchvision's ImageNet weights for the cells that start from them; what fails is said, not fatal."""
    cells = [step.planned.cell for step in steps]
    wanted = [
        c.architecture for c in cells if isinstance(c.scenario, Learning) and c.scenario.weights == "imagenet"
    ]
    for name in dict.fromkeys(wanted):
        outcome = executor.submit({"job": "fetch", "architecture": name}, LIMIT, lambda _: None)
        said = outcome.details.get("file") or f"not had: {outcome.reason}"
        console.print(f"ImageNet weights of {name}: {said}", markup=False, soft_wrap=True)


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
    if not 0 < value <= _YEAR:
        raise UsageError(f"a time must be above zero and at most a year, not '{text}'")
    return value


def _profile(text: str) -> str:
    if text not in get_args(Profile):
        raise UnknownName("profile", text, get_args(Profile))
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"'{text}' is no number of threads: 1 or more")
    return int(text)


VERB = Verb("run", "measure suites and keep every result", configure, run)
