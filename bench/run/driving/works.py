"""From the steps of a run to the works of its schedule: artifacts, each once, and processes of cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.cell import Cell, Learning
from bench.declare.artifact import Artifact
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.needs import Needs
from bench.execute.outcome import Outcome
from bench.learning.given.files import made_from_files, reads_files
from bench.learning.scenario import why_unfit
from bench.machine.host import available_cpus
from bench.run.plan import Step, wall_seconds
from bench.run.schedule import Work


@dataclass(frozen=True)
class Making:
    """An artifact that is to be on the shelf."""

    artifact: Artifact
    threads: int
    """Of the first cell that needs it; those that change it are in its spec, and the same."""

    def __str__(self) -> str:
        """As progress shows it: what tells artifacts apart comes first, and a line of a terminal has no room."""
        told = (value if isinstance(value, str) else f"{name}={value}" for name, value in self.artifact.spec)
        return " ".join(filter(None, [self.artifact.kind, *told]))


@dataclass(frozen=True)
class Measuring:
    """One process of a cell."""

    step: Step
    replicate: int

    def __str__(self) -> str:
        return str(self.step.planned.cell)


Item = Making | Measuring


def needs_of(cell: Cell, memory: int = 0) -> Needs:
    """What must be free on a host before a process of the cell begins.

    Args:
        cell: of a declared measure.
        memory: bytes that a job is allowed beyond what its process holds; 0: any.
    """
    where, room = cell.scenario, MEASURES.get(cell.measure).needs
    device = "" if where.device == "cpu" else where.device
    # a timing on a GPU has one thread, which tells the GPU what to do
    one = room == "core" or (room == "host" and device)
    threads = 1 if one else where.threads
    return Needs(room == "host", threads, device, 0 if device else memory, reads_files(cell))


def needs_to_make(artifact: Artifact, cell: Cell, memory: int = 0) -> Needs:
    """What must be free before an artifact is made.

    Args:
        artifact: with the threads and the device that it is made with, where they change it.
        cell: the first that needs it, which says of the threads what the artifact does not.
        memory: as of `needs_of`.
    """
    spec = dict(artifact.spec)
    device = str(spec.get("device", "cpu"))
    # pictures come out of a decoder the same by any number of threads, and all else waits for them
    usual = available_cpus() if artifact.kind == "dataset" else needs_of(cell).threads
    threads = int(spec.get("threads", usual))
    on_cpu = device == "cpu"
    return Needs(False, threads, "" if on_cpu else device, memory if on_cpu else 0, made_from_files(artifact))


def unfit(cell: Cell) -> Outcome | None:
    """The outcome of pictures that other architectures of the run take, but not this one."""
    item, scenario = ARCHITECTURES.get(cell.architecture), cell.scenario
    if isinstance(scenario, Learning):
        reason = why_unfit(item, scenario)
        return Outcome("unsupported", reason) if reason else None
    if scenario.resolution < item.min_resolution:
        return Outcome("unsupported", f"{item.name} takes pictures of {item.min_resolution} px or more")
    return None


def works_of(steps: Iterable[tuple[Step, int]], memory: int = 0) -> dict[str, tuple[Work, Item]]:
    """The works by key, in the order of the plan; an artifact stands before the first cell that needs it.

    What an artifact takes is a part of the seconds of that cell. A cell that does not fit needs nothing: its
    outcome is known.

    Args:
        steps: what is to be measured, with the number of the process.
        memory: bytes that a job is allowed beyond what its process holds; 0: any.
    """
    works: dict[str, tuple[Work, Item]] = {}
    for step, replicate in steps:
        cell = step.planned.cell
        fits = unfit(cell) is None
        artifacts = step.artifacts if fits else ()
        for artifact in artifacts:
            if artifact.key not in works:
                needs = needs_to_make(artifact, cell, memory)
                before = tuple(need.key for need in artifact.needs)
                making = Making(artifact, cell.scenario.threads)
                works[artifact.key] = Work(artifact.key, needs, 0.0, before), making
        needs = needs_of(cell, memory) if fits else Needs()
        early = not isinstance(cell.scenario, Learning)
        key, before = f"{cell.key}/{replicate}", tuple(artifact.key for artifact in artifacts)
        works[key] = Work(key, needs, wall_seconds(step.planned), before, early), Measuring(step, replicate)
    return works
