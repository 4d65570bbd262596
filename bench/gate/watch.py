"""Choice of the cells of a plan that are compared, and how. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bench.cell import BEST, Cell, Cost
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Measure
from bench.declare.nature import Nature
from bench.gate.sides import Description
from bench.run.plan import PlanStep

Way = Literal["steps", "counted", "once", "exact", "trained"]
"""`steps`: single steps in turn; `counted`: the instructions of steps; `once`: a figure of each fresh process;
`exact`: the same figure wherever the code is the same; `trained`: an accuracy, paired image by image."""


@dataclass(frozen=True)
class Watched:
    """A cell that is compared."""

    step: PlanStep
    way: Way

    @property
    def cell(self) -> Cell:
        """The cell itself."""
        return self.step.planned.cell


@dataclass(frozen=True)
class WatchedChoice:
    """Cells of a plan that are run on both sides, and those that are not, with the reasons."""

    watched: tuple[Watched, ...]
    same: tuple[Cell, ...] = ()
    """Cells for which nothing differs that decides their figures."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Cells that base does not have, by their name: why."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Cells whose measure cannot be compared so, by the measure: how many."""
    new: tuple[str, ...] = ()
    """Names of the cells that head alone plans, those that base lacks among them; the others are compared."""


def choose(
    steps: Iterable[PlanStep],
    base: Description,
    head: Description,
    *,
    new: Collection[str] = (),
    everything: bool = False,
    foreign: bool = False,
) -> WatchedChoice:
    """Pick the cells that both sides have and whose figures something may have changed.

    Args:
        steps: the plan, by the declarations of head.
        base: what the base says of the cells.
        head: what the head says of the cells.
        new: keys of the cells that head alone plans.
        everything: pick what is the same on both sides, too.
        foreign: code that evobench does not know file by file differs, which may decide any of them.
    """
    apart = everything or foreign or base.python != head.python or base.versions != head.versions
    watched: list[Watched] = []
    same: list[Cell] = []
    lacking: dict[str, str] = {}
    left_out: dict[str, int] = {}
    added: list[str] = []
    for step in steps:
        cell = step.planned.cell
        way = way_of(MEASURES.get(cell.measure), cell)
        if way is not None and cell.key in new:
            added.append(str(cell))
        if way is None:
            left_out[cell.measure] = left_out.get(cell.measure, 0) + 1
        elif cell.key in base.missing:
            lacking[str(cell)] = base.missing[cell.key]
        elif not apart and base.codes[cell.key] == head.codes.get(cell.key):
            same.append(cell)
        else:
            watched.append(Watched(step, way))
    return WatchedChoice(tuple(watched), tuple(same), lacking, left_out, tuple(added))


def way_of(measure: Measure, cell: Cell) -> Way | None:
    """How a cell is compared; None where its figure is neither better nor worse, or each process measures anew."""
    if measure.better == "neither":
        return None
    if measure.kind == "learning":
        return "trained" if measure.nature is Nature.SHARE and measure.repeats != "never" else None
    if measure.repeats != "never":
        return "exact"
    if isinstance(cell.scenario, Cost) and cell.scenario.batch == BEST:
        return None
    if measure.nature.is_speed:
        return "steps"
    return "once" if measure.nature in (Nature.SIZE, Nature.ENERGY) else None


def counting(choice: WatchedChoice) -> WatchedChoice:
    """The choice with instructions counted wherever steps would be timed and instructions tell of them.

    Not on an accelerator; not of several threads, which run instructions while they wait for each other; not of
    what is compiled, which starts compilers.
    """
    return replace(choice, watched=tuple(replace(item, way=_counted(item)) for item in choice.watched))


def _counted(item: Watched) -> Way:
    where = item.cell.scenario
    alone = where.device == "cpu" and where.threads == 1 and getattr(where, "execution", "eager") == "eager"
    return "counted" if item.way == "steps" and alone else item.way
