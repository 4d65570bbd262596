"""A job of a run under way, and the record that is made from its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.cell import Learning, Record
from bench.clock import Stopwatch
from bench.declare.catalog import MEASURES
from bench.execute.jobs import Given, Make, Measure
from bench.execute.outcome import Outcome
from bench.machine.device import indexed
from bench.run.driving.works import Item, Making, Measuring
from bench.run.kept import cell_code
from bench.run.runs import utc_now
from bench.run.schedule import Start


@dataclass
class CellAttempt:
    """A job under way, with what its record will need."""

    start: Start
    item: Item
    lane: int
    allowance: float
    """Seconds that a cell may sample for."""
    started: str = field(default_factory=utc_now)
    watch: Stopwatch = field(default_factory=Stopwatch)
    beside: set[str] = field(default_factory=set)
    """Devices that others of the run computed on meanwhile, on its host."""

    def job(self, given: Given) -> Make | Measure:
        """The job that a process gets; on a GPU other than the one its cell names, the process sees that GPU
        alone."""
        if isinstance(self.item, Making):
            device = str(dict(self.item.artifact.spec).get("device", ""))
            return Make(self.item.artifact, self.item.threads, given, self._seen(device))
        cell = self.item.step.planned.cell
        return Measure(cell, self.allowance, given, gpu=self._seen(cell.scenario.device))

    def met(self, other: CellAttempt) -> None:
        """Write down that the two ran on one host at once."""
        if self.start.host == other.start.host:
            self.beside.add(other.start.gpu or "cpu")
            other.beside.add(self.start.gpu or "cpu")

    def noted(self, outcome: Outcome) -> dict[str, Any]:
        """The outcome's details; also whether a cell that was to be alone was, and the GPU it was dealt.

        `beside` has the devices that others of the run computed on meanwhile, which the seconds of a timing and of
        a training depend on. That is what was seen, not what the schedule promises.
        """
        found = dict(outcome.details)
        if isinstance(self.item, Measuring):
            cell = self.item.step.planned.cell
            if MEASURES.get(cell.measure).needs == "host":
                found["alone"] = not self.beside
            if self.beside and (isinstance(cell.scenario, Learning) or "alone" in found):
                found["beside"] = sorted(self.beside)
            if not found.get("alone", True):  # tables tell of it as of any other disturbance
                said = f"others of this run computed on {', '.join(sorted(self.beside))} of its host meanwhile"
                found["noisy"] = [*found.get("noisy", ()), said]
            if seen := self._seen(cell.scenario.device):
                found["gpu"] = seen
        return found

    def _seen(self, device: str) -> str:
        return self.start.gpu if self.start.gpu != indexed(device) else ""


def record_of(
    item: Measuring,
    outcome: Outcome,
    details: dict[str, Any] | None = None,
    host: str = "",
    started: str = "",
    seconds: float = 0.0,
) -> Record:
    """The evidence of one process of a cell.

    Args:
        item: the process.
        outcome: outcome of the attempt.
        details: details in place of the outcome's own.
        host: key of the host that measured it.
        started: UTC, ISO 8601; empty: now, as where no process was needed.
        seconds: wall time of its attempts.
    """
    cell = item.step.planned.cell
    return Record(
        cell=cell,
        replicate=item.replicate,
        status=outcome.status,
        unit=MEASURES.get(cell.measure).unit,
        provenance=MEASURES.get(cell.measure).provenance,
        values=outcome.values,
        warmup=outcome.warmup,
        reason=outcome.reason,
        details=outcome.details if details is None else details,
        pictures=outcome.pictures,
        images=outcome.images,
        code=cell_code(cell),
        started=started or utc_now(),
        seconds=seconds,
        host=host,
    )
