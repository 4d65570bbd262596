"""How much faster several nodes of Ray are than one, and what scheduling takes.

nox -s cluster
nox -s cluster -- --cells 40 --rounds 1

The nodes are real raylets on this machine, the first of them the driver's own. Cells sleep, since nodes of one
machine share its cores.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from rich.console import Console

from bench.clock import Stopwatch
from bench.declare.artifact import Shelf
from bench.declare.catalog import declared_places, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.loading.code import remember_sources
from bench.declare.needs import Needs
from bench.execute.cluster.joining import join
from bench.execute.cluster.starting import QUIET
from bench.execute.executor import Executor, Host
from bench.run.driver import Desk, Pace, drive
from bench.run.plan import PlanStep, Selection, plan
from bench.run.progress import RunProgress
from bench.run.runs import Wish, begin
from bench.run.schedule import Schedule, Work
from bench.store.database import Store
from tests.bench.execute.cluster.direct import AtOnce
from tests.perf.sleeping import CELLS, SECONDS

CATALOG = "tests.perf.sleeping"
say = Console(highlight=False, soft_wrap=True).print
MEMORY = Path("/dev/shm")
NODES = (1, 2, 4)
LINEAR = 0.9
"""Share of linear that several nodes must reach."""
A_CELL = 0.005
"""Seconds that scheduling may take a cell."""
MANY, IN_ALL = 10_000, 10.0
"""Cells, and the seconds in which the schedule must have gone through them."""


def main() -> int:
    """Print all; 0 where it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lanes", type=int, default=2, help="cells that a node runs at once")
    asked = parser.parse_args()
    load_catalogs([CATALOG])
    remember_sources(declared_places())  # once a process, however many cells there are
    steps = plan(Selection(("asleep",)), Setting("smoke", "cpu", 1))[: asked.cells]
    holds = [_schedule(), _driver(steps), _nodes(steps, asked.rounds, asked.lanes)]
    return 0 if all(holds) else 1


def _schedule() -> bool:
    """The schedule alone: chains of an artifact and the cells that wait for it, on four hosts."""
    artifacts = [Work(f"a{i}", Needs(), 0.0) for i in range(MANY // 100)]
    cells = [Work(f"c{i}", Needs(), 1.0 + i % 7, (f"a{i // 100}",)) for i in range(MANY)]
    hosts = [Host(f"host {i}", 16, 1 << 36) for i in range(4)]
    watch = Stopwatch()
    schedule = Schedule([*artifacts, *cells], hosts, 16)
    schedule.simulated()
    took = watch.seconds
    say(f"schedule: {MANY} cells in {took:.2f} s (at most {IN_ALL:.0f})")
    return took <= IN_ALL


def _driver(steps: tuple[PlanStep, ...]) -> bool:
    """What the driver adds to a cell whose job ends at once; the store is in memory, since disks differ."""
    took = _driven(steps, AtOnce(), 2, MEMORY if MEMORY.is_dir() else None) / len(steps)
    say(f"driver: {took * 1e3:.2f} ms a cell (at most {A_CELL * 1e3:.0f})")
    return took <= A_CELL


def _nodes(steps: tuple[PlanStep, ...], rounds: int, lanes: int) -> bool:
    """Medians of the seconds on one node and on several, taken in turn."""
    took: dict[int, list[float]] = {number: [] for number in NODES}
    for _ in range(rounds):
        for number in NODES:
            took[number].append(_on_nodes(steps, number, lanes))
    one, holds = median(took[1]), True
    for number in NODES:
        seconds = median(took[number])
        share = one / seconds / number
        holds &= share >= LINEAR
        ideal = len(steps) * SECONDS / lanes / number
        say(
            f"{number} nodes: {seconds:.1f} s, {share:.2f} of linear (at least {LINEAR}), asleep for {ideal:.1f} s"
        )
    return holds


def _on_nodes(steps: tuple[PlanStep, ...], number: int, lanes: int) -> float:
    os.environ |= QUIET
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": lanes, "include_dashboard": False})
    try:
        for _ in range(number - 1):
            cluster.add_node(num_cpus=lanes)
        executor = join(cluster.address, [CATALOG])
        try:
            return _driven(steps, executor, lanes)
        finally:
            executor.close()
    finally:
        cluster.shutdown()


def _driven(steps: tuple[PlanStep, ...], executor: Executor, lanes: int, where: Path | None = None) -> float:
    """Seconds of a run of the steps, with its store in a folder of `where`."""
    with tempfile.TemporaryDirectory(dir=where) as folder, Store.create(Path(folder) / "s.sqlite") as store:
        run = begin(store, Wish(), "cluster", steps, {"versions": {}})
        progress = RunProgress(Console(stderr=True, quiet=True), len(steps), 1.0)
        desk = Desk(store, run.id, run.host_key, Shelf(Path(folder)), executor, progress)
        watch = Stopwatch()
        drive(
            desk, [replace(step, planned=replace(step.planned, replicates=1)) for step in steps], Pace(lanes=lanes)
        )
        return watch.seconds


if __name__ == "__main__":
    raise SystemExit(main())
