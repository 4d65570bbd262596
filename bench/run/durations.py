"""How long planned cells take on their device, as far as that is declared; `bench.run.forecast` learns better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bench.cell import Cell, Cost
from bench.clock import LEAST
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Planned
from bench.declare.nature import Nature

START = 4.0
"""Seconds of a process on a GPU in which nothing is sampled, roughly: context, libraries, model, tuning.

An estimate until this host has measured a cell there; `nox -s overhead` prints it for an empty cell.
"""
FASTER = 30.0
"""Times that a GPU trains faster than the reference machine's 2 cores, roughly: an estimate, too."""
LEAST_TRAINING = 1.0
"""Seconds under which no training gets by that: heads learn on the CPU, and small steps wait for their launch."""


def on_its_device(planned: Planned) -> Planned:
    """The planned cell with the seconds that it takes on its device: suites declare those of 2 cores.

    On an accelerator no clock samples for less than `LEAST`, and a GPU trains faster.
    """
    cell, item = planned.cell, MEASURES.get(planned.cell.measure)
    if isinstance(cell.scenario, Cost):
        timed = item.repeats == "never" and item.provenance == "measured" and item.nature is not Nature.SIZE
        if cell.scenario.device == "cpu" or not timed:
            return planned
        return replace(planned, expected=max(LEAST, planned.expected))
    if not is_on_cuda(cell):
        return planned
    return replace(planned, expected=min(planned.expected, max(LEAST_TRAINING, planned.expected / FASTER)))


def start_of(cell: Cell) -> float:
    """Seconds that its process takes beside what is declared for the cell."""
    return START if is_on_cuda(cell) else 0.0


def wall_seconds(planned: Planned) -> float:
    """Declared wall time of one process of a cell, its start included."""
    return planned.expected + start_of(planned.cell)


def expected_seconds(planned: Iterable[Planned]) -> float:
    """Declared wall time of cells, all their processes, in seconds."""
    return sum(wall_seconds(item) * item.replicates for item in planned)


def is_on_cuda(cell: Cell) -> bool:
    """Whether its scenario is of a GPU."""
    return cell.scenario.device.startswith("cuda")
