"""Servers and workers that only pretend: steps of a known length, outcomes as told."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from bench.cell import Cell, Cost, Learning, Samples
from bench.declare.catalog import MEASURES, measure
from bench.declare.declarations import Planned
from bench.declare.nature import Nature
from bench.execute.executor import Ended, Event
from bench.execute.jobs import Count, Job, Measure, Step
from bench.execute.outcome import Outcome
from bench.gate.plans import PlannedCell
from bench.gate.steps import Role, Servers
from bench.gate.watch import Watched, Way
from bench.run import plan
from tests.answering import Answering

TIMED = Cell("net", "gate_time", Cost(mode="infer", resolution=8))
COUNTED = Cell("net", "gate_count", Cost(mode="infer", resolution=8))


@dataclass
class Worker:
    """Takes steps of a given length; dies at one of them where it is told to."""

    seconds: Callable[[], float]
    result: Outcome
    dies_at: int | None = None
    taken: list[float] = field(default_factory=list)
    outcome: Outcome | None = None

    def ready(self, limit: float) -> bool:
        """Whether it can take steps."""
        if self.result.status != "ok":
            self.outcome = self.result
        return self.outcome is None

    def step(self, limit: float) -> float | None:
        """One step."""
        if len(self.taken) == self.dies_at:
            self.outcome = Outcome("failed", "crashed with SIGSEGV")
        if self.outcome:
            return None
        self.taken.append(self.seconds())
        return self.taken[-1]

    def end_steps(self) -> None:
        """Nothing is waited for here."""

    def finish(self, limit: float) -> Outcome:
        """What became of it."""
        if self.outcome is None:
            self.outcome = Outcome("ok", values=tuple(self.taken)) if self.taken else self.result
        return self.outcome

    def kill(self) -> None:
        """End it."""
        self.outcome = self.outcome or Outcome("failed", "was ended")


@dataclass
class Server:
    """Gives workers."""

    seconds: Callable[[], float] = lambda: 0.010
    results: Callable[[Measure | Step | Count], Outcome] = lambda _: Outcome("ok", values=(1.0,))
    dies_at: int | None = None
    jobs: list[Measure | Step | Count] = field(default_factory=list)

    def begin(self, job: Measure | Step | Count) -> Worker:
        """A worker for the job."""
        self.jobs.append(job)
        return Worker(self.seconds, self.results(job), self.dies_at)


def servers(base: Server | None = None, head: Server | None = None, twin: Server | None = None) -> Servers:
    """Of each side, a pretended one where none is given."""
    sides: list[Any] = [side or Server() for side in (base, head, twin)]
    return Servers(*sides)


class AtOnce(Answering):
    """Runs jobs on pretended sides; each ends when it is asked about."""

    def __init__(self, servers: Servers, lanes: int) -> None:
        super().__init__()
        self._servers = servers
        self._workers: dict[int, Any] = {}

    def begin(self, job: Job, host: str) -> int:
        """Begin it."""
        handle = next(self._numbers)
        self._workers[handle] = self._servers.of(cast("Role", host)).begin(cast("Measure", job))
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """The first of those at work ends."""
        handle = min(self._workers)
        return Ended(handle, self._workers.pop(handle).finish(math.inf))


def renewing(given: Servers, made: list[Sequence[str]] | None = None) -> Any:
    """What a session gets new servers from: these again and again; `made` receives what they are to import."""

    @contextmanager
    def renew(preload: Sequence[str]) -> Iterator[Servers]:
        if made is not None:
            made.append(preload)
        yield given

    return renew


def watched(cell: Cell, way: Way) -> Watched:
    """A cell that is compared in this way."""
    return Watched(plan.PlanStep(Planned(cell, 1.0), ("suite",)), way)


def planned(cell: Cell, *suites: str, better: str = "lower", **about: Any) -> PlannedCell:
    """The cell as base tells that it plans it, in a count."""
    content = {**cell.to_dict(), **about}
    return PlannedCell(content, str(cell), "1", Nature.COUNT, better, suites or ("suite",))


def trained(seed: int) -> Cell:
    """A training."""
    where = Learning(
        weights="random",
        target="d",
        mode="scratch",
        augmentation="none",
        resolution=8,
        shots=5,
        steps=1,
        batch=4,
        lr=0.1,
        seed=seed,
    )
    return Cell("net", "gate_score", where)


@contextmanager
def declarations() -> Iterator[None]:
    """A measure of each kind; gone afterwards."""
    before = dict(MEASURES._items), dict(MEASURES._places)
    measure(unit="s", better="lower")(_named("gate_time"))
    measure(unit="1/s", better="higher")(_named("gate_rate"))
    measure(unit="B", better="lower")(_named("gate_memory"))
    measure(unit="1", nature="count", better="neither")(_named("gate_nothing"))
    measure(unit="1", nature="count", better="lower", repeats="anywhere")(_named("gate_count"))
    measure(unit="1", nature="share", better="higher", repeats="host", kind="learning")(_named("gate_score"))
    measure(unit="1/s", better="higher", kind="learning")(_named("gate_pace"))
    yield
    MEASURES._items, MEASURES._places = before


def _named(name: str) -> Any:
    def function(*_: object) -> Samples:
        raise AssertionError("nothing is measured here")

    function.__name__ = name
    return function
