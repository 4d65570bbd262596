"""What the tests of the driver share: declarations, an executor that runs nothing, a desk."""

import io
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.cell import Cell, Cost, Samples
from bench.declare.artifact import PRODUCERS, Artifact, Shelf, producer
from bench.declare.catalog import ARCHITECTURES, MEASURES, architecture, measure
from bench.declare.declarations import Planned
from bench.execute.executor import Ended, Event, Executor, Handle, Host
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome
from bench.run.driver import Desk
from bench.run.plan import Step
from bench.run.progress import RunProgress
from bench.store.database import CellRow, Run, Store

SHARED = Artifact("driver_matrix", (("name", "shared"),))


@contextmanager
def declarations() -> Iterator[None]:
    """One architecture, a measure of each kind, one artifact kind; gone afterwards."""
    registries = (ARCHITECTURES, MEASURES, PRODUCERS)
    before = [(dict(r._items), dict(r._places)) for r in registries]
    architecture(family="Driver", year=2026, paper="none")(named("driver_net"))
    measure(unit="s", better="lower")(named("driver_time"))
    measure(unit="1", nature="count", better="neither", repeats="anywhere")(named("driver_count"))
    measure(unit="1", nature="ratio", better="higher", repeats="host")(named("driver_score"))
    measure(unit="1", nature="ratio", better="higher", artifacts=lambda _: (SHARED,))(named("driver_shared"))
    measure(unit="s", better="lower", artifacts=lambda _: (SHARED,))(named("driver_shared_time"))
    producer(named("driver_matrix"))
    yield
    for registry, (items, places) in zip(registries, before, strict=True):
        registry._items, registry._places = items, places  # type: ignore[attr-defined]


def named(name: str) -> Any:
    def function(*_: object) -> Samples:
        raise AssertionError("the executor of these tests runs nothing")

    function.__name__ = name
    return function


@dataclass
class Recorder:
    """An executor that notes its jobs and answers each with the same outcome, unless told otherwise."""

    answer: Callable[[Job], Outcome] = lambda _: Outcome("ok", values=(1.0,))
    jobs: list[Job] = field(default_factory=list)
    where: tuple[Host, ...] = (Host("local", 8, 1 << 34),)
    events: deque[Event] = field(default_factory=deque)

    def hosts(self) -> tuple[Host, ...]:
        return self.where

    def begin(self, job: Job, host: str) -> Handle:
        self.jobs.append(job)
        self.events.append(Ended(len(self.jobs), self.answer(job)))
        return len(self.jobs)

    def next_event(self, timeout: float | None) -> Event | None:
        return self.events.popleft() if self.events else None

    def cancel(self, handle: Handle) -> None:
        return

    def close(self) -> None:
        return


def step(name: str = "driver_time", resolution: int = 32, expected: float = 1.0, replicates: int = 1) -> Step:
    cell = Cell("driver_net", name, Cost(mode="infer", resolution=resolution))
    return Step(Planned(cell, expected, replicates), ("trial",))


def desk(
    tmp_path: Path,
    executor: Executor,
    steps: list[Step],
    run: str = "r1",
    host: str = "here",
    shown: io.StringIO | None = None,
) -> Desk:
    store = Store.create(tmp_path / "runs.sqlite")
    begun = Run(run, "2026-01-01", "default", "evobench run", {}, host, {})
    rows = [CellRow(s.planned.cell, s.suites, s.planned.expected, s.planned.replicates) for s in steps]
    store.begin_run(begun, [], rows)
    console = Console(file=shown or io.StringIO(), width=1000)
    return Desk(store, run, host, Shelf(tmp_path / "shelf"), executor, RunProgress(console, len(steps), 1.0))
