"""Cells that a run had no time for: it is complete all the same, and says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bench.cell import Cell
from bench.store.outcome import LEFT_OUT
from reports.tidy.frame import Frames

_MOST = 6
"""Architectures that a line names."""


def fills_its_time(frames: Frames) -> bool:
    """Whether the run is complete because its time was over, and not because its whole plan is measured."""
    untried = bool((frames.records["status"] == LEFT_OUT).any())
    return frames.run.state == "complete" and (untried or any(row.open for row in frames.plan))


def left_out(frames: Frames) -> tuple[str, ...]:
    """What has no record for want of time, one phrase per measure, and what was measured in fewer processes."""
    if frames.run.state != "complete":
        return ()
    untried = set(frames.records.loc[frames.records["status"] == LEFT_OUT, "key"])
    cells = [row.cell for row in frames.plan]
    without = [
        f"{measure} of {_cells(count.total())} ({_names(count)})"
        for measure, count in _by_measure([cell for cell in cells if cell.key in untried])
    ]
    return (*without, *_few(frames))


def _by_measure(cells: Sequence[Cell]) -> Iterator[tuple[str, Counter[str]]]:
    """Number of cells of each architecture, by measure."""
    for measure in dict.fromkeys(cell.measure for cell in cells):
        yield measure, Counter(cell.architecture for cell in cells if cell.measure == measure)


def _few(frames: Frames) -> Iterator[str]:
    """Text on the cells that have a figure from fewer processes than were planned."""
    tried = Counter(frames.attempts["key"])
    good = set(frames.records.loc[frames.records["value"].notna(), "key"])
    short = [row.cell for row in frames.plan if row.cell.key in good and tried[row.cell.key] < row.replicates]
    if short:
        count = Counter(cell.measure for cell in short)
        told = ", ".join(f"{measure} {number}" for measure, number in count.items())
        yield f"further processes of {_cells(len(short))} that have a figure ({told})"


def _names(count: Mapping[str, int]) -> str:
    """`vgg16 28, resnet18 12`; of many the first, and how many more."""
    told = [f"{name} {number}" if len(count) > 1 else name for name, number in count.items()]
    more = len(told) - _MOST
    return ", ".join([*told[:_MOST], *([f"and {more} more architectures"] if more > 0 else [])])


def _cells(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"
