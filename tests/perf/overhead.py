"""What the harness adds to a cell, and whether the latency that it reports is that of a bare loop.

nox -s overhead
nox -s overhead -- --pairs 24 --blocks 20

The second part steps two processes in turn: one block of calls in the harness's own worker, one in a plain loop of
the same model, so that a machine that changes its speed harms neither side. The interval is over pairs of fresh
processes.
The loop's process has the same setting of malloc as the harness's (docs/decisions/0006-a-process-per-cell.md).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from rich.console import Console

from bench.cell import Cell, Cost
from bench.clock import Stopwatch
from bench.declare.artifact import Shelf
from bench.declare.catalog import declared_places, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.loading.code import remember_sources
from bench.execute.accelerator import see_accelerator
from bench.execute.jobs import Given, Measure, Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish
from bench.machine.process import MMAP_THRESHOLD, TRIM_THRESHOLD
from bench.run.driver import Desk, Pace, drive
from bench.run.plan import Selection, plan
from bench.run.progress import RunProgress
from bench.run.runs import Wish, begin
from bench.statistics.intervals import mean_interval
from bench.store.database import Store
from tests.perf.stepping import CALLS, EMPTY_CELLS, SOCKET, STARTS

CATALOG = "tests.perf.stepping"
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(MMAP_THRESHOLD), "MALLOC_TRIM_THRESHOLD_": str(TRIM_THRESHOLD)}
CPU = Setting("smoke", "cpu", 1)
ALLOWED = 0.150
"""Seconds of overhead that a cell may have."""
BAND = 0.01
"""Share by which the two latencies may differ."""


def main() -> int:
    """Print both; 0 where they hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=14, help="pairs of fresh processes (%(default)s)")
    parser.add_argument("--blocks", type=int, default=20, help="blocks of each process (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (%(default)s)")
    arguments = parser.parse_args()
    load_catalogs([CATALOG])
    watch = Stopwatch()
    remember_sources(declared_places())  # else the cells below would each be given a share of it
    sources = watch.seconds
    first, seconds = overhead("empty")
    ok = seconds <= ALLOWED
    say(f"overhead a cell       {seconds * 1e3:.1f} ms (allowed {ALLOWED * 1e3:.0f}), n = {EMPTY_CELLS} cells")
    share = f"{sources / EMPTY_CELLS * 1e3:.1f} ms a cell of {EMPTY_CELLS}"
    say(f"sources read          {sources:.2f} s, once a run: {share}")
    say(f"start of the server   {first:.1f} s, once a run")
    if accelerator := see_accelerator("cuda"):
        _, start = overhead("starting", Setting("smoke", "cuda", 1, accelerator=accelerator))
        say(f"start on the GPU      {start:.1f} s a process, n = {STARTS} processes")
    pairs = [pair(arguments.blocks, arguments.threads) for _ in range(arguments.pairs)]
    ratios = [item.log_ratio for item in pairs]
    interval = mean_interval(ratios)
    bounds = f"[{math.exp(interval.low):.4f}, {math.exp(interval.high):.4f}]" if interval else "no interval"
    ratio = math.exp(fmean(ratios))
    harness, bare = (median(getattr(item, side) for item in pairs) for side in ("harness", "bare"))
    say(f"latency of resnet18   {harness * 1e3:.3f} ms by the harness, {bare * 1e3:.3f} ms in a bare loop")
    counted = f"{len(pairs)} pairs of processes x {arguments.blocks} blocks x {CALLS} calls"
    say(f"harness / bare loop   {ratio:.4f}, 95 % interval {bounds}, n = {counted}")
    within = interval is not None and math.exp(interval.low) >= 1 - BAND and math.exp(interval.high) <= 1 + BAND
    answer = "yes" if within else "no" if abs(ratio - 1) > BAND else "undecided at this n"
    say(f"within {BAND:.0%}             {answer}")
    return 0 if ok and abs(ratio - 1) <= BAND else 1


def say(line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def overhead(suite: str, setting: Setting = CPU) -> tuple[float, float]:
    """Seconds until the server stands, and of a process of the suite, its record in the store included."""
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.sqlite") as store:
        steps = plan(Selection((suite,)), setting)
        processes = sum(step.planned.replicates for step in steps)
        run = begin(store, Wish(), "overhead", steps, {"versions": {}})
        executor = LocalExecutor([CATALOG])
        progress = RunProgress(Console(stderr=True, quiet=True), processes, 1.0)
        desk = Desk(store, run.id, run.host_key, Shelf(Path(folder)), executor, progress)
        try:
            watch = Stopwatch()
            finish(executor, Probe(), 60.0)
            first = watch.seconds
            watch = Stopwatch()
            drive(desk, steps, Pace())
            return first, watch.seconds / processes
        finally:
            executor.close()


@dataclass(frozen=True)
class Pair:
    """One pair of fresh processes."""

    harness: float
    """Median of the harness's samples, in seconds."""
    bare: float
    log_ratio: float
    """Mean over the blocks of the logarithm of harness over bare, by their medians."""


def pair(blocks: int, threads: int) -> Pair:
    """Step a worker of the harness and a bare loop in turn."""
    with tempfile.TemporaryDirectory() as folder, bare_loop(threads) as loop:
        path = str(Path(folder) / "steps")
        os.environ[SOCKET] = path
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.bind(path)
            door.listen()
            outcomes: list[Outcome] = []
            worker = threading.Thread(target=lambda: outcomes.append(_measured(threads, folder)))
            worker.start()
            with door.accept()[0] as steps:
                steps.recv(1)  # it is warm
                bare = [_both(steps, loop, first=i % 2 == 0) for i in range(blocks)]
            worker.join()
    values = outcomes[0].values
    harness = [values[i : i + CALLS] for i in range(0, len(values), CALLS)]
    logs = [math.log(median(a) / median(b)) for a, b in zip(harness, bare, strict=True)]
    flat = [seconds for block in bare for seconds in block]
    return Pair(median(values), median(flat), fmean(logs))


def _measured(threads: int, folder: str) -> Outcome:
    executor = LocalExecutor([CATALOG])
    try:
        cell = Cell("resnet18", "stepped_latency", Cost(mode="infer", resolution=224, threads=threads))
        return finish(executor, Measure(cell, 60.0, Given(Path(folder))), 600.0)
    finally:
        executor.close()


def _both(steps: socket.socket, loop: subprocess.Popen[str], first: bool) -> list[float]:
    """A block of each side, the harness first or last; returns the bare loop's."""
    if first:
        _step(steps)
    assert loop.stdin is not None
    assert loop.stdout is not None
    loop.stdin.write("\n")
    loop.stdin.flush()
    seconds: list[float] = json.loads(loop.stdout.readline())
    if not first:
        _step(steps)
    return seconds


def _step(steps: socket.socket) -> None:
    steps.sendall(b"s")
    steps.recv(1)


@contextmanager
def bare_loop(threads: int) -> Iterator[subprocess.Popen[str]]:
    """A plain process, warm."""
    command = [sys.executable, "-m", "tests.perf.bare_loop", str(threads)]
    loop = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **MALLOC}
    )
    assert loop.stdout is not None
    loop.stdout.readline()
    try:
        yield loop
    finally:
        loop.kill()
        loop.communicate()


if __name__ == "__main__":
    sys.exit(main())
