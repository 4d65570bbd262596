"""Forecast of how long planned cells will take here: from what this host has taken, else from their work and its
rates."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from statistics import median
from typing import Literal, get_args

from bench.cell import BEST, Cell, Cost, Learning, Record
from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Planned
from bench.declare.nature import Nature
from bench.machine.rates import RATES, Rates
from bench.run.kept import kept_record
from bench.run.model.networks import COUNTS, Networks
from bench.run.model.passes import Passes
from bench.run.model.seconds import Model, is_clocked
from bench.run.plan import PlanStep
from bench.store.database import Store, Timing
from bench.transfer import AS_IS, transfer_of

Basis = Literal["kept", "history", "other seeds", "network", "measure", "rates", "estimate"]
_NEWEST = 9
"""Attempts whose median counts: older ones tell of another state of the host."""


@dataclass(frozen=True)
class Expected:
    """Expected duration of a cell."""

    seconds: float
    """Wall time of all its processes."""
    basis: Basis
    """Source of the expectation, the best first: `kept` figures stand for the cell; its own `history`; the history
    of the same training with `other seeds`; this host's pace with the measure on the same `network`; its pace with
    the `measure`; declared work"""


@dataclass(frozen=True)
class ForecastLine:
    """A part of a plan."""

    suite: str
    measure: str
    cells: int
    processes: int
    seconds: float
    """Expected seconds here of all processes, with the artifacts that they need."""
    by: Mapping[Basis, int]
    """Cells by what their time is known from."""


@dataclass(frozen=True)
class _Seen:
    """An attempt at a cell."""

    planned: Planned
    """The planned cell as far as it is known: the cell, and the seconds that it was allowed to sample for."""
    seconds: float


_Key = tuple[str, ...]


class Forecast:
    """Expectations for one host, which improve with the store's history, and with each record of a run."""

    def __init__(self, timings: Iterable[Timing] = (), model: Model | None = None, measured: bool = False) -> None:
        """Take what is known when a run begins.

        Args:
            timings: times of attempts on this host, the oldest first.
            model: rates of this host; None: nothing is known of the host.
            measured: whether its rates were measured here.
        """
        self.model = model or Model()
        self._measured = measured
        self._seen: dict[_Key, deque[_Seen]] = defaultdict(lambda: deque(maxlen=_NEWEST))
        self._sampling: dict[str, float] = {}
        """Seconds that the cells that were asked about may sample for, by key."""
        self._ratios: dict[_Key, float] = {}
        """Cache of ratios of taken to modelled seconds; emptied whenever something is learned."""
        self._making: dict[_Key, deque[float]] = defaultdict(lambda: deque(maxlen=_NEWEST))
        """Times as long as the model says that making artifacts has taken, by kind and by kind and network."""
        for timing in timings:
            self._note(Planned(timing.cell, timing.sampling), timing.seconds, timing.median)

    @classmethod
    def by(cls, store: Store, host_key: str) -> Forecast:
        """Forecast from everything that the store has measured on a host, including the host's rates."""
        known = [timing for timing in store.past.timings(host_key) if timing.cell.measure in MEASURES]
        networks = Networks.of({name: store.past.figures(name) for name in COUNTS}, store.past.modules().items())
        hosts = (run.hosts.get(host_key, {}) for run in reversed(store.runs()))
        rates = next((host[RATES] for host in hosts if host.get(RATES)), None)
        model = Model(Rates.from_dict(rates), networks) if rates else Model(networks=networks)
        return cls(reversed(known), model, measured=rates is not None)

    def expected(self, planned: Planned) -> Expected:
        """Expected duration of a cell that has to be measured, without the artifacts that it needs."""
        cell = planned.cell
        self._sampling[cell.key] = planned.sampling
        for basis, key in _keys(cell):
            if key not in self._seen:
                continue
            if basis in ("history", "other seeds"):
                return Expected(self._again(planned, key) * planned.replicates, basis)
            return Expected(self._ratio(key) * self.model.seconds(planned) * planned.replicates, basis)
        return Expected(self.model.seconds(planned) * planned.replicates, self._basis(cell))

    def seconds(self, planned: Planned) -> float:
        """Wall seconds that one process of a planned cell will take, without the artifacts that it needs."""
        return self.expected(replace(planned, replicates=1)).seconds

    def making(self, artifact: Artifact, cell: Cell) -> float:
        """Wall seconds that making an artifact will take.

        Args:
            artifact: an artifact whose own needs are made.
            cell: the first that needs it.
        """
        seconds = self.model.making(artifact, cell)
        known = next((self._making[key] for key in _keys_of_making(artifact, cell) if key in self._making), ())
        return seconds * (median(known) if known else 1.0)

    def made(self, artifact: Artifact, cell: Cell, seconds: float) -> None:
        """Take note of what making an artifact has taken on this host; the arguments are as of `making`."""
        expected = self.model.making(artifact, cell)
        for key in _keys_of_making(artifact, cell) if expected else ():
            self._making[key].append(seconds / expected)

    def learn(self, record: Record) -> None:
        """Take note of a record of this host: what is asked afterwards is better known.

        A figure that was taken over tells of the work, and of nothing that it took.
        """
        if record.status != "ok":
            return
        cell, where = record.cell, record.cell.scenario
        figure = median(record.values) if record.values else None
        if isinstance(where, Learning):
            self.model.pictures.note(where.target, where.shots, record.details)
        elif figure:
            self.model.networks.note(cell.measure, cell.architecture, where.resolution, figure)
            if layers := record.details.get("layers"):
                self.model.networks.note_operators(cell.architecture, len(layers))
        if not record.reused_from:
            # one that nobody has asked about was sampled for as long as others of its kind
            self._note(Planned(cell, self._sampling.get(cell.key, 0.0)), record.seconds, figure)

    def _note(self, planned: Planned, seconds: float, figure: float | None) -> None:
        cell = planned.cell
        if figure:
            _note_pass(self.model.passes, cell, figure)
        for _, key in _keys(cell):
            self._seen[key].append(_Seen(planned, seconds))
        self._ratios.clear()

    def _again(self, planned: Planned, key: _Key) -> float:
        """Median of what the same has taken, had it sampled for as long as it may now."""
        return median(max(0.0, seen.seconds + self._longer(planned, seen.planned)) for seen in self._seen[key])

    def _longer(self, planned: Planned, before: Planned) -> float:
        if not is_clocked(MEASURES.get(planned.cell.measure)) or planned.sampling == before.sampling:
            return 0.0
        return self.model.seconds(planned) - self.model.seconds(before)

    def _ratio(self, key: _Key) -> float:
        """Times as long as the model says that attempts have taken."""
        if key not in self._ratios:
            self._ratios[key] = median(seen.seconds / self.model.seconds(seen.planned) for seen in self._seen[key])
        return self._ratios[key]

    def _basis(self, cell: Cell) -> Basis:
        on_gpu = cell.scenario.device != "cpu"
        return "rates" if self._measured and (self.model.rates.gpu or not on_gpu) else "estimate"


@dataclass(frozen=True)
class _Parts:
    """Parts from which the lines of a plan are made."""

    forecast: Forecast
    store: Store | None
    """Store whose kept figures may stand for cells; None: everything is measured."""
    host_key: str
    shelf: Shelf | None
    """Shelf on which artifacts may lie already; None: there is none."""

    @cached_property
    def _made(self) -> set[str]:
        """Keys of the artifacts that a step before is told with."""
        return set()

    def expected(self, step: PlanStep) -> Expected:
        """Expected seconds of a step, including the artifacts that it is the first to need."""
        cell = step.planned.cell
        if self.store is not None and kept_record(self.store, cell, self.host_key) is not None:
            return Expected(0.0, "kept")
        missing = [item for item in step.artifacts if item.key not in self._made and not self._lies(item)]
        self._made.update(item.key for item in missing)
        found = self.forecast.expected(step.planned)
        return replace(found, seconds=found.seconds + sum(self.forecast.making(item, cell) for item in missing))

    def _lies(self, artifact: Artifact) -> bool:
        return self.shelf is not None and self.shelf.holds(artifact)


def lines(
    steps: Sequence[PlanStep],
    forecast: Forecast,
    store: Store | None = None,
    host_key: str = "",
    shelf: Shelf | None = None,
) -> tuple[ForecastLine, ...]:
    """A plan by suite and measure; a cell that two suites share counts in the first.

    Args:
        steps: steps that are to be measured.
        forecast: forecast for this host.
        store: store whose kept figures may stand for cells; None: all cells are measured.
        host_key: host key of this host.
        shelf: shelf on which artifacts may lie already; None: all are made.
    """
    parts = _Parts(forecast, store, host_key, shelf)
    groups: dict[tuple[str, str], list[tuple[Planned, Expected]]] = {}
    for step in steps:
        planned = step.planned
        groups.setdefault((step.suites[0], planned.cell.measure), []).append((planned, parts.expected(step)))
    return tuple(
        ForecastLine(
            suite,
            measure,
            cells=len(items),
            processes=sum(planned.replicates for planned, _ in items),
            seconds=sum(expected.seconds for _, expected in items),
            by={basis: n for basis in get_args(Basis) if (n := sum(e.basis == basis for _, e in items))},
        )
        for (suite, measure), items in groups.items()
    )


def total_seconds(parts: Iterable[ForecastLine]) -> float:
    """Wall time of parts of a plan."""
    return sum(part.seconds for part in parts)


@lru_cache(maxsize=1 << 14)
def _keys(cell: Cell) -> tuple[tuple[Basis, _Key], ...]:
    """Keys of the ratios that an attempt at the cell contributes to, the nearest first."""
    where = cell.scenario
    way = (cell.measure, where.device, str(where.threads), _way(cell))
    found: list[tuple[Basis, _Key]] = [("history", ("cell", cell.key))]
    if isinstance(where, Learning):
        found.append(("other seeds", ("arm", cell.arm.key)))
    return (*found, ("network", (*way, cell.architecture)), ("measure", way))


def _keys_of_making(artifact: Artifact, cell: Cell) -> tuple[_Key, ...]:
    """Keys of the ratios that making an artifact contributes to, the nearest first."""
    way = (artifact.kind, cell.scenario.device)
    return (*way, cell.architecture), way


def _way(cell: Cell) -> str:
    """Kind of passes that a cell makes."""
    where = cell.scenario
    if isinstance(where, Cost):
        return f"{where.mode} {where.execution}"
    if where.mode == AS_IS:
        return where.mode
    transfer = transfer_of(where.mode)
    return f"{transfer.kind} {transfer.head}"


def _note_pass(passes: Passes, cell: Cell, figure: float) -> None:
    """Have the model know how long a pass takes, where the figure of a cell tells it."""
    where, nature = cell.scenario, MEASURES.get(cell.measure).nature
    if not isinstance(where, Cost) or where.execution != "eager" or where.batch == BEST:
        return
    if nature is Nature.TIME:
        passes.note(cell.architecture, where, figure)
    elif nature is Nature.RATE:
        passes.note(cell.architecture, where, where.batch / figure)
