"""Declarations that a run writes down before it begins, so that it stays readable when the code has moved on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import is_dataclass, replace
from itertools import chain
from typing import Any

from bench.cell import Cell, Cost, Learning
from bench.declare.catalog import ARCHITECTURES, COMPARISONS, DATASETS, MEASURES, SUITES, SWEEPS
from bench.declare.groups import Point, Side
from bench.declare.lessons.chapter import CHAPTERS, KIND
from bench.declare.lessons.milestones import MILESTONES
from bench.declare.loading.code import measure_code
from bench.declare.nature import Nature
from bench.run.plan import PlanStep
from bench.run.quadrants import QUADRANTS, Task
from bench.store.database import CellRow, Declaration
from bench.transfer import AS_IS
from bench.validity import written


def declarations(steps: Sequence[PlanStep]) -> list[Declaration]:
    """The declarations that the steps use, in the order of the plan."""
    cells = [step.planned.cell for step in steps]
    used: list[tuple[str, Any]] = [("suite", SUITES.get(name)) for step in steps for name in step.suites]
    used += [("architecture", ARCHITECTURES.get(cell.architecture)) for cell in cells]
    used += [("measure", MEASURES.get(cell.measure)) for cell in cells]
    used += [("dataset", DATASETS.get(name)) for cell in cells for name in _datasets(cell.scenario)]
    unique = {(kind, item.name): Declaration(kind, item.name, _content(kind, item)) for kind, item in used}
    further = (_comparisons(cells), _sweeps(cells), _quadrants(cells), _chapters(cells), _milestones(cells))
    return [*unique.values(), *chain.from_iterable(further)]


def _content(kind: str, item: Any) -> dict[str, Any]:
    """The declaration, of a measure with the code that it is taken by."""
    content: dict[str, Any] = plain(item)
    return {**content, "code": measure_code(item.place)} if kind == "measure" else content


def _comparisons(cells: Iterable[Cell]) -> Iterator[Declaration]:
    """Comparisons of which at least two sides are measured, with these sides."""
    items = list(cells)
    costed = {(cell.architecture, cell.scenario.resolution) for cell in items}
    # what a network learns at is chosen by the scenario, not by the comparison
    trained = {cell.architecture for cell in items if isinstance(cell.scenario, Learning)}
    for item in COMPARISONS:
        sides = [replace(side, **_where(side)) for side in item.sides()]
        present = [
            plain(side)
            for side in sides
            if (side.architecture, side.resolution) in costed or side.architecture in trained
        ]
        if len(present) > 1:
            yield Declaration("comparison", item.name, {**plain(item), "sides": present})


def _sweeps(cells: Iterable[Cell]) -> Iterator[Declaration]:
    """Sweeps of which at least two points are measured, with these points."""
    costed = {
        (cell.architecture, cell.scenario.resolution, cell.scenario.batch)
        for cell in cells
        if isinstance(cell.scenario, Cost) and cell.scenario.mode == "infer"
    }
    for item in SWEEPS:
        points = [replace(point, **_where(point)) for point in item.points()]
        present = [plain(p) for p in points if (p.architecture, p.resolution, p.batch) in costed]
        if len(present) > 1:
            yield Declaration("sweep", item.name, {**plain(item), "points": present})


def _quadrants(cells: Iterable[Cell]) -> Iterator[Declaration]:
    """Quadrants with a task in which at least two ways of transfer are measured, with these tasks."""
    modes: dict[Task, set[str]] = defaultdict(set)
    for cell in cells:
        where = cell.scenario
        if (
            isinstance(where, Learning)
            and MEASURES.get(cell.measure).nature is Nature.SHARE
            and where.mode != AS_IS
        ):
            task = Task(cell.architecture, where.weights, where.target, where.shots)
            modes[replace(task, weights="") if where.mode == "scratch" else task].add(where.mode)
    for item in QUADRANTS:
        tasks = [replace(task, architecture=ARCHITECTURES.get(task.architecture).name) for task in item.tasks()]
        present = [plain(task) for task in tasks if len(modes[task] | modes[replace(task, weights="")]) > 1]
        if present:
            yield Declaration("quadrant", item.name, {**plain(item), "tasks": present})


def _chapters(cells: Iterable[Cell]) -> Iterator[Declaration]:
    """Chapters with a network of which something is measured."""
    measured = {cell.architecture for cell in cells}
    for item in CHAPTERS:
        content = item.to_dict()
        if any(step["side"]["architecture"] in measured for step in content["steps"]):
            yield Declaration(KIND, item.name, content)


def _milestones(cells: Iterable[Cell]) -> Iterator[Declaration]:
    """Milestones whose architectures are all measured."""
    measured = {cell.architecture for cell in cells}
    for item in MILESTONES:
        if measured.issuperset(item.of):
            yield Declaration("milestone", item.name, plain(item))


def _where(side: Side | Point) -> dict[str, Any]:
    """The architecture by its one spelling, and the size of its input."""
    item = ARCHITECTURES.get(side.architecture)
    return {"architecture": item.name, "resolution": side.resolution or item.resolution}


def cell_rows(steps: Iterable[PlanStep]) -> list[CellRow]:
    """The steps as the store keeps them."""
    return [
        CellRow(planned.cell, step.suites, planned.sampling, planned.replicates, planned.due, planned.open)
        for step in steps
        for planned in [step.planned]
    ]


def plain(value: Any) -> Any:
    """Data classes as dictionaries, without what is callable: what remains is JSON."""
    if is_dataclass(value):
        return {name: plain(item) for name, item in written(value).items() if not callable(item)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _datasets(scenario: object) -> list[str]:
    if not isinstance(scenario, Learning):
        return []
    _, _, source = scenario.weights.partition("pretrain:")
    return [name for name in (source, scenario.target) if name]
