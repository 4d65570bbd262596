"""Fresh processes of base, head, and base once more (its twin), that take single steps in turn on one core."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from statistics import fmean, median
from typing import Literal

from bench.cell import Cell
from bench.execute.local import Outcome
from bench.execute.process import own_cpus
from bench.gate.sides import Server, Task
from bench.gate.workers import Worker
from bench.progress import Stopwatch

Role = Literal["base", "head", "twin"]
ROLES: tuple[Role, ...] = ("base", "head", "twin")
SECONDS = 4.0
"""Of steps, in which a pair and its twin are measured."""
LEAST_CYCLES = 2
"""Of six trios each."""
MOST_CYCLES = 100
LIMIT = 300.0
"""Seconds after which a step, or the way to the first one, has hung."""


@dataclass(frozen=True)
class Servers:
    """The three processes that a round's workers come from: the code of base, of head, and of base once more."""

    base: Server
    head: Server
    twin: Server

    def of(self, role: Role) -> Server:
        """That one."""
        found: Server = getattr(self, role)
        return found


@dataclass(frozen=True)
class Cluster:
    """What one fresh pair and base's twin gave: the unit of replication."""

    outcomes: Mapping[Role, Outcome]
    pair: float | None = None
    """Log of head over base (the mean of both), more being worse; None where one did not come to the end."""
    twin: float | None = None
    """Log of base's twin over base."""

    @property
    def complete(self) -> bool:
        """Whether both ratios are there."""
        return self.pair is not None and self.twin is not None


def stepped(servers: Servers, cell: Cell, turn: int, seconds: float = SECONDS) -> Cluster:
    """Measure one pair of a cell whose measure times steps.

    Args:
        servers: of this round.
        cell: its threads decide how many cores all three are pinned to.
        turn: number of the round; the cores change with it.
        seconds: of steps to aim at.
    """
    task = Task("step", cell, cpus=cores(cell.scenario.threads, turn))
    workers: dict[Role, Worker] = {}
    try:
        for role in ROLES:
            workers[role] = servers.of(role).begin(task)
        if all(workers[role].ready(LIMIT) for role in ROLES):
            pairs, twins = _trios(workers, seconds, turn)
            outcomes = {role: workers[role].finish(LIMIT) for role in ROLES}
            if all(outcome.status == "ok" for outcome in outcomes.values()):
                return Cluster(outcomes, centre(pairs), centre(twins))
        # one has failed: the others have nothing to be compared with
        for worker in workers.values():
            worker.kill()
        return Cluster({role: worker.finish(LIMIT) for role, worker in workers.items()})
    finally:
        for worker in workers.values():
            worker.kill()


def measured_once(servers: Servers, cell: Cell, seconds: float, turn: int) -> Cluster:
    """Measure one pair of a cell whose measure takes no steps, one process after the other.

    Memory, size: their figures are positive, and the ratio of their medians stands for the pair.
    """
    # whoever is measured first must not always be the same
    order = ROLES if turn % 2 == 0 else ROLES[::-1]
    limit = LIMIT + 10 * seconds
    outcomes = {role: servers.of(role).begin(Task("measure", cell, seconds)).finish(limit) for role in order}
    values = {role: median(outcome.values) for role, outcome in outcomes.items() if outcome.status == "ok"}
    if len(values) < len(ROLES) or min(values.values()) <= 0:
        return Cluster(outcomes)
    return Cluster(outcomes, *_contrasts(values))


def cores(threads: int, turn: int) -> tuple[int, ...]:
    """As many of this process's cores as there are threads, others each round; none where that cannot be asked."""
    there = own_cpus() or []
    start = turn % max(1, len(there))
    rotated = [*there[start:], *there[:start]]
    return tuple(rotated[:threads])


def centre(ratios: Sequence[float]) -> float:
    """Mean of the middle half: leaves out what hits a single step, and loses less than the median does."""
    ordered = sorted(ratios)
    cut = len(ordered) // 4
    return fmean(ordered[cut : len(ordered) - cut])


def _trios(workers: Mapping[Role, Worker], seconds: float, turn: int) -> tuple[list[float], list[float]]:
    """Log-ratios by trios of steps, until the seconds are over or one process ends.

    All six orders follow each other, mixed anew each time: whatever comes with a place in the row, a cache that is
    still warm or a drift, comes to all three alike. Where nothing differs, nothing tells them apart.

    Returns:
        The contrasts of each trio, head's and the twin's.
    """
    shuffle = random.Random(turn).shuffle
    orders = list(permutations(ROLES))
    pairs: list[float] = []
    twins: list[float] = []
    watch = Stopwatch()
    done = 0
    while done < MOST_CYCLES and (watch.seconds < seconds or done < LEAST_CYCLES):
        shuffle(orders)
        for order in orders:
            steps = {role: workers[role].step(LIMIT) or 0.0 for role in order}
            if min(steps.values()) <= 0:  # one has ended
                return pairs, twins
            pair, twin = _contrasts(steps)
            pairs.append(pair)
            twins.append(twin)
        done += 1
    return pairs, twins


def _contrasts(values: Mapping[Role, float]) -> tuple[float, float]:
    """Logs of head over the mean of base and twin, and of twin over base: neither owes the other anything."""
    base, head, twin = (math.log(values[role]) for role in ROLES)
    return head - (base + twin) / 2, twin - base
