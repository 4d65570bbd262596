"""Measuring what is wished for, into a store: what `run` and `regress --against` have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console

from bench.cli.asking import Questions, kept_questions, named, outcome, questions_of
from bench.cli.counting import judge_counts
from bench.cli.how import How, expected, filled
from bench.cli.options.data import keep_digests, settle_data, tell_data
from bench.cli.options.engines import LOCAL, lanes_of
from bench.cli.plan_table import overview
from bench.cli.verb import folder_of
from bench.clock import Stopwatch
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.loading.chosen import remember
from bench.errors import UsageError
from bench.execute.cluster.joining import join
from bench.execute.executor import Executor
from bench.execute.local.executor import LocalExecutor
from bench.execute.local.held import Holding
from bench.learning.weights.preprocessing import to_look_into
from bench.machine.host import host_key
from bench.run.driver import LIMIT, Desk, drive
from bench.run.driving.fitting import host_of_timings
from bench.run.driving.layout import wall_share
from bench.run.driving.works import Works
from bench.run.forecast import Forecast, lines, total_seconds
from bench.run.kept import all_kept, known_host
from bench.run.origins import DATA, require_same_files
from bench.run.plan import PlanStep, cells_of, left
from bench.run.preparing import (
    download,
    evaluated,
    from_libraries,
    look_at_host,
    look_into_weights,
    missing,
)
from bench.run.progress import RunProgress, Screen
from bench.run.runs import Choice, Wish, begin, check_same_host, choose, utc_now
from bench.run.shelf.contents import folder_beside
from bench.run.shelf.limit import ArtifactsLimit
from bench.run.shelf.locks import measuring
from bench.run.shelf.room import require_room
from bench.store.database import RunRow, Store
from bench.words import about, in_room

_ROOM = 200_000_000
"""Bytes that must be free on the store's disk before a run begins: checkpoints and records of a default run."""


def executor_of(how: How, catalogs: Sequence[str], steps: Iterable[PlanStep]) -> Executor:
    """Executor of the jobs of a run.

    Raises:
        UsageError: there is no such cluster, or it has no host of the name that timings are to run on.
    """
    if how.executor != LOCAL:
        devices = sorted({cell.scenario.device for cell in cells_of(tuple(steps))})
        return join(how.executor.partition(":")[2], catalogs, devices)
    executor = LocalExecutor(tuple(catalogs), lanes=how.pace.lanes, start=how.pace.before_cells())
    names, wanted = [host.name for host in executor.hosts()], how.pace.timings_on
    if wanted and wanted not in names:
        executor.close()
        raise UsageError(f"there is no host '{wanted}' that timings could run on: there is {in_room(names)}")
    return executor


def settled(how: How, executor: Executor, steps: Iterable[PlanStep], run: RunRow | None = None) -> How:
    """The same settings, with the lanes and the host of the timings that the hosts of a cluster admit.

    Args:
        how: way of measuring that was asked for.
        executor: executor of the cluster.
        steps: the planned steps.
        run: the one that is gone on with, whose timings stay on its own host.

    Raises:
        UsageError: no host has what is planned.
    """
    if how.executor == LOCAL:
        return how
    hosts, pace = executor.hosts(), how.pace
    own = (host.name for host in hosts if run and host_key(dict(host.fingerprint)) == run.host_key)
    works = Works(Forecast(), pace.memory_limit or 0).add((step, 0) for step in steps)
    named_host = pace.timings_on or next(own, "")
    timings_on = host_of_timings((work.needs for work in works), hosts, named_host)
    lanes = lanes_of(hosts, how.lanes, pace.memory_limit)
    return replace(how, pace=replace(pace, lanes=lanes, timings_on=timings_on))


def planned(wish: Wish, how: How) -> tuple[PlanStep, ...] | None:
    """Load what is wished for and plan it; None where a run is gone on with, whose plan is in the store.

    The store is not opened for it: wrong use must leave no trace.
    """
    load_catalogs(wish.catalogs, how.pace.before_cells())
    settle_data(how.store, wish.given())
    for name in wish.architectures if how.download else ():
        ARCHITECTURES.fetch(name)
    return wish.steps() if how.resume is None or not how.store.exists() else None


def measure(
    how: How, wish: Wish, steps: tuple[PlanStep, ...] | None, console: Console, screen: Screen | None = None
) -> tuple[str, str]:
    """Measure what is wished for, or go on with the run that is to be resumed; returns the run and its state.

    A store is made when all is known to be in order: wrong use leaves none behind.

    Args:
        how: store, executor and limits of the run.
        wish: the cells that are asked for; their catalogues are loaded and their data settled.
        steps: the planned steps, if they are known already.
        console: where messages and progress are shown.
        screen: shows the progress in the console's place.
    """
    watch = Stopwatch()
    require_room(folder_of(how.store), _ROOM)
    with ExitStack() as stack:
        opened = Store.open if how.resume else Store.create
        old = stack.enter_context(opened(how.store)) if how.resume or how.store.exists() else None
        if old:
            choice = choose(old, wish, how.resume, steps, how.pace.before_cells())
        else:
            choice = Choice(None, steps or wish.steps(), wish.catalogs)
        if old and choice.run:
            _require_data_named(choice.run, wish, how)
            settle_data(how.store, choice.run.settings)
            require_same_files(choice.run.settings, choice.run.id, cells_of(choice.steps))
        if choice.run is None and steps is None:
            console.print("nothing to resume: a new run begins")
        tell_data(console)
        executor = executor_of(how, choice.catalogs, choice.steps)
        stack.callback(keep_digests, how.store)
        stack.callback(executor.close)
        how = settled(how, executor, choice.steps, choice.run)
        look_into_weights(executor, cells_of(choice.steps), console, how.pace.before_cells(LIMIT))
        host = _host(old, choice, how, executor)
        if choice.run:
            check_same_host(choice.run, host)
        if how.download:
            download(executor, cells_of(choice.steps), console)
        if lacking := missing(executor, cells_of(choice.steps), limit=how.pace.before_cells(LIMIT)):
            console.print(f"missing: {lacking}", markup=False, highlight=False, soft_wrap=True)
        store = old or stack.enter_context(Store.create(how.store))
        remember(choice.catalogs)
        run, steps = choice.run, choice.steps
        questions = kept_questions(store, run.id) if run else questions_of(wish, steps)
        current = run or begin(store, wish, how.command, steps, host, questions.declared(), how.kept)
        how = filled(how, current.profile, steps)
        devices = host.get("devices") or {}
        state = _measure(_Task(store, current, steps, executor, console, screen, how, devices, questions, watch))
    return current.id, state


def _require_data_named(run: RunRow, wish: Wish, how: How) -> None:
    """Download into no folder that a store alone names."""
    if how.download and (folder := run.settings.get(DATA, "")) != wish.data:
        raise UsageError(f"run {run.id} was begun with --data {folder}: name it again to have data sets put there")


@dataclass(frozen=True)
class _Task:
    store: Store
    run: RunRow
    steps: tuple[PlanStep, ...]
    executor: Executor
    console: Console
    screen: Screen | None
    how: How
    devices: Mapping[str, Any]
    """`Identity` of the GPUs that are measured, as plain data, by device."""
    questions: Questions
    watch: Stopwatch
    """Watch that was started when measuring began."""


def preview(how: How, steps: Iterable[PlanStep], catalogs: Sequence[str], console: Console) -> str:
    """Look into the weights of what is planned, as measuring it would; returns what is missing, in words.

    Raises:
        UsageError: weights do not fit their networks.
    """
    cells = cells_of(steps)
    if not to_look_into(cells) and not evaluated(cells) and not from_libraries(cells):
        return missing(None, cells)
    executor = executor_of(how, catalogs, steps)
    try:
        limit = how.pace.before_cells(LIMIT)
        look_into_weights(executor, cells, console, limit)
        return missing(executor, cells, console, limit)
    finally:
        executor.close()


def _measure(task: _Task) -> str:
    """Go through the steps under the run's lock; returns the state that the run ended in."""
    store, name, how = task.store, task.run.id, task.how
    if task.run.state == "complete":
        task.console.print(f"nothing is left to measure of run {name}")
        return task.run.state
    todo = left(task.steps, store.past.attempted(name))
    forecast = Forecast.by(store, task.run.host_key)
    shelf = Shelf(folder_beside(how.store))
    parts = lines(todo, forecast, None if how.fresh else store, task.run.host_key, shelf)
    processes, waiting = _processes(task.steps), _processes(todo)
    hosts = task.executor.hosts()
    asking = task.questions.asked_of(task.steps)
    comparisons = named(asking)
    whole = total_seconds(parts) * wall_share(todo, hosts, how.pace, forecast, shelf)
    seconds = expected(how.pace, whole, bool(comparisons))
    lanes = how.pace.lanes * len(hosts)
    progress = RunProgress(task.console, processes, seconds, processes - waiting, lanes, screen=task.screen)
    executor = Holding(task.executor, task.devices, progress.note)
    most = how.artifacts_limit
    limit = ArtifactsLimit(most, store, name, task.steps, progress.note) if most else None
    desk = Desk(store, name, task.run.host_key, shelf, executor, progress, how.fresh, asking, forecast, limit)
    try:
        with measuring(how.store.parent, name), progress:
            desk.shelf.sweep()
            store.resume_run(name)
            task.console.print(overview(parts))
            if comparisons:
                progress.note(comparisons)
            progress.note(f"run {name}: {waiting} to measure, {about(seconds)}")
            with progress.doing("counts of the lecture") as at:
                judge_counts(store, task.run, executor, how.pace, progress.note, at, fresh=how.fresh)
            state = drive(desk, task.steps, replace(how.pace, spent=task.watch.seconds))
            if limit:
                limit.keep()
            store.end_run(name, state, utc_now())
            tried = store.past.attempted(name)
            planned = sum(row.replicates for row in store.cells(name))
            if told := outcome(asking, planned - len(tried)):
                progress.note(told)
    except BrokenPipeError as error:  # nobody reads the progress any more: an interruption, too
        store.end_run(name, "interrupted", utc_now())
        raise KeyboardInterrupt from error
    except KeyboardInterrupt:
        store.end_run(name, "interrupted", utc_now())
        kept = len(store.past.attempted(name))
        progress.note(f"{kept} of {processes} measurements are kept: go on with {how.again}")
        raise
    return state


def _processes(steps: Iterable[PlanStep]) -> int:
    return sum(step.planned.replicates for step in steps)


def _host(store: Store | None, choice: Choice, how: How, executor: Executor) -> dict[str, Any]:
    """The fingerprint of the host of the timings; where all is kept, no process is started for it."""
    if store and choice.run is None and not (how.fresh or how.download or how.device):
        known = known_host(store, ())
        if known and all_kept(store, choice.steps):
            return known
    limit = how.pace.before_cells(LIMIT)
    here = look_at_host(executor, cells_of(choice.steps), how.device or "cpu", how.pace.gpus, limit)
    timed = (host.fingerprint for host in executor.hosts() if host.name == how.pace.timings_on)
    return dict(next(timed, {})) or here
