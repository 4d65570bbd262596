"""The groups that a run has written down: sides of comparisons, points of sweeps, tasks of quadrants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from bench.store.database import Declaration
from reports.tidy.columns import POINTS, QUADRANTS, SIDES

_OF_SIDES = {"blocks", "lecture"}
"""Suites that plan the sides of comparisons, which have a section of their own."""


def sides(comparisons: Iterable[Declaration]) -> Iterator[dict[str, Any]]:
    """One row per side, in the order of the comparisons."""
    for declared in comparisons:
        for side in declared.content["sides"]:
            whole = {"comparison": declared.name, **declared.content, **side}
            yield {name: whole[name] for name in SIDES}


def sides_alone(sides: pd.DataFrame, records: pd.DataFrame) -> frozenset[str]:
    """Architectures that a run measures as sides of comparisons alone; none where it measures nothing else.

    Args:
        sides: one row a side.
        records: one row a planned cell.
    """
    elsewhere = [not set(str(names).split()) <= _OF_SIDES for names in records["suites"]]
    others = set(records.loc[elsewhere, "architecture"])
    return frozenset(sides["architecture"]) - others if others else frozenset()


def points(sweeps: Iterable[Declaration]) -> Iterator[dict[str, Any]]:
    """One row per point, in the order of the sweeps."""
    for declared in sweeps:
        for point in declared.content["points"]:
            whole = {"sweep": declared.name, **declared.content, **point}
            yield {name: whole[name] for name in POINTS}


def quadrants(quadrants: Iterable[Declaration]) -> Iterator[dict[str, Any]]:
    """One row per task, in the order of the quadrants; `advised` names the modes, separated by spaces."""
    for declared in quadrants:
        for task in declared.content["tasks"]:
            whole = {"quadrant": declared.name, **declared.content, **task}
            yield {name: whole[name] for name in QUADRANTS} | {"advised": " ".join(whole["advised"])}
