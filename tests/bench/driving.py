"""What the tests of the driver share: declarations, an executor that runs nothing, a desk."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.cell import Cell, Cost, Samples
from bench.declare.artifact import PRODUCERS, Artifact, Shelf, producer
from bench.declare.catalog import ARCHITECTURES, MEASURES, architecture, measure
from bench.declare.declarations import Planned
from bench.execute.executor import Executor, Host
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome
from bench.run.driver import Desk
from bench.run.plan import PlanStep
from bench.run.progress import RunProgress
from bench.run.snapshot import cell_rows
from bench.store.database import RunRow, Store
from tests.answering import Answering

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


class Recorder(Answering):
    """An executor that notes its jobs and answers each with the same outcome, unless told otherwise."""

    def __init__(self, answer: Callable[[Job], Outcome] = lambda _: Outcome("ok", values=(1.0,))) -> None:
        super().__init__()
        self.jobs: list[Job] = []
        self._answer = answer
        self.where: tuple[Host, ...] = (Host("local", 8, 1 << 34),)

    def hosts(self) -> tuple[Host, ...]:
        return self.where

    def answer(self, job: Job, progress: object) -> Outcome:
        self.jobs.append(job)
        return self._answer(job)


def step(name: str = "driver_time", resolution: int = 32, expected: float = 1.0, replicates: int = 1) -> PlanStep:
    cell = Cell("driver_net", name, Cost(mode="infer", resolution=resolution))
    return PlanStep(Planned(cell, expected, replicates), ("trial",))


def desk(
    tmp_path: Path,
    executor: Executor,
    steps: list[PlanStep],
    run: str = "r1",
    host: str = "here",
    shown: io.StringIO | None = None,
) -> Desk:
    store = Store.create(tmp_path / "runs.sqlite")
    begun = RunRow(run, "2026-01-01", "default", "evobench run", {}, host, {})
    store.begin_run(begun, [], cell_rows(steps))
    console = Console(file=shown or io.StringIO(), width=1000)
    return Desk(store, run, host, Shelf(tmp_path / "shelf"), executor, RunProgress(console, len(steps), 1.0))
