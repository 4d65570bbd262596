"""Explanation of the regressions of a gate by profiles of both sides, which are beside the verdicts and never in
them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from bench.cell import Cell
from bench.compare.causes.difference import Cause, Difference
from bench.compare.causes.found import causes_of_count, causes_of_memory, causes_of_time
from bench.compare.causes.rows import ProfileRow, pruned, rows_of, shows, whole
from bench.compare.verdict import Comparison
from bench.errors import EvobenchError
from bench.gate.profiling import NoProfile, Profiled, layers, tensors, times
from bench.gate.steps import Servers
from bench.gate.watch import Watched, Way
from bench.words import cells

EXPLAINED = ("regression", "changed")
DEARER = 5.0
"""Factor by which a profiler may make a difference larger: its own cost goes with the number of operators."""
NOT_SHOWN = "the profile does not show the difference"


@dataclass(frozen=True)
class Explained:
    """The verdicts with what explains them."""

    found: tuple[Comparison, ...]
    differences: Mapping[str, Difference]
    """Profiles of both sides by the key of the cell."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Shown:
    """Difference as a profile shows it."""

    rows: Sequence[ProfileRow]
    unit: str
    causes: Callable[[Sequence[ProfileRow]], tuple[Cause, ...]]
    shown: bool


def explain(
    servers: Servers,
    watched: Sequence[Watched],
    found: Sequence[Comparison],
    is_over: Callable[[], bool],
    say: Callable[[str], None],
) -> Explained:
    """Profile both sides of each cell that has regressed, and name what has changed most.

    Whatever goes wrong is a note: the verdicts are made already.

    Args:
        servers: idle servers of both sides.
        watched: the cells that were compared.
        found: the verdicts.
        is_over: whether there is no more time for profiles.
        say: receives what a person is told meanwhile.
    """
    ways = {item.cell.key: item for item in watched}
    told: list[Comparison] = []
    differences: dict[str, Difference] = {}
    notes: list[str] = []
    late = 0
    for item in found:
        way = ways.get(item.key)
        told.append(item)
        if way is None or way.way not in LOOKS or item.verdict not in EXPLAINED or item.ratio is None:
            continue
        if is_over():
            late += 1
            continue
        say(f"profiling: {item.cell}")
        try:
            difference, causes = _profiled(servers, way, item)
        except Exception as error:  # noqa: BLE001 - the boundary at which an error becomes a note with its reason
            kind = "" if isinstance(error, EvobenchError) else f"{type(error).__name__}: "
            notes.append(f"not profiled: {item.cell}: {kind}{' '.join(str(error).split())}")
            continue
        differences[item.key] = difference
        note = item.note if difference.shown else f"{item.note}; {NOT_SHOWN}"
        told[-1] = replace(item, causes=causes, note=note)
    if late:
        notes.append(
            f"{cells(late)} that became worse {'was' if late == 1 else 'were'} not profiled: the budget is long"
            " over (--budget)"
        )
    return Explained(tuple(told), differences, tuple(notes))


def _profiled(servers: Servers, item: Watched, verdict: Comparison) -> tuple[Difference, tuple[Cause, ...]]:
    profiled, found = LOOKS[item.way](servers, item.cell, verdict)
    total = whole(found.rows)
    difference = Difference(
        unit=found.unit,
        base=median(total.base),
        head=median(total.head),
        steps=profiled.steps,
        pairs=len(profiled.base),
        parts=pruned(found.rows),
        shown=found.shown,
    )
    return difference, found.causes(found.rows) if found.shown else ()


def _time(servers: Servers, cell: Cell, verdict: Comparison) -> tuple[Profiled, _Shown]:
    profiled = times(servers, cell)
    rows = rows_of(profiled.base, profiled.head)
    least, most = (profiled.plain * growth for growth in _growth(verdict))
    return profiled, _Shown(rows, "s", causes_of_time, shows(whole(rows), least, DEARER * most))


def _memory(servers: Servers, cell: Cell, verdict: Comparison) -> tuple[Profiled, _Shown]:
    profiled = tensors(servers, cell)
    rows = rows_of(profiled.base, profiled.head)
    least, most = ((verdict.base or 0.0) * growth for growth in _growth(verdict))
    return profiled, _Shown(rows, "B", causes_of_memory, shows(whole(rows), least, most))


def _count(servers: Servers, cell: Cell, verdict: Comparison) -> tuple[Profiled, _Shown]:
    """The kind of count of its layers that adds up to the figures of both sides."""
    profiled = layers(servers, cell)
    rows = rows_of(profiled.base, profiled.head)
    for kind in dict.fromkeys(row.item for row in rows):
        own = [row for row in rows if row.item == kind]
        total = whole(own)
        if (total.base, total.head) == ((verdict.base,), (verdict.head,)):
            return profiled, _Shown(own, "1", causes_of_count, True)
    raise NoProfile("no count of its layers adds up to the figure")


def _growth(verdict: Comparison) -> tuple[float, float]:
    """Least and greatest share by which the figure became worse, as a time or a size."""
    ends = [end for end in (verdict.low or verdict.ratio, verdict.high or verdict.ratio) if end]
    logs = sorted(abs(math.log(end)) for end in ends)
    return math.expm1(logs[0]), math.expm1(logs[-1])


LOOKS: Mapping[Way, Callable[[Servers, Cell, Comparison], tuple[Profiled, _Shown]]] = {
    "steps": _time,
    "once": _memory,
    "exact": _count,
}
"""Profiler of a cell's difference for each way of comparison; other ways have none."""
