"""Input sizes at which costs are planned: the sizes that the accuracies beside them belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from evobench import Cell, Cost, Planned, Setting
from suites.memory import untuned

SAMPLING = 0.4
"""Seconds that the clock of a latency may sample for."""


def sizes_of(item: Architecture) -> tuple[int, ...]:
    """The network's own input size and those of its published accuracies, in pixels."""
    published = (figure.resolution for figure in item.published if figure.quantity.endswith("_error"))
    return tuple(dict.fromkeys((item.resolution, *(side for side in published if side))))


def with_costs(trainings: Iterable[Planned], setting: Setting) -> Iterator[Planned]:
    """Costs of each network at the sizes that it is trained at, then the trainings.

    Conditions that the user lists are those of the trainings: beside them are one latency and one peak of memory,
    of one picture.
    """
    planned = list(trainings)
    places = dict.fromkeys((item.cell.architecture, item.cell.scenario.resolution) for item in planned)
    for name in dict.fromkeys(name for name, _ in places):
        # the same at every size: at its own, where other suites count them, too
        own = Cost(mode="infer", resolution=ARCHITECTURES.get(name).resolution, threads=setting.threads)
        yield Planned(Cell(name, "parameters", own), varied=False)
    for name, side in places:
        counted = Cost(mode="infer", resolution=side, threads=setting.threads)
        where = setting.cost("infer", side)
        processes = 1 if setting.profile == "smoke" else 3
        yield Planned(Cell(name, "macs", counted), varied=False)
        yield Planned(Cell(name, "latency", where), SAMPLING, processes, varied=False)
        yield Planned(Cell(name, "peak_memory", untuned(where)), varied=False)
    yield from planned
