"""Fresh processes of base, head, and base once more (its twin), that take single steps in turn on one core."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import permutations
from statistics import fmean, median
from typing import Literal

from bench.cell import Cell
from bench.clock import Stopwatch
from bench.declare.catalog import MEASURES
from bench.declare.nature import gain
from bench.execute.jobs import Count, Measure, Profile, Step
from bench.execute.local.engine import Worker
from bench.execute.outcome import ENDED, Outcome
from bench.gate.sides import SideServer
from bench.gate.timings import Timings
from bench.machine.process import own_cpus
from bench.statistics.widths import widening, width

Role = Literal["base", "head", "twin"]
ROLES: tuple[Role, ...] = ("base", "head", "twin")
SECONDS = 3.2
"""Seconds of steps that a cell takes in a round, over all its trios of processes."""
TRIOS = 4
"""Trios of processes in a round, one after the other, which average out what a chance memory layout does to a
step."""
LEAST_CYCLES = 1
"""Fewest cycles, of six turns each."""
MOST_CYCLES = 25
"""Most cycles: more short steps say no more, since processes differ by where their memory lies."""
LIMIT = 300.0
"""Seconds after which a step, or the way to the first one, has hung."""


Workers = Mapping[Role, Worker]
"""A process of each side."""


@dataclass(frozen=True)
class Servers:
    """The three processes that a round's workers come from: the code of base, of head, and of base once more."""

    base: SideServer
    head: SideServer
    twin: SideServer

    def of(self, role: Role) -> SideServer:
        """Server of a role."""
        found: SideServer = getattr(self, role)
        return found


@dataclass(frozen=True)
class Trio:
    """Outcomes of one process each of base, head and base's twin."""

    outcomes: Mapping[Role, Outcome]
    pair: float | None = None
    """Log of head over base and its twin, more being worse; None where one did not come to the end."""
    twin: float | None = None
    """Log of base's twin over base."""

    @property
    def complete(self) -> bool:
        """Whether both ratios are known."""
        return self.pair is not None and self.twin is not None

    @property
    def both(self) -> tuple[Outcome, Outcome]:
        """Outcomes of base and head; the twin's stands for the base's where the twin failed and the base did not:
        they have the same code."""
        base, head, twin = (self.outcomes[role] for role in ROLES)
        has_no_fault = base.status == "ok" or base == ENDED
        return (twin if has_no_fault and twin.status != "ok" else base), head


@contextmanager
def begun(servers: Servers, roles: Sequence[Role], job: Measure | Step | Profile | Count) -> Iterator[Workers]:
    """A fresh process of each side at one job; what still runs in the end is killed."""
    workers: dict[Role, Worker] = {}
    try:
        for role in roles:
            workers[role] = servers.of(role).begin(job)
        yield workers
    finally:
        for worker in workers.values():
            worker.kill()


def broken_off(workers: Workers) -> dict[Role, Outcome]:
    """Outcomes after one process has failed: the others were stopped."""
    for worker in workers.values():
        worker.kill()
    return {role: worker.finish(LIMIT) for role, worker in workers.items()}


def stepped(
    servers: Servers, cell: Cell, turn: int, seconds: float, order: int = 0, timings: Timings | None = None
) -> Trio:
    """Measure one trio of a cell whose measure times steps.

    Args:
        servers: servers of this round.
        cell: cell whose threads decide how many cores all three are pinned to.
        turn: number of the round; the cores change with it.
        seconds: seconds of steps to aim at.
        order: number of the trio in the round: who steps after whom changes with it.
        timings: receives where the time goes.
    """
    job = Step(cell, cores(cell.scenario.threads, turn))
    timings = timings or Timings()
    with ExitStack() as stack:
        with timings.of("processes up to their first step", cell):
            workers = stack.enter_context(begun(servers, ROLES, job))
            ready = [workers[role].ready(LIMIT) for role in ROLES]  # each, so that one that fails, too, tells why
        if all(ready):
            with timings.of("steps", cell):
                logs = _in_turn(workers, seconds, random.Random(f"{turn} {order}"))
            with timings.of("ending", cell):
                for worker in workers.values():  # all at once: nothing is timed any more
                    worker.end_steps()
                outcomes = {role: workers[role].finish(LIMIT) for role in ROLES}
            if all(outcome.status == "ok" for outcome in outcomes.values()):
                return Trio(outcomes, *contrasts(logs))
        return Trio(broken_off(workers))


def measured_once(servers: Servers, cell: Cell, seconds: float, turn: int) -> Trio:
    """Measure one pair of a cell whose measure takes no steps, one process after the other.

    Memory, size: their figures are positive, and the ratio of their medians stands for the pair.
    """
    # whoever is measured first must not always be the same
    order = ROLES if turn % 2 == 0 else ROLES[::-1]
    limit = LIMIT + 10 * seconds
    job = Measure(cell, seconds, makes=True)
    outcomes = {role: servers.of(role).begin(job).finish(limit) for role in order}
    values = {role: median(outcome.values) for role, outcome in outcomes.items() if outcome.status == "ok"}
    if len(values) < len(ROLES) or min(values.values()) <= 0:
        return Trio(outcomes)
    better = MEASURES.get(cell.measure).better
    return Trio(outcomes, *contrasts({role: [-gain(better, math.log(value))] for role, value in values.items()}))


def cores(threads: int, turn: int) -> tuple[int, ...]:
    """Cores of this process, one for each thread and others in each round; empty where cores cannot be asked
    for."""
    there = own_cpus() or []
    start = turn % max(1, len(there))
    rotated = [*there[start:], *there[:start]]
    return tuple(rotated[:threads])


def centre(ratios: Sequence[float]) -> float:
    """Mean of the middle half: leaves out what hits a single step, and loses less than the median does."""
    ordered = sorted(ratios)
    cut = len(ordered) // 4
    return fmean(ordered[cut : len(ordered) - cut])


def contrasts(logs: Mapping[Role, Sequence[float]]) -> tuple[float, float]:
    """Head over base and its twin, and the twin over base: neither owes the other anything.

    Differences of two at a time, because those of two that are alike lie symmetrically about zero, however skewed
    each is. Head less the mean of the others does not: of the same code, the mean of its middle half was 1.5 %.

    Args:
        logs: logarithms of the values of each, those of a turn at the same place.
    """

    def over(one: Role, other: Role) -> float:
        return centre([a - b for a, b in zip(logs[one], logs[other], strict=True)])

    return (over("head", "base") + over("head", "twin")) / 2, over("twin", "base")


def wider(trios: Sequence[Trio]) -> float:
    """Log of head's spread over that of base and its twin, of all values that the processes of a round gave."""
    values = {role: [value for trio in trios for value in trio.outcomes[role].values] for role in ROLES}
    base, head, twin = (width([math.log(value) for value in values[role]]) for role in ROLES)
    return widening(base, head, twin)[0]


def _in_turn(workers: Mapping[Role, Worker], seconds: float, chance: random.Random) -> Mapping[Role, list[float]]:
    """Logs of the steps of each, until the seconds are over or one process ends.

    All six orders follow each other, mixed anew each time: whatever comes with a place in the row, a cache that is
    still warm or a drift, comes to all three alike. Where nothing differs, nothing tells them apart.
    """
    orders = list(permutations(ROLES))
    logs: dict[Role, list[float]] = {role: [] for role in ROLES}
    watch = Stopwatch()
    done = 0
    while done < MOST_CYCLES and (watch.seconds < seconds or done < LEAST_CYCLES):
        chance.shuffle(orders)
        for order in orders:
            steps = {role: workers[role].step(LIMIT) or 0.0 for role in order}
            if min(steps.values()) <= 0:  # one has ended
                return logs
            for role, value in steps.items():
                logs[role].append(math.log(value))
        done += 1
    return logs
