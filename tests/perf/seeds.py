"""What a run's cells cost beside the bare trainings that they hold: many seeds of the lecture's CNN, in turn.

nox -s seeds
nox -s seeds -- --seeds 30 --rounds 5

1. A run's cells, in as many lanes as there are cores, one thread each: a fresh process and a record a seed.
2. A bare PyTorch loop of the same steps and evaluation, one seed after the other, with the threads of all cores.
3. The same loop lane for lane: as many processes as cores, one thread each, which share the seeds.

What is made once is left out of all three: imports, the decoded data set.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench.clock import Stopwatch
from bench.declare.artifact import Shelf
from bench.declare.catalog import load_catalogs
from bench.declare.declarations import Setting
from bench.declare.learning_axes import LearningAxes
from bench.execute.jobs import Given, Make, Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.machine.host import available_cpus
from bench.run.plan import PlanStep, Selection, plan
from tests.perf.overhead import MALLOC
from tests.perf.transfer_speed import measured

CATALOG = "tests.perf.trained_seeds"
ALLOWED = 1.2
"""Times the bare loop's time that the cells may take."""


def main() -> int:
    """Print the three and their ratios; 0 where the cells keep to what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30, help="trained by each side in a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times that each side has its turn (%(default)s)")
    arguments = parser.parse_args()
    cores, seeds = available_cpus(), arguments.seeds
    load_catalogs(["suites", CATALOG])
    steps = plan(Selection(("trained_seeds",)), _setting(seeds))
    cells, threads, lanes = [], [], []
    with ExitStack() as stack:
        alone = stack.enter_context(bare(cores))
        beside = [stack.enter_context(bare(1)) for _ in range(cores)]
        shares = [seeds // cores + (i < seeds % cores) for i in range(cores)]
        running, shelf = stack.enter_context(warm(steps, cores))
        for number in range(1, arguments.rounds + 1):
            threads.append(trained([alone], [seeds]))
            cells.append(measured(running, steps, cores, shelf))
            lanes.append(trained(beside, shares))
            say(f"round {number}", f"{cells[-1]:.2f} s, {threads[-1]:.2f} s, {lanes[-1]:.2f} s, as below")
    say(f"{seeds} seeds as cells, {cores} lanes", f"{median(cells):.2f} s")
    say(f"bare loop, {cores} threads", f"{median(threads):.2f} s")
    say(f"bare loop, {cores} lanes", f"{median(lanes):.2f} s")
    ratio = median(a / b for a, b in zip(cells, threads, strict=True))
    say(f"cells / bare loop, {cores} threads", f"{ratio:.2f}x (allowed {ALLOWED}x), n = {len(cells)} rounds")
    beside_it = median(a / b for a, b in zip(cells, lanes, strict=True))
    say("cells / bare loop, lane for lane", f"{beside_it:.2f}x, n = {len(cells)} rounds")
    return 0 if ratio <= ALLOWED else 1


def _setting(seeds: int) -> Setting:
    return Setting("smoke", "cpu", 1, learning=LearningAxes(seeds=seeds))


def say(what: str, line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(f"{what:<36} {line}\n")
    sys.stdout.flush()


@contextmanager
def bare(threads: int) -> Iterator[subprocess.Popen[str]]:
    """A process with the bare loop, warm, with the harness's setting of malloc."""
    command = [sys.executable, "-m", "tests.perf.bare_seeds", str(threads)]
    environment = {**os.environ, **MALLOC}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as loop:
        assert loop.stdout is not None
        loop.stdout.readline()
        yield loop
        loop.kill()


def trained(loops: Sequence[subprocess.Popen[str]], shares: Sequence[int]) -> float:
    """Wall time in seconds until each loop has trained its share of seeds, all at once."""
    watch = Stopwatch()
    for loop, seeds in zip(loops, shares, strict=True):
        assert loop.stdin is not None
        loop.stdin.write(f"{seeds}\n")
        loop.stdin.flush()
    for loop in loops:
        assert loop.stdout is not None
        loop.stdout.readline()
    return watch.seconds


@contextmanager
def warm(steps: Sequence[PlanStep], lanes: int) -> Iterator[tuple[LocalExecutor, Shelf]]:
    """A server that stands, with its lanes and with what the steps share on its shelf."""
    with tempfile.TemporaryDirectory() as folder:
        running, shelf = LocalExecutor(["suites", CATALOG], lanes=lanes), Shelf(Path(folder))
        try:
            finish(running, Probe(), 60.0)
            for artifact in steps[0].artifacts:
                finish(running, Make(artifact, 1, Given(shelf.folder)), 60.0)
            measured(running, steps[:lanes], lanes, shelf)
            yield running, shelf
        finally:
            running.close()


if __name__ == "__main__":
    sys.exit(main())
