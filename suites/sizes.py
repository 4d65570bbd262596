"""At which input sizes costs are planned: those that the accuracies beside them belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from evobench import Cell, Cost, Planned, Setting
from suites.memory import untuned

PARAMETERS, MACS, MEMORY = 0.1, 0.3, 0.2
"""Seconds of a cell, roughly."""
TIMING = (0.3, 0.7)
"""Seconds of a process of the smallest input, and what one of 224 px adds."""


def sizes_of(item: Architecture) -> tuple[int, ...]:
    """Its own input size and those of its published accuracies, in pixels."""
    published = (figure.resolution for figure in item.published if figure.quantity.endswith("_error"))
    return tuple(dict.fromkeys((item.resolution, *(side for side in published if side))))


def with_costs(trainings: Iterable[Planned], setting: Setting) -> Iterator[Planned]:
    """What each network costs at the sizes that it is trained at, then the trainings.

    Conditions that the user lists are those of the trainings: beside them are one latency and one peak of memory,
    of one picture.
    """
    planned = list(trainings)
    places = dict.fromkeys((item.cell.architecture, item.cell.scenario.resolution) for item in planned)
    for name in dict.fromkeys(name for name, _ in places):
        # the same at every size: at its own, where other suites count them, too
        own = Cost(mode="infer", resolution=ARCHITECTURES.get(name).resolution, threads=setting.threads)
        yield Planned(Cell(name, "parameters", own), PARAMETERS, varied=False)
    for name, side in places:
        counted = Cost(mode="infer", resolution=side, threads=setting.threads)
        where = setting.cost("infer", side)
        seconds, processes = TIMING[0] + TIMING[1] * (side / 224) ** 2, 1 if setting.profile == "smoke" else 3
        yield Planned(Cell(name, "macs", counted), MACS, varied=False)
        yield Planned(Cell(name, "latency", where), seconds, processes, varied=False)
        yield Planned(Cell(name, "peak_memory", untuned(where)), MEMORY, varied=False)
    yield from planned
