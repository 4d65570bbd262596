"""The things that a driver works with, and the limits that it keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bench.declare.artifact import Shelf
from bench.execute.executor import Executor
from bench.execute.limits import START, before_cells
from bench.run.driving.wanted import WantedEvidence
from bench.run.forecast import Forecast
from bench.run.progress import RunProgress
from bench.run.shelf.limit import ArtifactsLimit
from bench.store.database import Store

LIMIT = 900.0
"""Seconds after which a job is killed, unless the user says otherwise."""


@dataclass(frozen=True)
class Pace:
    """Limits on what a run may take, at once and in all."""

    budget: float | None = None
    """Wall seconds of all measuring that the user gave; None: not given."""
    limit: float = LIMIT
    """Wall seconds after which a single job is killed."""
    memory_limit: int | None = None
    """Bytes that a job on the CPU may allocate beyond what its process holds when it begins (Linux)."""
    lanes: int = 1
    """Jobs that a host runs at once, at most; timings are alone all the same."""
    gpus: tuple[str, ...] = ()
    """Devices of this machine that cells on `cuda` are dealt out to; empty: each runs on the device it names."""
    timings_on: str = ""
    """Name of the host of all timings; empty: the first."""
    shares: bool = False
    """Whether timings on a GPU leave the other GPUs of their host to trainings; the records of the timings then
    say so."""

    fills: float | None = None
    """Wall seconds after which a run that is filled with evidence is complete, unless the user gave a budget.

    None: all that is planned is measured, however long it takes.
    """
    spent: float = 0.0
    """Seconds of the budget, or of the time that it fills, that were over before the driver began."""

    def before_cells(self, usual: float = START) -> float:
        """Seconds that one thing that comes before the cells may take, `usual` where the user gives more."""
        return before_cells(min(self.limit, math.inf if self.budget is None else self.budget), usual)

    @property
    def is_filled(self) -> bool:
        """Whether the run goes on collecting evidence until its time is over."""
        return self.fills is not None

    @property
    def left(self) -> float:
        """Wall seconds that the driver has when it begins; infinity where nothing ends it."""
        most = self.fills if self.budget is None else self.budget
        return math.inf if most is None else most - self.spent


@dataclass(frozen=True)
class Desk:
    """The things that the driver works with."""

    store: Store
    run: str
    host_key: str
    shelf: Shelf
    executor: Executor
    progress: RunProgress
    fresh: bool = False
    """Measure even what a kept record could stand for."""
    wanted: WantedEvidence | None = None
    """Evidence that the run is to be filled with; None: nothing beside its plan."""
    forecast: Forecast = field(default_factory=Forecast)
    """Forecast of how long cells take here, which improves with every record."""
    artifacts_limit: ArtifactsLimit | None = None
    """Limit on the size of the artifacts; None: no limit."""
