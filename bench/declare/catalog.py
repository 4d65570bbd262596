"""Declarations: decorators that register a function and return it unchanged. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from bench.cell import Cell, Learning
from bench.data.images import nothing_to_fetch
from bench.declare.artifact import Artifact
from bench.declare.beyond.datasets import Datasets
from bench.declare.beyond.variants import SOURCES, Architectures
from bench.declare.claims import Check, KindOfCheck
from bench.declare.declarations import (
    COST_AXES,
    Architecture,
    CostAxis,
    Dataset,
    Measure,
    Planned,
    Pretrained,
    Published,
    Source,
    Suite,
)
from bench.declare.formulas import FORMULAS
from bench.declare.groups import DeclaredComparison, Point, Side, Sweep, asked, distinct
from bench.declare.loading.discovery import load_catalogs as load_catalogs
from bench.declare.loading.process_settings import contained
from bench.declare.nature import OF_CLOCK, Detail, Nature, said_nature
from bench.declare.needs import Room, room_of
from bench.declare.places import short_place
from bench.declare.registry import Registry, one_line, place_of, several

F = TypeVar("F", bound=Callable[..., Any])
ARCHITECTURES = Architectures()
MEASURES: Registry[Measure] = Registry("measure")
DATASETS = Datasets()
SUITES: Registry[Suite] = Registry("suite")
COMPARISONS: Registry[DeclaredComparison] = Registry("comparison")
SWEEPS: Registry[Sweep] = Registry("sweep")
CHECKS: Registry[Check] = Registry("check")


def declared_places() -> list[str]:
    """Places (`file:line`) of all declarations that figures depend on."""
    return [item.place for registry in (ARCHITECTURES, MEASURES, DATASETS, FORMULAS) for item in registry]


def architecture(
    *,
    family: str,
    year: int | None = None,
    venue_year: int | None = None,
    paper: str,
    resolution: int = 224,
    min_resolution: int = 32,
    channels: int = 3,
    published: Iterable[Published] = (),
    lecture: bool = False,
    order: int | None = None,
    tags: Iterable[str] = (),
    reduced_of: str = "",
    head: str = "",
    upper: Iterable[str] = (),
    auxiliary: Iterable[str] = (),
    scores: str = "",
    pretrained: Iterable[Pretrained] = (),
) -> Callable[[F], F]:
    """Declare a model builder `(num_classes: int) -> nn.Module` under its function's name."""

    def declare(build: F) -> F:
        item = Architecture(
            name=build.__name__,
            build=contained(build, f"the builder of '{build.__name__}' ({short_place(place_of(build))})"),
            family=family,
            year=year,
            venue_year=venue_year,
            paper=paper,
            idea=one_line(build),
            resolution=resolution,
            min_resolution=min_resolution,
            channels=channels,
            published=several(published),
            lecture=lecture,
            order=order,
            tags=several(tags),
            reduced_of=reduced_of,
            head=head,
            upper=several(upper),
            auxiliary=several(auxiliary),
            scores=scores,
            pretrained=several(pretrained),
            place=place_of(build),
        )
        ARCHITECTURES.add(item.name, item, item.place)
        return build

    return declare


def source(
    *, name: str, names: Callable[[], Iterable[str]] = tuple, fetch: Callable[[str], object] = str
) -> Callable[[F], F]:
    """Declare a package's architectures: a function from NAME to the `Architecture` called `SOURCE/NAME`."""

    def declare(find: F) -> F:
        item = Source(
            name=name, function=find, names=names, fetch=fetch, about=one_line(find), place=place_of(find)
        )
        SOURCES.add(name, item, item.place)
        return find

    return declare


def _nothing(_: Cell) -> tuple[Artifact, ...]:
    return ()


def measure(
    *,
    unit: str,
    better: Literal["lower", "higher", "neither"],
    nature: str = "",
    kind: Literal["cost", "learning"] = "cost",
    repeats: Literal["never", "host", "anywhere"] = "never",
    artifacts: Callable[[Cell], tuple[Artifact, ...]] = _nothing,
    provenance: Literal["measured", "derived"] = "measured",
    depends_on: Iterable[CostAxis] = COST_AXES,
    finds_batch: bool = False,
    details: Iterable[Detail] = (),
    needs: Room | None = None,
) -> Callable[[F], F]:
    """Declare a measure `(subject, clock) -> Samples` under its function's name.

    Args beside the fields of `Measure`:
        nature: one of `Nature`; `s`, `1/s`, `B` and `J` tell it, with any other unit it must be said.
        details: of times and rates beside what the clock tells of them.
        needs: `host`: nothing else runs there meanwhile; `threads`: as many cores as the scenario has threads;
            `core`: one. None: `host` for a figure that does not repeat, else what `room_of` tells.
    """
    known = said_nature(unit, nature)
    of_clock = OF_CLOCK if isinstance(known, Nature) and known.is_speed else ()
    given, axes = several(details), several(depends_on)

    def declare(function: F) -> F:
        item = Measure(
            name=function.__name__,
            function=function,
            unit=unit,
            nature=known,
            better=better,
            about=one_line(function),
            kind=kind,
            repeats=repeats,
            artifacts=artifacts,
            place=place_of(function),
            provenance=provenance,
            depends_on=axes,
            finds_batch=finds_batch,
            details=(*given, *of_clock) if isinstance(given, tuple) else given,
            needs=needs or room_of(repeats, axes),
        )
        MEASURES.add(item.name, item, item.place)
        return function

    return declare


def dataset(
    *,
    name: str,
    classes: int,
    channels: Literal[1, 3],
    resolution: int | None,
    licence: str,
    source: str,
    package: str = "",
    oriented: bool = False,
    files: Iterable[str] = (),
    fetch: Callable[[], None] = nothing_to_fetch,
) -> Callable[[F], F]:
    """Declare a data set: a function without arguments that returns all its `Images`, or its `ImageFiles`.

    The arguments are the fields of `Dataset`.
    """

    def declare(load: F) -> F:
        item = Dataset(
            name=name,
            load=load,
            classes=classes,
            channels=channels,
            resolution=resolution,
            licence=licence,
            source=source,
            about=one_line(load),
            package=package,
            oriented=oriented,
            place=place_of(load),
            files=several(files),
            fetch=fetch,
        )
        DATASETS.add(name, item, item.place)
        return load

    return declare


def _known(planned: Sequence[Planned]) -> None:
    for cell in (item.cell for item in planned):
        ARCHITECTURES.get(cell.architecture)
        MEASURES.get(cell.measure)
        if isinstance(cell.scenario, Learning):
            DATASETS.get(cell.scenario.target)


def _apart(group: Sequence[Side | Point]) -> None:
    """Make sure that the architectures of all sides, or points, are known and that no two items are the same."""
    items = [ARCHITECTURES.get(one.architecture) for one in group]
    sides = [(i.name, f"at {one.resolution or i.resolution} px") for i, one in zip(items, group, strict=True)]
    points = [(*s, f"batch {one.batch}") for s, one in zip(sides, group, strict=True) if isinstance(one, Point)]
    distinct(points or sides, "point" if points else "side")


def suite(*, title: str, fills: Mapping[str, float] | None = None) -> Callable[[F], F]:
    """Declare a suite: a function from a `Setting` to the cells that it plans, under the function's name.

    The arguments are the fields of `Suite`.
    """

    def declare(cells: F) -> F:
        name = cells.__name__
        item = Suite(
            name=name,
            title=title,
            about=one_line(cells),
            cells=asked(cells, f"suite '{name}'", Planned, _known),
            place=place_of(cells),
            fills=fills or {},
        )
        SUITES.add(item.name, item, item.place)
        return cells

    return declare


def comparison(*, title: str) -> Callable[[F], F]:
    """Declare a comparison: a function without arguments that returns its `Side`s, under the function's name."""

    def declare(sides: F) -> F:
        name = sides.__name__
        item = DeclaredComparison(
            name=name,
            title=title,
            about=one_line(sides),
            sides=asked(sides, f"comparison '{name}'", Side, _apart),
            place=place_of(sides),
        )
        COMPARISONS.add(item.name, item, item.place)
        return sides

    return declare


def sweep(*, title: str, axis: str, unit: str) -> Callable[[F], F]:
    """Declare a sweep: a function without arguments that returns its `Point`s, under the function's name.

    Args:
        title: title in the report.
        axis: the condition that changes: `batch`, `resolution`, ...
        unit: unit of the points' `x`, in the plural: `images`, `pixels a side`.
    """

    def declare(points: F) -> F:
        item = Sweep(
            name=points.__name__,
            title=title,
            about=one_line(points),
            axis=axis,
            unit=unit,
            points=asked(points, f"sweep '{points.__name__}'", Point, _apart),
            place=place_of(points),
        )
        SWEEPS.add(item.name, item, item.place)
        return points

    return declare


def check(*, kind: KindOfCheck = "measured") -> Callable[[F], F]:
    """Declare a check of claims: keyword arguments -> `Evidence`, under its function's name."""

    def declare(function: F) -> F:
        name, about, place = function.__name__, one_line(function), place_of(function)
        CHECKS.add(name, Check(name=name, function=function, kind=kind, about=about, place=place), place)
        return function

    return declare
