"""Counts and trainings, measured once on each side and not timed: as many at once as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from bench.cell import Cell
from bench.declare.artifact import in_order
from bench.declare.catalog import MEASURES
from bench.errors import EvobenchError, NotComparable
from bench.execute.executor import Ended, Executor, Handle
from bench.execute.jobs import Job, Measure
from bench.execute.local.executor import Lanes
from bench.execute.outcome import Outcome
from bench.execute.underway import Underway
from bench.gate.steps import Role, Servers
from bench.machine.host import available_cpus

Both = tuple[Outcome, Outcome]
"""Outcomes of base and head."""
SIDES: tuple[Role, Role] = ("base", "head")


class OnSides(Lanes):
    """Lanes of the servers of base and head, which stand for hosts; the servers go on when it is closed."""

    def __init__(self, servers: Servers, lanes: int) -> None:
        """Nothing is begun yet.

        Args:
            servers: stand.
            lanes: jobs that may run at once on each side.
        """
        self._sides = servers
        super().__init__({role: servers.of(role).engine for role in SIDES}, lanes)

    def begin(self, job: Job, host: str) -> Handle:
        """Begin the job, with the side's own files and artifacts.

        Raises:
            NotComparable: the side does not start.
        """
        side = self._sides.of("base" if host == "base" else "head")
        assert isinstance(job, Measure)
        try:
            return super().begin(side.own(job), host)
        except EvobenchError as error:
            raise NotComparable(f"{side.side.name}: {error}") from error


@dataclass(frozen=True)
class _Half:
    """One side of a cell."""

    cell: Cell
    role: Role

    @property
    def needs(self) -> frozenset[str]:
        """Keys of what is made for it, as head declares it; base may need something else."""
        return frozenset(item.key for item in in_order(MEASURES.get(self.cell.measure).artifacts(self.cell)))


class AtOnce:
    """Measures cells on both sides. Which run beside each other changes no figure of them."""

    def __init__(
        self, executor: Executor, lanes: int, limit: float, keep: Callable[[Role, Cell, Outcome], None]
    ) -> None:
        """Nothing is begun yet.

        Args:
            executor: executor with the hosts `base` and `head`.
            lanes: jobs that may run at once, of both sides together.
            limit: wall seconds that a job may take.
            keep: receives what became of each side's process, as soon as it is known.
        """
        self._executor = executor
        self._underway = Underway(executor)
        self._lanes, self._limit, self._keep = lanes, limit, keep
        self._cores = available_cpus()
        self._at_work: dict[Handle, _Half] = {}
        self._crowded: set[Handle] = set()
        """Jobs that have not been alone throughout."""
        self._made: set[tuple[Role, str]] = set()
        """Artifacts that a side has on its shelf, unless making them has failed."""

    def both(self, cells: Sequence[Cell], goes_on: Callable[[], bool]) -> Iterator[tuple[Cell, Both]]:
        """Outcome of each cell as soon as both sides are known; either both sides of a cell are begun, or neither.

        A side that finds too little memory beside others gets all of it once those have ended.

        Args:
            cells: cells in the order in which they are begun.
            goes_on: whether there is time for a further cell.
        """
        waiting = [_Half(cell, role) for cell in cells for role in SIDES]
        again: list[_Half] = []
        done: dict[tuple[str, Role], Outcome] = {}
        with closing(self._executor):
            while waiting or again or self._at_work:
                if waiting and waiting[0].role == "base" and not goes_on():
                    waiting.clear()
                self._begin(waiting, again)
                event = self._underway.next()
                if not isinstance(event, Ended):
                    continue
                half = self._at_work.pop(event.handle)
                if event.outcome.status == "oom" and event.handle in self._crowded:
                    again.append(half)
                    continue
                self._made |= {(half.role, key) for key in half.needs}
                self._keep(half.role, half.cell, event.outcome)
                done[half.cell.key, half.role] = event.outcome
                if all((half.cell.key, role) in done for role in SIDES):
                    yield half.cell, (done[half.cell.key, "base"], done[half.cell.key, "head"])

    def _begin(self, waiting: list[_Half], again: list[_Half]) -> None:
        """Begin what may begin, in order; what is to be alone comes when all else is done."""
        while waiting and self._may_begin(waiting[0]):
            self._start(waiting.pop(0))
        if again and not waiting and not self._at_work:
            self._start(again.pop(0))

    def _start(self, half: _Half) -> None:
        job = Measure(half.cell, 1.0, makes=True)
        self._at_work[self._underway.begin(job, half.role, self._limit)] = half
        if len(self._at_work) > 1:
            self._crowded |= set(self._at_work)

    def _may_begin(self, half: _Half) -> bool:
        if not self._at_work:
            return True
        beside = list(self._at_work.values())
        threads = sum(other.cell.scenario.threads for other in [*beside, half])
        on_gpu = any(other.cell.scenario.device != "cpu" for other in [*beside, half])
        if on_gpu or threads > self._cores or len(beside) >= self._lanes:
            return False
        # what two of them need is made by the first, not by both
        making = {key for other in beside if other.role == half.role for key in other.needs}
        return not {key for key in making & half.needs if (half.role, key) not in self._made}
