"""How often the gate cries wolf and what it sees, on this machine: an experiment that anyone can repeat.

    nox -s gate-trial                                   # half an hour: 6 trials of each kind
    nox -s gate-trial -- --trials 2                     # ten minutes
    nox -s gate-trial -- --neighbour                    # the same beside a process that works now and then
    nox -s gate-trial -- --record pairs.json            # keep the recorded pairs, after each trial
    nox -s gate-trial -- --recorded pairs.json          # the rule's rates on pairs of an earlier version, too
    nox -s gate-trial -- --trials 0 --recorded a.json   # these alone, in seconds

A trial compares a network with itself, or with itself slowed down by a known share: as `evobench regress` does,
and as pytest-benchmark's `median:5%` and a flat 7 % (TorchBench's rule) would, by the medians of two processes of
a second each, one after the other. The simulation then draws the recorded pairs of equal sides again and again,
with and without a slowdown, and lets the rule decide. What was found so far is printed after each round of
trials, so that one that is cut off has told something; it leaves neither processes nor files behind.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from bench.cell import Cell, Cost, Learning
from bench.clock import Stopwatch
from bench.compare.trained import TrainedPair, decide
from bench.declare.catalog import load_catalogs
from bench.declare.declarations import Planned
from bench.execute.jobs import Measure, Step
from bench.execute.outcome import Outcome
from bench.gate.session import GateSession, fresh
from bench.gate.sides import CodeSide, SideServer
from bench.gate.steps import LIMIT, Role, cores
from bench.gate.watch import Watched
from bench.machine.process import die_with
from bench.run import plan
from bench.statistics.sequential import SequentialRule
from tests.perf.gate_model import source
from tests.perf.gate_rates import DRAWS, Recorded, equal_sides, rate, simulated

SLOWDOWNS = (0.0, 0.03, 0.05, 0.10)
CELL = Cell("gate_trial_net", "gate_trial_latency", Cost(mode="infer", resolution=64, threads=1))
RULES: dict[str, Callable[[float], bool]] = {
    "median:5%": lambda ratio: ratio > 1.05,
    "flat 7%": lambda ratio: ratio > 1.07,
}
"""Of the ratio of two medians; the first is an option of pytest-benchmark, the second TorchBench's rule."""
BLOCK = 1.0
"""Seconds of a process of theirs: pytest-benchmark's `max_time`."""
PER_TRIAL = 4
"""Comparisons by those rules in each trial."""
CHANGED = 0.5
"""Share of the picture that the injected fault of accuracy hides."""


@dataclass
class Tally:
    """What was answered of one slowdown."""

    answers: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    alarms: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in RULES})
    recorded: list[Recorded] = field(default_factory=list)


def main() -> int:
    """Run the trials and print what came of them."""
    arguments = _arguments()
    rows = {file.name: equal_sides(file) for file in arguments.recorded}
    if arguments.trials:
        rows["now"] = trials(arguments)
    for name, recorded in rows.items():
        simulate(name, recorded)
    return 0


def trials(arguments: argparse.Namespace) -> list[Recorded]:
    """Run the trials, and print what came of them so far after each round.

    Returns:
        The recorded pairs of equal sides.
    """
    tallies: dict[float, Tally] = {share: Tally() for share in SLOWDOWNS}
    with own_folder() as folder, neighbour(arguments.neighbour):
        load_catalogs(side(folder, "base").catalogs)
        for number in range(arguments.trials):
            for share in SLOWDOWNS:  # in turn, so that a machine that changes harms all alike
                words = trial(folder, share, tallies[share])
                say(f"trial {number + 1} of {arguments.trials}, {share:.0%} slower: {words}")
                if arguments.record:
                    kept = {f"{share:g}": tally.recorded for share, tally in tallies.items()}
                    arguments.record.write_text(json.dumps(kept))
            report(tallies, arguments.neighbour)
        say(f"a network that does not see {CHANGED:.0%} of the picture: {loss_of_accuracy(folder)}")
    return tallies[0.0].recorded


def _arguments() -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--trials", type=int, default=6, help="of each slowdown (%(default)s)")
    parser.add_argument("--neighbour", action="store_true", help="beside a process that works now and then")
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep the pairs as JSON")
    parser.add_argument(
        "--recorded",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="what --record kept of an earlier version (may be repeated)",
    )
    return parser.parse_args()


def trial(folder: Path, share: float, tally: Tally) -> str:
    """One decision by the gate, and some by the other rules, of a network that is slower by `share`.

    Returns:
        What the gate decided, from what.
    """
    base, head = side(folder, "base"), side(folder, "head", slower=share)
    watched = [Watched(plan.PlanStep(Planned(CELL, 1.0), ("trial",)), "steps")]
    watch = Stopwatch()
    with fresh(base, head, ()) as servers:
        session = GateSession(
            partial(fresh, base, head), watched, SequentialRule(1), _keep_nothing, math.inf, lambda _: None
        )
        found = session.run(servers)
        tally.seconds.append(watch.seconds)
        decision = found.decisions[CELL.key]
        tally.answers.append(decision.answer)
        tally.pairs.append(len(decision.pairs))
        tally.recorded += zip(decision.pairs, decision.twins, strict=True)
    with SideServer(base, ()) as first, SideServer(head, ()) as second:
        for turn in range(PER_TRIAL):
            ratio = block(second, turn) / block(first, turn)
            for name, alarmed in RULES.items():
                tally.alarms[name].append(alarmed(ratio))
    low_high = decision.interval and f" [{decision.interval.low:.3f}, {decision.interval.high:.3f}]"
    return f"{decision.answer}, ratio {decision.ratio:.3f}{low_high or ''} after {len(decision.pairs)} pairs"


def block(server: SideServer, turn: int) -> float:
    """Median of a second of steps of one process, in seconds: what other rules go by."""
    worker = server.begin(Step(CELL, cores(1, turn)))
    if not worker.ready(LIMIT):
        raise RuntimeError(worker.finish(LIMIT).reason)
    steps: list[float] = []
    while sum(steps) < BLOCK:
        steps.append(worker.step(LIMIT) or math.inf)
    worker.finish(LIMIT)
    return median(steps)


def loss_of_accuracy(folder: Path) -> str:
    """What is answered of a network that does not see a part of the picture, over six trainings."""
    sides = [side(folder, "base"), side(folder, "head", hidden=CHANGED)]
    pairs = []
    with SideServer(sides[0], ()) as first, SideServer(sides[1], ()) as second:
        for seed in range(6):
            job = Measure(_learning(seed), 1.0, makes=True)
            pairs.append(TrainedPair(*(server.begin(job).finish(LIMIT) for server in (first, second))))
    decision = decide(pairs, SequentialRule(1).alpha, "higher")
    return f"{decision.answer}, {100 * decision.change:+.1f} points over {decision.trainings} trainings"


def _learning(seed: int) -> Cell:
    where = Learning(
        weights="random",
        target="uci-digits",
        mode="scratch",
        augmentation="none",
        resolution=32,
        shots=10,
        steps=60,
        batch=16,
        lr=3e-3,
        seed=seed,
    )
    return Cell(CELL.architecture, "top1", where)


def side(folder: Path, name: str, *, slower: float = 0.0, hidden: float = 0.0) -> CodeSide:
    """A side with a network of its own."""
    file = folder / name / "models.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(source(slower, hidden))
    here = Path.cwd()
    return CodeSide(name, Path(sys.executable), (here,), here, folder / name, (str(file),))


def report(tallies: dict[float, Tally], beside: bool) -> None:
    """Print k of n of every trial so far."""
    say(f"\n{'beside a neighbour' if beside else 'alone'}; one cell, steps of a few ms; k of n, 95 % intervals")
    say(f"{'slower by':<10} {'the gate says regression':<36} {'s a decision':<13} pairs")
    for share, tally in tallies.items():
        found = sum(answer == "regression" for answer in tally.answers)
        undecided = tally.answers.count("undecided")
        words = rate(found, len(tally.answers)) + (f", {undecided} undecided" if undecided else "")
        say(f"{share:<10.0%} {words:<36} {median(tally.seconds):<13.0f} {median(tally.pairs):g}")
    for name in RULES:
        words = "; ".join(
            f"{share:.0%}: {rate(sum(tally.alarms[name]), len(tally.alarms[name]))}"
            for share, tally in tallies.items()
        )
        say(f"{name:<10} {words}")


def simulate(name: str, recorded: Sequence[Recorded]) -> None:
    """Print what the rule decides of recorded pairs of equal sides, as they are and slowed down."""
    say(f"\n{name}: {len(recorded)} recorded pairs of equal sides, {DRAWS} decisions each")
    say(f"{'cells':<6} {'slower by':<10} {'regression':<30} {'fine':<30} pairs")
    for cells in (1, 4):
        for share in SLOWDOWNS:
            found = simulated(recorded, share, SequentialRule(cells))
            words = [rate(found.answers.count(answer), DRAWS) for answer in ("regression", "fine")]
            say(f"{cells:<6} {share:<10.0%} {words[0]:<30} {words[1]:<30} {found.pairs:.1f}")


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that is gone however this process ends: a shell removes it when the pipe to it is closed."""
    name = tempfile.mkdtemp()
    shell = ["sh", "-c", 'read -r _; rm -rf -- "$0"', name]
    with subprocess.Popen(shell, stdin=subprocess.PIPE, start_new_session=True):
        yield Path(name)


@contextmanager
def neighbour(wanted: bool) -> Iterator[None]:
    """A process that works now and then, on a core of its choice, as long as the context lasts."""
    if not wanted:
        yield
        return
    process = multiprocessing.get_context("spawn").Process(
        target=_work_now_and_then, args=(os.getpid(),), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _work_now_and_then(parent: int) -> None:
    die_with(parent)
    import time

    import numpy as np

    chance = random.Random(0)
    a = np.ones((400, 400))
    while True:
        until = time.monotonic() + chance.uniform(0.05, 1.0)
        while time.monotonic() < until:
            a @ a
        time.sleep(chance.uniform(0.05, 1.0))


def _keep_nothing(role: Role, cell: Cell, number: int, outcome: Outcome) -> None:
    """The trial needs the ratios alone."""


def say(line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
