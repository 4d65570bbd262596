"""What lanes save, and whether they leave timings alone: the same work with one and with several, in turn.

nox -s lanes
nox -s lanes -- --part trainings --share 0.3 --rounds 5
nox -s lanes -- --part simulation --store runs/evobench.sqlite

1. Counts of all architectures, with 1 lane and with 2.
2. Trainings of the default profile: 1 lane and all cores each, 1 lane and a thread each, 2 lanes.
3. Latencies among counts, with 1 lane and with 2: timings are alone all the same, so that no median moves.
4. Simulated on the schedule alone: 16 cores, and 8 GPUs, against the ideal.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import TypeVar

from rich.console import Console

from bench.clock import Stopwatch
from bench.declare.artifact import Shelf
from bench.declare.catalog import load_catalogs
from bench.declare.declarations import Setting
from bench.execute.jobs import Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.machine.host import available_cpus
from bench.run.driver import Desk, Pace, drive
from bench.run.forecast import Forecast
from bench.run.plan import PlanStep, Selection, plan
from bench.run.progress import RunProgress
from bench.run.runs import Wish, begin
from bench.statistics.intervals import mean_interval
from bench.store.database import Store
from tests.perf.lanes_simulated import foreseen, learned, on_gpus, planned, recorded, simulate

PARTS = ("counts", "trainings", "timings", "simulation")
LANES = 2
CORES, GPUS = 16, 8
"""Of the host that is simulated."""
BAND = 0.02
"""Half the width of an interval that says that two medians are the same."""
COUNTS_GOAL, TRAININGS_GOAL, IDEAL_GOAL = 1.7, 1.2, 0.9

T = TypeVar("T")


@dataclass(frozen=True)
class Way:
    """How the same work is done."""

    lanes: int
    steps: tuple[PlanStep, ...]


def main() -> int:
    """Print the comparisons that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=3, help="times that each way has its turn (%(default)s)")
    parser.add_argument("--share", type=float, default=0.1, help="of the trainings (%(default)s)")
    parser.add_argument(
        "--store", type=Path, help="whose newest complete run tells durations (default: as declared)"
    )
    arguments = parser.parse_args()
    load_catalogs(["suites"])
    for part in arguments.part or PARTS:
        match part:
            case "counts":
                counts(arguments.rounds)
            case "trainings":
                trainings(arguments.rounds, arguments.share)
            case "timings":
                timings(arguments.rounds)
            case "simulation":
                simulation(arguments.store)
    return 0


def say(what: str, line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(f"{what:<38} {line}\n")
    sys.stdout.flush()


def counts(rounds: int) -> None:
    """All architectures."""
    steps = plan(Selection(("counts",)), Setting("default", "cpu", 1))
    found = in_turn({"counts, 1 lane": Way(1, steps), f"counts, {LANES} lanes": Way(LANES, steps)}, rounds)
    compared(found, COUNTS_GOAL)


def trainings(rounds: int, share: float) -> None:
    """Of the default profile, evenly spread cells, with what it waits for."""

    def some(threads: int) -> tuple[PlanStep, ...]:
        setting = Setting("default", "cpu", threads, learning_threads=threads)
        return plan(Selection(("transfer",), measures=("top1",)), setting)[:: max(1, round(1 / share))]

    cores = available_cpus()
    ways = {
        f"trainings, 1 lane, {cores} threads each": Way(1, some(cores)),
        "trainings, 1 lane, 1 thread each": Way(1, some(1)),
        f"trainings, {LANES} lanes, 1 thread each": Way(LANES, some(1)),
    }
    compared(in_turn(ways, rounds), TRAININGS_GOAL)


def timings(rounds: int) -> None:
    """Ratio of the medians of each cell, two lanes over one."""
    steps = plan(
        Selection(("evolution",), measures=("latency", "macs")), Setting("smoke", "cpu", available_cpus())
    )
    logs: dict[str, list[float]] = {}
    for turn in range(rounds):
        medians: dict[int, dict[str, float]] = {}
        for lanes in _turned((1, LANES), turn):
            seconds, medians[lanes] = run(Way(lanes, steps))
            say(f"  round {turn + 1}: latencies, {lanes} lane{'s' * (lanes > 1)}", f"{seconds:.1f} s")
        for key, value in medians[1].items():
            logs.setdefault(key, []).append(math.log(medians[LANES][key] / value))
    each = [fmean(values) for values in logs.values()]
    interval = mean_interval(each)
    bounds = f"[{math.exp(interval.low):.3f}, {math.exp(interval.high):.3f}]" if interval else "no interval"
    counted = f"n = {len(each)} cells x {rounds} rounds"
    say(f"latency, {LANES} lanes / 1 lane", f"{math.exp(fmean(each)):.3f}, 95 % interval {bounds}, {counted}")
    apart = interval is not None and not interval.low <= 0.0 <= interval.high
    wide = interval is None or interval.high - interval.low > 2 * math.log1p(BAND)
    say(
        "1.00 within the interval",
        "no" if apart else f"undecided at this n: wider than {BAND:.0%}" if wide else "yes",
    )


def simulation(store: Path | None) -> None:
    """What the schedule makes of recorded, or of expected, durations."""
    works = recorded(store) if store else foreseen(Wish(threads=(1,)), Forecast())
    say("simulated durations", f"of the newest complete run in {store}" if store else "as expected")
    for gpus in (0, GPUS):
        found = on_gpus(works) if gpus else works
        for part, chosen in (("whole run", planned(found)), ("learning", planned(learned(found)))):
            result = simulate(chosen, CORES, gpus)
            what = f"{part}, {CORES} cores" + (f", {gpus} GPUs" if gpus else "")
            took = f"{result.seconds:.1f} s, ideal {result.ideal:.1f} s, n = {result.works} works"
            say(what, f"{took}: {result.share:.3f} of the ideal (goal: at least {IDEAL_GOAL})")


def in_turn(ways: Mapping[str, Way], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, one in each round, the order of which turns."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name in _turned(tuple(ways), turn):
            found[name].append(run(ways[name])[0])
            say(f"  round {turn + 1}: {name}", f"{found[name][-1]:.1f} s")
    return found


def _turned(items: Sequence[T], turn: int) -> Sequence[T]:
    """The other way round in every second turn."""
    return items[::-1] if turn % 2 else items


def compared(found: Mapping[str, Sequence[float]], goal: float) -> None:
    """Each way's median, and how many times as long every other one takes as the last."""
    *others, (_, fastest) = found.items()
    for name, seconds in found.items():
        say(name, f"{median(seconds):.1f} s, n = {len(seconds)}")
    for name, seconds in others:
        ratio = median(a / b for a, b in zip(seconds, fastest, strict=True))
        say("  so many times as long as with lanes", f"{ratio:.2f}x: {name} (goal: at least {goal})")


def run(way: Way) -> tuple[float, dict[str, float]]:
    """Do the work from nothing, with a server that stands.

    Returns:
        Its seconds, and the medians of its latencies by cell.
    """
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.sqlite") as store:
        begun = begin(store, Wish(), "lanes", way.steps, {"versions": {}})
        processes = sum(step.planned.replicates for step in way.steps)
        progress = RunProgress(Console(stderr=True, quiet=True), processes, 1.0, lanes=way.lanes)
        executor = LocalExecutor(["suites"], lanes=way.lanes)
        desk = Desk(store, begun.id, begun.host_key, Shelf(Path(folder)), executor, progress)
        try:
            finish(executor, Probe(), 60.0)
            watch = Stopwatch()
            drive(desk, way.steps, Pace(lanes=way.lanes))
            seconds = watch.seconds
        finally:
            executor.close()
        rows = store.records(begun.id)
        if bad := [row.reason for row in rows if row.status not in ("ok", "unsupported")]:
            raise RuntimeError(f"a cell has failed: {bad[0]}")
        timed = {step.planned.cell.key for step in way.steps if step.planned.cell.measure == "latency"}
        return seconds, {row.cell_key: row.median for row in rows if row.cell_key in timed and row.median}


if __name__ == "__main__":
    sys.exit(main())
