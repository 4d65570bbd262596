"""How near a schedule comes to the ideal, by durations that were recorded or are expected. Nothing runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.cell import Learning
from bench.declare.needs import Needs
from bench.execute.executor import HERE, Host
from bench.run.driving.works import Item, Making, Measuring
from bench.run.driving.works import Works as Planning
from bench.run.forecast import Forecast
from bench.run.plan import PlanStep
from bench.run.runs import Wish, stored_steps
from bench.run.schedule import Schedule, Work
from bench.store.database import Store

MEMORY = 1 << 40
"""Bytes of a simulated host: more than any plan needs."""
Works = Mapping[str, tuple[Work, Item]]


@dataclass(frozen=True)
class Simulated:
    """What a plan would take."""

    works: int
    seconds: float
    """Wall time, by the schedule."""
    ideal: float
    """Wall time that no schedule could be under."""

    @property
    def share(self) -> float:
        """Of the ideal; 1 where nothing could be faster."""
        return self.ideal / self.seconds if self.seconds else 1.0


def simulate(works: Sequence[Work], cores: int, gpus: int = 0) -> Simulated:
    """Schedule the works on one host with a lane a core.

    Args:
        works: needs before dependents.
        cores: of the host.
        gpus: of the host.
    """
    host = Host(HERE, cores, MEMORY, tuple(f"cuda:{i}" for i in range(gpus)))
    seconds = Schedule(works, [host], lanes=cores).simulated()
    return Simulated(len(works), seconds, ideal(works, cores, gpus))


def ideal(works: Iterable[Work], cores: int, gpus: int = 0) -> float:
    """Seconds that the works take at the least.

    While a timing runs nothing else does. Beside the timings, neither cores nor GPUs nor a chain of works, each of
    which waits for the one before, end sooner than in their own time.
    """
    found = list(works)
    timings = math.fsum(work.seconds for work in found if work.needs.alone)
    others = [work for work in found if not work.needs.alone]
    on_cores = math.fsum(work.seconds * min(work.needs.threads, cores) for work in others) / cores
    on_gpus = math.fsum(work.seconds for work in others if work.needs.device) / max(1, gpus)
    return timings + max(on_cores, on_gpus, _longest_chain(found))


def _longest_chain(works: Iterable[Work]) -> float:
    """Seconds of what waits for each other, timings left out."""
    ends: dict[str, float] = {}
    for work in works:
        before = max((ends[key] for key in work.after), default=0.0)
        ends[work.key] = before + (0.0 if work.needs.alone else work.seconds)
    return max(ends.values(), default=0.0)


def planned(works: Works) -> list[Work]:
    """The works themselves, in the order of the plan."""
    return [work for work, _ in works.values()]


def learned(works: Works) -> Works:
    """Those of learning, with the artifacts that they wait for."""
    wanted = {
        key
        for key, (_, item) in works.items()
        if isinstance(item, Measuring) and isinstance(item.step.planned.cell.scenario, Learning)
    }
    for key in reversed(list(works)):
        if key in wanted:
            wanted.update(works[key][0].after)
    return {key: work for key, work in works.items() if key in wanted}


def on_gpus(works: Works) -> Works:
    """The works as if each of learning needed a GPU, and a core beside it."""
    needs = Needs(device="cuda")
    return {**works, **{key: (replace(work, needs=needs), item) for key, (work, item) in learned(works).items()}}


def recorded(path: Path) -> Works:
    """The newest complete run of a store, with the seconds that its processes and artifacts took."""
    with Store.open(path) as store:
        run = next(run for run in reversed(store.runs()) if run.state == "complete")
        cells = {(row.cell_key, row.replicate): row.seconds for row in store.records(run.id)}
        artifacts = {row.description: row.seconds for row in store.artifacts(run.id)}
        steps = stored_steps(store, run)
    return {
        key: (replace(work, seconds=_took(item, cells, artifacts)), item)
        for key, (work, item) in works_of(_processes(steps), Forecast()).items()
    }


def _took(item: Item, cells: Mapping[tuple[str, int], float], artifacts: Mapping[str, float]) -> float:
    if isinstance(item, Making):
        return artifacts.get(str(item.artifact), 0.0)
    return cells.get((item.step.planned.cell.key, item.replicate), 0.0)


def foreseen(wish: Wish, forecast: Forecast) -> Works:
    """The plan of a wish with the seconds that are expected."""
    return works_of(_processes(wish.steps()), forecast)


def _processes(steps: Iterable[PlanStep]) -> list[tuple[PlanStep, int]]:
    return [(step, replicate) for step in steps for replicate in range(step.planned.replicates)]


def works_of(processes: Iterable[tuple[PlanStep, int]], forecast: Forecast | None = None) -> Works:
    """The works of processes, and what each of them is, with the seconds that are expected."""
    planning = Planning(forecast or Forecast())
    return {work.key: (work, planning.items[work.key]) for work in planning.add(processes)}
