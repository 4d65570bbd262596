"""From the steps of a run to the works of its schedule: artifacts, each once, and processes of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bench.cell import Cell, Learning, Record
from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.declarations import Planned
from bench.declare.needs import Needs
from bench.execute.outcome import Outcome
from bench.learning.given.files import made_from_files, reads_files
from bench.learning.scenario import why_unfit
from bench.machine.host import available_cpus
from bench.run.forecast import Forecast
from bench.run.plan import PlanStep
from bench.run.scheduling.work import Work


@dataclass(frozen=True)
class Making:
    """An artifact that is to be on the shelf."""

    artifact: Artifact
    cell: Cell
    """The first that needs it."""

    @property
    def threads(self) -> int:
        """CPU threads of the cell; those that change the artifact are in its spec and are the same."""
        return self.cell.scenario.threads

    def __str__(self) -> str:
        """Name in the progress display: what tells artifacts apart comes first, since a terminal's line is
        short."""
        told = (value if isinstance(value, str) else f"{name}={value}" for name, value in self.artifact.spec)
        return " ".join(filter(None, [self.artifact.kind, *told]))


@dataclass(frozen=True)
class Measuring:
    """Work that measures a cell in one process."""

    step: PlanStep
    replicate: int
    first: Record | None = None
    """Disturbed attempt of a timing that is measured once more; None otherwise."""

    def __str__(self) -> str:
        return str(self.step.planned.cell)


Item = Making | Measuring


def needs_of(cell: Cell, memory: int = 0) -> Needs:
    """Resources that must be free on a host before a process of the cell begins.

    Args:
        cell: a cell of a declared measure.
        memory: bytes that a job is allowed beyond what its process holds; 0: any.
    """
    where, room = cell.scenario, MEASURES.get(cell.measure).needs
    device = "" if where.device == "cpu" else where.device
    # a timing on a GPU has one thread, which tells the GPU what to do
    one = room == "core" or (room == "host" and device)
    threads = 1 if one else where.threads
    return Needs(room == "host", threads, device, 0 if device else memory, reads_files(cell))


def needs_to_make(artifact: Artifact, cell: Cell, memory: int = 0) -> Needs:
    """Resources that must be free before an artifact is made.

    Args:
        artifact: the artifact, with the threads and the device that it is made with, where they change it.
        cell: the first that needs it, which says of the threads what the artifact does not.
        memory: limit of memory, as in `needs_of`.
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


class Works:
    """The works of a run by key, in the order of the plan; further ones are added while it goes on.

    An artifact stands once, before the first cell that needs it. A cell that does not fit needs nothing: its
    outcome is known.
    """

    def __init__(self, forecast: Forecast, memory: int = 0, shelf: Shelf | None = None) -> None:
        """There are none yet.

        Args:
            forecast: says how long each takes.
            memory: bytes that a job is allowed beyond what its process holds; 0: any.
            shelf: shelf on which artifacts may lie already; None: there is no shelf.
        """
        self._forecast = forecast
        self._shelf = shelf
        self._memory = memory
        self._artifacts: dict[Cell, tuple[Artifact, ...]] = {}
        """Artifacts of cells that might be planned, kept because finding them takes as long as a training step."""
        self._arms: set[Cell] = set()
        """Cells of the trainings that were planned or already have their record."""
        self._batches = 0
        self.items: dict[str, Item] = {}

    def begun(self, cell: Cell) -> None:
        """A cell has its record: of trainings of its arm all others are further ones."""
        self._arms.add(cell.arm)

    def add(self, steps: Iterable[tuple[PlanStep, int]]) -> list[Work]:
        """The works of further processes (step and number), with the artifacts that are not among them yet."""
        found = [work for step, number in steps for work in self._of(Measuring(step, number))]
        self._batches += 1
        return found

    def again(self, item: Measuring) -> Work:
        """The work of measuring a disturbed timing once more; `item` has its first attempt."""
        key = f"{_key(item)}/again"
        self.items[key] = item
        needs = needs_of(item.step.planned.cell, self._memory)
        return Work(key, needs, self.seconds(key), due="again", number=item.replicate)

    def seconds(self, key: str) -> float:
        """Expected seconds of a work, as far as is known now."""
        match self.items[key]:
            case Making() as making:
                lies = self._shelf is not None and self._shelf.path(making.artifact).exists()
                return 0.0 if lies else self._forecast.making(making.artifact, making.cell)
            case Measuring() as item:
                planned = item.step.planned
                return self._forecast.seconds(planned) if unfit(planned.cell) is None else 0.0

    def whole(self, planned: Planned) -> float:
        """Seconds that a planned cell is expected to take, with the artifacts that nobody has asked for yet."""
        if planned.cell not in self._artifacts:
            self._artifacts[planned.cell] = PlanStep(planned, ()).artifacts
        missing = [artifact for artifact in self._artifacts[planned.cell] if artifact.key not in self.items]
        making = sum(self._forecast.making(artifact, planned.cell) for artifact in missing)
        return self._forecast.seconds(planned) + making

    def _of(self, item: Measuring) -> Iterator[Work]:
        planned = item.step.planned
        cell, fits = planned.cell, unfit(planned.cell) is None
        artifacts = item.step.artifacts if fits else ()
        for artifact in artifacts:
            if artifact.key not in self.items:
                self.items[artifact.key] = Making(artifact, cell)
                before = tuple(need.key for need in artifact.needs)
                needs = needs_to_make(artifact, cell, self._memory)
                yield Work(artifact.key, needs, self.seconds(artifact.key), before, further=True)
        key, arm = _key(item), cell.arm
        self.items[key] = item
        further = planned.open and arm in self._arms
        self._arms.add(arm)
        yield Work(
            key,
            needs_of(cell, self._memory) if fits else Needs(),
            self.seconds(key),
            tuple(artifact.key for artifact in artifacts),
            early=not isinstance(cell.scenario, Learning),
            due=planned.due,
            number=item.replicate,
            further=further,
            batch=self._batches,
        )


def _key(item: Measuring) -> str:
    return f"{item.step.planned.cell.key}/{item.replicate}"
