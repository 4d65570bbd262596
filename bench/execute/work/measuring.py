"""What a worker does to measure a cell or to make an artifact: with all that it imports, a part of every figure.

A change of this module, or of one that it imports, makes kept figures stale (`loading.code`). What only
fetches, audits or looks for advice is in the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.cell import Cell, Cost, Learning, Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Report, Shelf
from bench.declare.catalog import MEASURES
from bench.declare.declarations import checked
from bench.declare.loading.process_settings import BY_BUILDER, BY_IMPORT, with_undone
from bench.declare.nature import Nature
from bench.errors import UsageError
from bench.execute.frames import Frame
from bench.execute.jobs import Make, Measure
from bench.machine.determinism import be_deterministic
from bench.machine.device import autotune, prepare
from bench.machine.disturbance import between
from bench.machine.gpus.neighbours import neighbours, sight
from bench.machine.memory_limit import lift_memory_limit, limit_memory
from bench.machine.process import conditions, keep_freed_memory, pin_threads
from bench.machine.readings import read
from bench.network.subject import Subject

Send = Callable[[Frame], None]


def measure(job: Measure, send: Send) -> Samples:
    """Let the cell's measure take its samples, with the conditions that they were taken under."""
    cell = job.cell
    device, threads = cell.scenario.device, cell.scenario.threads
    clock = Clock(job.allowance, device)
    there = sight(device)  # before this process is one of those on the GPU
    kept = get_ready(cell)
    before = read(clock.now(), device)
    _limit(job, device, threads, send)
    samples = measured(cell, clock, job.given.shelf, _reporter(send))
    lift_memory_limit()
    others = neighbours(there, sight(device, there.at if there else None))
    found = between(before, read(clock.now(), device), others)
    return with_conditions(samples, cell, kept, disturbance=found.to_dict())


def get_ready(cell: Cell) -> bool:
    """Settle threads, memory, device and precision of this process; returns whether malloc keeps what is freed."""
    pin_threads(cell.scenario.threads)
    # a peak of memory must not hold what malloc merely keeps
    kept = not _is_of_memory(cell) and keep_freed_memory()
    if isinstance(cell.scenario, Learning):
        be_deterministic(cell.scenario.device)
    prepare(cell.scenario.device, cell.scenario.precision)
    autotune(_autotunes(cell))
    return kept


def _is_of_memory(cell: Cell) -> bool:
    return MEASURES.get(cell.measure).nature is Nature.SIZE


def _autotunes(cell: Cell) -> bool:
    """Whether cuDNN tries its kernels: the memory that it takes for that is not part of a peak of memory."""
    return getattr(cell.scenario, "autotune", False) and not _is_of_memory(cell)


def measured(cell: Cell, clock: Clock, shelf: Path, report: Report) -> Samples:
    """Samples that the cell's measure takes in this process, which is ready for it."""
    item = MEASURES.get(cell.measure)
    subject = Subject(cell, Shelf(shelf), report)
    samples = checked(item.function(subject, clock), item)
    return replace(samples, details={**samples.details, **subject.notes})


def with_conditions(samples: Samples, cell: Cell, kept: bool, **found: Any) -> Samples:
    """The samples, with what is in force in this process among their details.

    Args:
        samples: samples of the cell.
        cell: the cell that was measured.
        kept: result of `get_ready`.
        found: more that can change a time.

    Raises:
        UsageError: a setting is not what the cell says.
    """
    in_force = {**conditions(cell.scenario.device), "malloc_keeps": kept, **found}
    _require_declared(in_force, cell)
    details = with_undone(samples.details, {**BY_IMPORT, **BY_BUILDER})
    return replace(samples, details={**details, "conditions": in_force})


def _require_declared(in_force: Mapping[str, Any], cell: Cell) -> None:
    """Make sure that the process ends as the scenario says: a network's forward may have changed it."""
    where = cell.scenario
    tf32 = where.precision == "tf32"
    declared = {"threads": where.threads, "tf32_matmul": tf32, "tf32_cudnn": tf32}
    if isinstance(where, Cost):
        declared["cudnn_benchmark"] = _autotunes(cell)
    if isinstance(where, Learning):
        declared |= {"deterministic": True, "cudnn_deterministic": True}
    for name, value in declared.items():
        if in_force.get(name, value) != value:
            raise UsageError(
                f"{name} was {in_force[name]} at the end of a cell that says {value}: leave such settings out of"
                f" the forward of '{cell.architecture}'"
            )


def make(job: Make, send: Send) -> Samples:
    """Let the producer of the artifact's kind put it on the shelf."""
    pin_threads(job.threads)
    keep_freed_memory()
    spec = dict(job.artifact.spec)
    device = str(spec.get("device", "cpu"))
    be_deterministic(device)
    prepare(device, str(spec.get("precision", "fp32")))
    _limit(job, device, job.threads, send)
    PRODUCERS.get(job.artifact.kind)(job.artifact, Shelf(job.given.shelf), _reporter(send))
    return Samples((), details=with_undone({}, {**BY_IMPORT, **BY_BUILDER}))


def _limit(job: Measure | Make, device: str, threads: int, send: Send) -> None:
    limit = limit_memory(job.given.memory_limit, device, threads)
    if limit:
        # a process that the limit kills can no longer say from where it grew
        send({"event": "limited", "size": limit.size, "resident": limit.resident})


def _reporter(send: Send) -> Report:
    return lambda progress: send({"event": "progress", **progress})
