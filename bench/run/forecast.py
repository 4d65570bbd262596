"""How long planned cells will take here: by what the store has seen of this host, else as declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Literal, get_args

from bench.cell import Cell, Cost, Record
from bench.declare.artifact import Artifact
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Planned
from bench.declare.nature import Nature
from bench.run.kept import kept_record
from bench.run.plan import Step, expected_seconds, is_on_cuda, start_of, wall_seconds
from bench.store.database import Store, Timing

Basis = Literal["kept", "history", "rate", "declared", "estimate"]
CALLS = 4
"""Passes that even the shortest timing makes: one to warm up, three samples."""

MOST = 4.0
"""Times that one host may be slower or faster than another: beyond, something else used it, and will not again."""
MOST_OF_GPUS = 25.0
"""The same of GPUs: what is declared of their trainings is an estimate, and they differ as much."""


@dataclass(frozen=True)
class Expected:
    """What a cell will take."""

    seconds: float
    """Wall time of all its processes."""
    basis: Basis
    """`kept` figures stand for it, its own `history`, its counts and this host's `rate`, or as `declared`.

    An `estimate` is what is declared for a GPU on which this host has measured nothing of the kind yet.
    """


@dataclass(frozen=True)
class Line:
    """A part of a plan."""

    suite: str
    measure: str
    cells: int
    processes: int
    seconds: float
    """What they will take here, all processes."""
    declared: float
    """What is declared for those that no kept figure stands for."""
    by: Mapping[Basis, int]
    """Cells by what their time is known from."""


class Forecast:
    """Expectations for one host, which improve with the store's history."""

    def __init__(
        self, timings: Iterable[Timing] = (), macs: Mapping[tuple[str, int], float] | None = None
    ) -> None:
        self._macs: dict[str, dict[int, float]] = defaultdict(dict)
        """Multiply-adds of one picture by architecture and side of the input, in pixels."""
        for (name, side), number in (macs or {}).items():
            self._macs[name][side] = number
        seconds, paces, rates, starts = (defaultdict[Any, list[float]](list) for _ in range(4))
        for timing in timings:
            cell = timing.cell
            seconds[cell.key].append(timing.seconds)
            if _samples_by_seconds(cell):
                starts[cell.measure].append(max(0.0, timing.seconds - timing.sampling))
            elif timing.sampling > 0:
                declared = timing.sampling + start_of(cell)
                paces[cell.measure, is_on_cuda(cell)].append(timing.seconds / declared)
            work = self._work(cell)
            if work and timing.median and MEASURES.get(cell.measure).nature is Nature.TIME:
                rates[_way(cell)].append(work / timing.median)
        self._seconds = {key: median(values) for key, values in seconds.items()}
        self._paces = {way: _within(MOST_OF_GPUS if way[1] else MOST, values) for way, values in paces.items()}
        self._rates = {way: median(values) for way, values in rates.items()}
        """Multiply-adds a second, by mode and device."""
        self._starts = {measure: median(values) for measure, values in starts.items()}
        """Seconds that a cell of a GPU takes beside its sampling, by measure."""

    @classmethod
    def by(cls, store: Store, host_key: str) -> Forecast:
        """By all that the store has measured on a host."""
        known = [timing for timing in store.past.timings(host_key) if timing.cell.measure in MEASURES]
        return cls(known, store.past.figures("macs"))

    def expected(self, planned: Planned) -> Expected:
        """What a cell that has to be measured will take."""
        cell, processes = planned.cell, planned.replicates
        if cell.key in self._seconds:
            return Expected(self._seconds[cell.key] * processes, "history")
        pace = self._paces.get((cell.measure, is_on_cuda(cell)))
        if is_on_cuda(cell) and not _samples_by_seconds(cell):
            return Expected(wall_seconds(planned) * (pace or 1.0) * processes, "declared" if pace else "estimate")
        start, basis = self._start(cell)
        declared = planned.sampling * (pace or 1.0)
        work, rate = self._work(cell), self._rates.get(_way(cell))
        if work and rate:
            declared, basis = max(declared, CALLS * work / rate), "rate"
        return Expected((declared + start) * processes, basis)

    def seconds(self, planned: Planned) -> float:
        """Wall seconds that one process of a planned cell will take, without the artifacts that it needs."""
        return self.expected(replace(planned, replicates=1)).seconds

    def making(self, artifact: Artifact, cell: Cell) -> float:
        """Wall seconds that making an artifact will take.

        Args:
            artifact: whose needs are there.
            cell: the first that needs it.
        """
        return 0.0

    def learn(self, record: Record) -> None:
        """Take note of a record that was measured: what is asked afterwards is better known."""

    def _start(self, cell: Cell) -> tuple[float, Basis]:
        """Seconds that the cell's process takes beside its sampling, and whether this host has told them."""
        if not _samples_by_seconds(cell):
            return 0.0, "declared"
        if not self._starts:
            return start_of(cell), "estimate"
        return self._starts.get(cell.measure, median(self._starts.values())), "declared"

    def _work(self, cell: Cell) -> float:
        """Multiply-adds of one pass; 0 where they are not known, or tell nothing of its time."""
        if not isinstance(cell.scenario, Cost) or MEASURES.get(cell.measure).repeats != "never":
            return 0.0
        side, batch = cell.scenario.resolution, max(1, cell.scenario.batch)
        known = self._macs.get(cell.architecture)
        if not known:
            return 0.0
        nearest = min(known, key=lambda other: abs(other - side))
        return known[nearest] * (side / nearest) ** 2 * batch


def lines(
    steps: Sequence[Step], forecast: Forecast, store: Store | None = None, host_key: str = ""
) -> tuple[Line, ...]:
    """A plan by suite and measure; a cell that two suites share counts in the first.

    Args:
        steps: what is to be measured.
        forecast: of this host.
        store: where kept figures may stand for cells; None: all is measured.
        host_key: of this host.
    """
    groups: dict[tuple[str, str], list[tuple[Planned, Expected]]] = {}
    for step in steps:
        planned = step.planned
        kept = store is not None and kept_record(store, planned.cell, host_key) is not None
        expected = Expected(0.0, "kept") if kept else forecast.expected(planned)
        groups.setdefault((step.suites[0], planned.cell.measure), []).append((planned, expected))
    return tuple(
        Line(
            suite,
            measure,
            cells=len(items),
            processes=sum(planned.replicates for planned, _ in items),
            seconds=sum(expected.seconds for _, expected in items),
            declared=expected_seconds(planned for planned, e in items if e.basis != "kept"),
            by={basis: n for basis in _BASES if (n := sum(e.basis == basis for _, e in items))},
        )
        for (suite, measure), items in groups.items()
    )


def total_seconds(parts: Iterable[Line]) -> float:
    """Wall time of parts of a plan."""
    return sum(part.seconds for part in parts)


def pace(parts: Iterable[Line]) -> float:
    """Seconds that a declared second will take here, over all that has to be measured."""
    items = list(parts)
    declared = sum(part.declared for part in items)
    return total_seconds(items) / declared if declared else 1.0


_BASES: tuple[Basis, ...] = get_args(Basis)


def _samples_by_seconds(cell: Cell) -> bool:
    """Whether what is declared of the cell are the seconds that it samples for, its start apart."""
    return is_on_cuda(cell) and isinstance(cell.scenario, Cost)


def _way(cell: Cell) -> tuple[str, str]:
    return (cell.scenario.mode if isinstance(cell.scenario, Cost) else ""), cell.scenario.device


def _within(most: float, ratios: Sequence[float]) -> float:
    return min(most, max(1 / most, median(ratios)))
