"""Declarations: decorators that register a function and return it unchanged. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from bench.artifact import Artifact
from bench.cell import Cell
from bench.declarations import (
    COST_AXES,
    Architecture,
    Check,
    Comparison,
    Dataset,
    Measure,
    Pretrained,
    Published,
    Source,
    Suite,
)
from bench.discovery import load_catalogs as load_catalogs
from bench.registry import Registry, one_line, place_of
from bench.variants import SOURCES, Architectures

F = TypeVar("F", bound=Callable[..., Any])
ARCHITECTURES = Architectures()
MEASURES: Registry[Measure] = Registry("measure")
DATASETS: Registry[Dataset] = Registry("data set")
SUITES: Registry[Suite] = Registry("suite")
COMPARISONS: Registry[Comparison] = Registry("comparison")
CHECKS: Registry[Check] = Registry("check")


def declared_places() -> list[str]:
    """`file:line` of all that takes part in figures."""
    return [item.place for registry in (ARCHITECTURES, MEASURES, DATASETS) for item in registry]


def architecture(
    *,
    family: str,
    year: int,
    paper: str,
    resolution: int = 224,
    min_resolution: int = 32,
    channels: int = 3,
    published: Iterable[Published] = (),
    lecture: bool = False,
    tags: Iterable[str] = (),
    reduced_of: str = "",
    head: str = "",
    upper: Iterable[str] = (),
    auxiliary: Iterable[str] = (),
    pretrained: Iterable[Pretrained] = (),
) -> Callable[[F], F]:
    """Declare a model builder `(num_classes: int) -> nn.Module` under its function's name."""

    def declare(build: F) -> F:
        item = Architecture(
            name=build.__name__,
            build=build,
            family=family,
            year=year,
            paper=paper,
            idea=one_line(build),
            resolution=resolution,
            min_resolution=min_resolution,
            channels=channels,
            published=tuple(published),
            lecture=lecture,
            tags=tuple(tags),
            reduced_of=reduced_of,
            head=head,
            upper=tuple(upper),
            auxiliary=tuple(auxiliary),
            pretrained=tuple(pretrained),
            place=place_of(build),
        )
        ARCHITECTURES.add(item.name, item, item.place)
        return build

    return declare


def source(*, name: str) -> Callable[[F], F]:
    """Declare a package's architectures: a function from NAME to the `Architecture` called `SOURCE/NAME`."""

    def declare(find: F) -> F:
        item = Source(name=name, function=find, about=one_line(find), place=place_of(find))
        SOURCES.add(name, item, item.place)
        return find

    return declare


def _nothing(_: Cell) -> tuple[Artifact, ...]:
    return ()


def measure(
    *,
    unit: str,
    better: Literal["lower", "higher", "neither"],
    kind: Literal["cost", "learning"] = "cost",
    repeats: Literal["never", "host", "anywhere"] = "never",
    artifacts: Callable[[Cell], tuple[Artifact, ...]] = _nothing,
    provenance: Literal["measured", "derived"] = "measured",
    depends_on: Iterable[str] = COST_AXES,
    finds_batch: bool = False,
) -> Callable[[F], F]:
    """Declare a measure `(subject, clock) -> Samples` under its function's name."""

    def declare(function: F) -> F:
        item = Measure(
            name=function.__name__,
            function=function,
            unit=unit,
            better=better,
            about=one_line(function),
            kind=kind,
            repeats=repeats,
            artifacts=artifacts,
            place=place_of(function),
            provenance=provenance,
            depends_on=tuple(depends_on),
            finds_batch=finds_batch,
        )
        MEASURES.add(item.name, item, item.place)
        return function

    return declare


def dataset(
    *,
    name: str,
    classes: int,
    channels: int,
    resolution: int,
    licence: str,
    source: str,
    package: str = "",
    oriented: bool = False,
) -> Callable[[F], F]:
    """Declare a data set: a function without arguments that returns all its `Images`."""

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
        )
        DATASETS.add(name, item, item.place)
        return load

    return declare


def suite(*, title: str) -> Callable[[F], F]:
    """Declare a suite: a function from a `Setting` to the cells that it plans, under the function's name."""

    def declare(cells: F) -> F:
        item = Suite(name=cells.__name__, title=title, about=one_line(cells), cells=cells, place=place_of(cells))
        SUITES.add(item.name, item, item.place)
        return cells

    return declare


def comparison(*, title: str) -> Callable[[F], F]:
    """Declare a comparison: a function without arguments that returns its `Side`s, under the function's name."""

    def declare(sides: F) -> F:
        item = Comparison(
            name=sides.__name__, title=title, about=one_line(sides), sides=sides, place=place_of(sides)
        )
        COMPARISONS.add(item.name, item, item.place)
        return sides

    return declare


def check(*, kind: Literal["measured", "published"] = "measured") -> Callable[[F], F]:
    """Declare a check of claims: keyword arguments -> `Evidence`, under its function's name."""

    def declare(function: F) -> F:
        item = Check(
            name=function.__name__,
            function=function,
            kind=kind,
            about=one_line(function),
            place=place_of(function),
        )
        CHECKS.add(item.name, item, item.place)
        return function

    return declare
