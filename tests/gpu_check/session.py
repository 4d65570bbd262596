"""What the steps of the check work with: the harness's own store, driver and executor, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.cell import Cell
from bench.declare.artifact import Shelf, in_order
from bench.declare.catalog import DATASETS, MEASURES
from bench.errors import EvobenchError
from bench.execute.executor import Ended, Event, Handle, Host
from bench.execute.frames import Frame
from bench.execute.jobs import Given, Job, Make, Measure, Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import Progress, finish
from bench.learning.weights.files import known_digests
from bench.machine.host import available_cpus
from bench.run.driver import Desk, Pace, drive
from bench.run.plan import PlanStep
from bench.run.preparing import look_at_host
from bench.run.progress import RunProgress
from bench.run.runs import Wish, begin, utc_now
from bench.store.database import RunRow, Store
from bench.store.rows import RecordRow
from tests.gpu_check.bare import Bare
from tests.gpu_check.grid import Extent, Grid, grid

CATALOG = "tests.gpu_check.catalog"
PROBE = 120.0
"""Seconds in which the first process must stand: it imports torch and makes the device's context."""


@dataclass(frozen=True)
class Found:
    """A planned cell with what became of it; no rows: it was not reached."""

    cell: Cell
    rows: tuple[RecordRow, ...]

    @property
    def median(self) -> float | None:
        """Of the first process's samples, in the measure's unit; None where it has none."""
        return self.rows[0].median if self.rows else None


@dataclass
class Beside:
    """An executor that, after each job of the harness, has another look at the same cell."""

    executor: LocalExecutor
    then: Callable[[Cell], None]
    _cells: dict[Handle, Cell] = field(default_factory=dict)

    def hosts(self) -> tuple[Host, ...]:
        """Where jobs can run."""
        return self.executor.hosts()

    def begin(self, job: Job, host: str) -> Handle:
        """Begin the job."""
        handle = self.executor.begin(job, host)
        if isinstance(job, Measure):
            self._cells[handle] = job.cell
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """Wait for the next event; where it is the end of a cell, the look comes before."""
        event = self.executor.next_event(timeout)
        if isinstance(event, Ended) and event.handle in self._cells:
            self.then(self._cells.pop(event.handle))
        return event

    def cancel(self, handle: Handle) -> None:
        """Kill the job."""
        self.executor.cancel(handle)

    def close(self) -> None:
        """End the processes."""
        self.executor.close()


@dataclass
class Session:
    """One check of one device."""

    extent: Extent
    device: str
    folder: Path
    grid: Grid
    run: RunRow
    store: Store
    executor: LocalExecutor
    seen: dict[str, Any]
    """What the probe found: `gpus`, `precisions`, versions."""
    bare: Bare = field(default_factory=Bare)

    @property
    def on_cpu(self) -> bool:
        """Whether a CPU is checked, on which times are notes: it is shared with whatever else runs."""
        return self.device == "cpu"

    @property
    def shelf(self) -> Shelf:
        """Where artifacts lie."""
        return Shelf(self.folder / "artifacts")

    def measured(
        self, steps: Sequence[PlanStep], seconds: float, then: Callable[[Cell], None] | None = None
    ) -> list[Found]:
        """Measure cells of the plan by the driver, in at most so many seconds, and tell what became of each.

        Args:
            steps: of the grid.
            seconds: the budget; what it does not reach has no rows.
            then: a look at the cell after each of its processes.
        """
        executor = Beside(self.executor, then) if then else self.executor
        expected = sum(step.planned.sampling for step in steps)
        progress = RunProgress(Console(quiet=True), len(steps), expected)
        desk = Desk(self.store, self.run.id, self.run.host_key, self.shelf, executor, progress)
        drive(desk, steps, Pace(budget=seconds))
        rows = self.store.records(self.run.id)
        cells = [step.planned.cell for step in steps]
        return [Found(cell, tuple(row for row in rows if row.cell_key == cell.key)) for cell in cells]

    def submitted(self, cell: Cell, allowance: float, limit: float, progress: Progress | None = None) -> Outcome:
        """Measure a cell outside of the plan, what it needs made before; nothing is kept of it."""
        given = Given(self.shelf.folder, data=DATASETS.handed(), weights=known_digests())
        for artifact in in_order(MEASURES.get(cell.measure).artifacts(cell)):
            if not self.shelf.holds(artifact):
                job = Make(artifact, cell.scenario.threads, given)
                outcome = finish(self.executor, job, limit, _silent)
                if outcome.status != "ok":
                    return outcome
        return finish(self.executor, Measure(cell, allowance, given), limit, progress or _silent)

    def close(self) -> None:
        """End every process, and the run."""
        self.bare.close()
        self.executor.close()
        self.store.end_run(self.run.id, "complete", utc_now())
        self.store.close()


def opened(extent: Extent, device: str, folder: Path) -> Session:
    """Look at the host and begin a run with all cells of the check.

    Raises:
        UsageError: the device is not there.
    """
    executor = LocalExecutor([CATALOG])
    try:
        probed = finish(executor, Probe(), PROBE, _silent)
        if probed.status != "ok":
            raise EvobenchError(f"the measuring process failed: {probed.reason}")
        kinds = precisions_of(probed.details, device)
        if not kinds:
            look_at_host(executor, (), device)  # which says why
        threads = extent.threads or available_cpus()
        cells = grid(extent, device, threads, kinds, memory_of(probed.details, device))
        host = look_at_host(executor, [step.planned.cell for step in cells.all()], device)
        store = Store.create(folder / "gpu-check.sqlite")
        run = begin(store, Wish(device=device, catalogs=(CATALOG,)), "gpu_check", cells.all(), host)
    except BaseException:
        executor.close()
        raise
    return Session(extent, device, folder, cells, run, store, executor, probed.details)


def precisions_of(seen: dict[str, Any], device: str) -> list[str]:
    """What a device computes in, as it was probed; nothing where it is not there."""
    found: list[str] = seen["precisions"].get(_probed_as(device), [])
    return found


def memory_of(seen: dict[str, Any], device: str) -> int | None:
    """Bytes of a GPU, as it was probed; None: not told."""
    found: int | None = seen.get("devices", {}).get(_probed_as(device), {}).get("memory")
    return found


def _probed_as(device: str) -> str:
    """A probe tells of each GPU by its index."""
    return "cuda:0" if device == "cuda" else device


def _silent(frame: Frame) -> None:
    return
