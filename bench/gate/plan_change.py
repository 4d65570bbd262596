"""Differences between the plans of head and base: cells no longer watched, and new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.declare.catalog import MEASURES, SUITES
from bench.gate.plans import BasePlan, PlannedCell
from bench.gate.watch import way_of
from bench.run.plan import PlanStep
from bench.words import cells, few


@dataclass(frozen=True)
class PlanChange:
    """Differences between the plans of head and base."""

    dropped: tuple[PlannedCell, ...] = ()
    """Cells that the base watches and the head does not."""
    new: frozenset[str] = frozenset()
    """Keys of what head alone plans."""
    notes: tuple[str, ...] = ()


def plan_change(steps: Iterable[PlanStep], base: BasePlan, tree: Path | None) -> PlanChange:
    """Compare the plans of both sides.

    A suite that came with base's evobench, not from the repository, and that differs from head's changed with that
    evobench: cells that only base plans by it were not dropped by the repository, and are told in a note.

    Args:
        steps: head's plan.
        base: the other.
        tree: base's worktree; None: it has the same files.
    """
    if base.refused:
        why = f"base cannot say what it watches: {base.refused}; what head no longer watches is not told"
        return PlanChange(notes=(why,))
    others = {name for name, file in base.files.items() if _is_of_another_evobench(name, file, tree)}
    here = {step.planned.cell.key for step in steps}
    alone = [item for item in base.cells if item.key not in here and _is_watched(item)]
    dropped = tuple(item for item in alone if not others.issuperset(item.suites))
    return PlanChange(
        dropped,
        frozenset(here - {item.key for item in base.cells}),
        tuple(_notes(base, len(alone) - len(dropped), others)),
    )


def _is_watched(item: PlannedCell) -> bool:
    """Whether a gate compares such a cell, as far as the head can tell."""
    if item.cell is None or item.measure not in MEASURES:
        return item.better != "neither"
    return way_of(MEASURES.get(item.measure), item.cell) is not None


def _is_of_another_evobench(suite: str, file: str, tree: Path | None) -> bool:
    """Whether the base has the suite from outside the repository, and not as the head has it."""
    path, own = Path(file), Path(SUITES.get(suite).place.rpartition(":")[0])
    if path == own or (tree is not None and path.is_relative_to(tree)):
        return False
    return not (path.is_file() and own.is_file() and path.read_bytes() == own.read_bytes())


def _notes(base: BasePlan, elsewhere: int, others: Collection[str]) -> Iterable[str]:
    if base.unknown:
        yield f"base has no suite {few([repr(name) for name in base.unknown])}: all that it plans is new"
    if elsewhere:
        names = few([repr(name) for name in sorted(others)])
        yield f"{cells(elsewhere)} planned by base alone, whose evobench has another suite {names}"
