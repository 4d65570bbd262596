"""How long planned cells will take here: by what the store has seen of this host, else as declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bench.cell import Cell, Cost
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Planned
from bench.declare.nature import Nature
from bench.run.kept import kept_record
from bench.run.plan import Step
from bench.store.database import Store, Timing

Basis = Literal["kept", "history", "rate", "declared"]
CALLS = 4
"""Passes that even the shortest timing makes: one to warm up, three samples."""

MOST = 4.0
"""Times that one host may be slower or faster than another: beyond, something else used it, and will not again."""


@dataclass(frozen=True)
class Expected:
    """What a cell will take."""

    seconds: float
    """Wall time of all its processes."""
    basis: Basis
    """`kept` figures stand for it, its own `history`, its counts and this host's `rate`, or as `declared`."""


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
        seconds, paces, rates = defaultdict(list), defaultdict(list), defaultdict(list)
        for timing in timings:
            seconds[timing.cell.key].append(timing.seconds)
            if timing.expected > 0:
                paces[timing.cell.measure].append(timing.seconds / timing.expected)
            work = self._work(timing.cell)
            if work and timing.median and MEASURES.get(timing.cell.measure).nature is Nature.TIME:
                rates[_mode(timing.cell)].append(work / timing.median)
        self._seconds = {key: median(values) for key, values in seconds.items()}
        self._paces = {measure: min(MOST, max(1 / MOST, median(values))) for measure, values in paces.items()}
        self._rates = {mode: median(values) for mode, values in rates.items()}
        """Multiply-adds a second, by mode."""

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
        declared = planned.expected * self._paces.get(cell.measure, 1.0)
        work, rate = self._work(cell), self._rates.get(_mode(cell))
        if work and rate:
            return Expected(max(declared, CALLS * work / rate) * processes, "rate")
        return Expected(declared * processes, "declared")

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
            declared=sum(p.expected * p.replicates for p, expected in items if expected.basis != "kept"),
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


_BASES: tuple[Basis, ...] = ("kept", "history", "rate", "declared")


def _mode(cell: Cell) -> str:
    return cell.scenario.mode if isinstance(cell.scenario, Cost) else ""
