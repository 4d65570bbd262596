"""What a worker does to measure a cell or to make an artifact: with all that it imports, a part of every figure.

A change of this module, or of one that it imports, makes kept figures stale (`bench.declare.code`). What only
fetches, audits or looks for advice is in the worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.cell import Cell, Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Artifact, Shelf
from bench.declare.catalog import MEASURES
from bench.declare.declarations import checked
from bench.execute.frames import Frame
from bench.machine.device import prepare
from bench.machine.disturbance import between
from bench.machine.memory_limit import lift_memory_limit, limit_memory
from bench.machine.process import conditions, keep_freed_memory, pin_threads
from bench.machine.readings import read
from bench.network.subject import Subject

Send = Callable[[Frame], None]


def measure(job: Frame, send: Send) -> Samples:
    """Let the cell's measure take its samples, with the conditions that they were taken under."""
    cell = Cell.from_dict(job["cell"])
    clock = Clock(job["allowance"], cell.scenario.device)
    item = MEASURES.get(cell.measure)
    pin_threads(cell.scenario.threads)
    # a peak of memory must not hold what malloc merely keeps
    kept = item.unit != "B" and keep_freed_memory()
    device, threads = cell.scenario.device, cell.scenario.threads
    prepare(device, getattr(cell.scenario, "precision", "fp32"))
    before = read(clock.now(), device)
    _limit(job, device, threads, send)
    samples = checked(item.function(Subject(cell, Shelf(Path(job["shelf"])), _reporter(send)), clock), item)
    lift_memory_limit()
    found = between(before, read(clock.now(), device))
    in_force = {**conditions(device), "malloc_keeps": kept, "disturbance": found.to_dict()}
    return replace(samples, details={**samples.details, "conditions": in_force})


def make(job: Frame, send: Send) -> Samples:
    """Let the producer of the artifact's kind put it on the shelf."""
    pin_threads(job["threads"])
    keep_freed_memory()
    artifact = Artifact.from_dict(job["artifact"])
    spec = dict(artifact.spec)
    device = str(spec.get("device", "cpu"))
    prepare(device, str(spec.get("precision", "fp32")))
    _limit(job, device, job["threads"], send)
    PRODUCERS.get(artifact.kind)(artifact, Shelf(Path(job["shelf"])), _reporter(send))
    return Samples(())


def _limit(job: Frame, device: str, threads: int, send: Send) -> None:
    limit = limit_memory(job.get("memory_limit"), device, threads)
    if limit:
        # a process that the limit kills can no longer say from where it grew
        send({"event": "limited", "size": limit.size, "resident": limit.resident})


def _reporter(send: Send) -> Callable[[dict[str, Any]], None]:
    return lambda progress: send({"event": "progress", **progress})
