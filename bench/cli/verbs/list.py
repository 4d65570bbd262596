"""`evobench list`: what is declared."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from bench.cli.options.data import add_data
from bench.cli.verb import Verb, add_catalog, add_format, emit
from bench.data.place import DataPlace, settle
from bench.declare.beyond.variants import SOURCES
from bench.declare.catalog import ARCHITECTURES, COMPARISONS, DATASETS, MEASURES, SUITES, SWEEPS, load_catalogs
from bench.declare.declarations import Setting
from bench.errors import Exit, UnknownName, UsageError
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.recipes import RECIPES
from bench.machine.host import available_cpus
from bench.run.quadrants import QUADRANTS

Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `list`."""
    parser.add_argument("what", metavar="|".join(_TABLES), help="what to list")
    parser.add_argument("--family", metavar="NAME", help="only architectures of this family")
    parser.add_argument("--tag", metavar="NAME", help="only architectures with this tag, such as lecture")
    parser.add_argument("--grep", default="", metavar="TEXT", help="only rows with this text in them")
    add_catalog(parser)
    add_data(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the declarations of one kind."""
    if arguments.what not in _TABLES:
        raise UnknownName("kind of declaration", arguments.what, _TABLES)
    load_catalogs(arguments.catalog)
    if arguments.data is not None:
        settle(DataPlace(arguments.data))
    columns, rows = _TABLES[arguments.what](arguments)
    text = arguments.grep.lower()
    found = [row for row in rows if text in " ".join(map(str, row)).lower()]
    if text and arguments.what == "architectures":
        found += _from_sources(arguments, text, len(columns))
    emit(columns, found, arguments.format)
    return Exit.OK


def _from_sources(arguments: argparse.Namespace, text: str, columns: int) -> Iterator[tuple[object, ...]]:
    """Names of other packages' architectures with the text in them; a package that is not installed has none."""
    for origin in SOURCES:
        if arguments.family or arguments.tag:
            return
        try:
            names = list(origin.names())
        except UsageError:
            continue
        found = [f"{origin.name}/{name}" for name in names]
        yield from ((name, origin.name, *(None,) * (columns - 2)) for name in found if text in name.lower())


def _architectures(arguments: argparse.Namespace) -> Table:
    families = {item.family for item in ARCHITECTURES}
    wanted = arguments.family and arguments.family.lower()
    if wanted and wanted not in {family.lower() for family in families}:
        raise UnknownName("family", arguments.family, families)
    tags = {tag for item in ARCHITECTURES for tag in item.tags} | {"lecture"}
    if arguments.tag and arguments.tag not in tags:
        raise UnknownName("tag", arguments.tag, tags)
    rows: list[tuple[object, ...]] = [
        (item.name, item.family, item.year, item.resolution, item.min_resolution, item.idea)
        for item in ARCHITECTURES
        if (not wanted or item.family.lower() == wanted)
        and (not arguments.tag or arguments.tag in item.tags or (arguments.tag == "lecture" and item.lecture))
    ]
    return ("name", "family", "year", "px", "min px", "idea"), rows


def _measures(_: argparse.Namespace) -> Table:
    return ("name", "unit", "better", "about"), [(m.name, m.unit, m.better, m.about) for m in MEASURES]


def _suites(_: argparse.Namespace) -> Table:
    rows: list[tuple[object, ...]] = []
    for item in SUITES:
        setting = Setting("default", "cpu", available_cpus())
        rows.append((item.name, len(list(item.cells(setting))), item.about))
    return ("name", "cells", "about"), rows


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _datasets(_: argparse.Namespace) -> Table:
    rows: list[tuple[object, ...]] = [
        (d.name, d.classes, d.channels, d.resolution or None, _yes(d.here()), d.about, d.licence) for d in DATASETS
    ]
    return ("name", "classes", "channels", "px", "here", "about", "licence"), rows


def _comparisons(_: argparse.Namespace) -> Table:
    rows: list[tuple[object, ...]] = [
        (c.name, ", ".join(side.label for side in c.sides()), c.about) for c in COMPARISONS
    ]
    return ("name", "sides", "about"), rows


def _sweeps(_: argparse.Namespace) -> Table:
    rows: list[tuple[object, ...]] = []
    for item in SWEEPS:
        points = ", ".join(point.label or f"{point.x:g}" for point in item.points())
        rows.append((item.name, item.axis, item.unit, points, item.about))
    return ("name", "axis", "unit", "points", "about"), rows


def _quadrants(_: argparse.Namespace) -> Table:
    rows: list[tuple[object, ...]] = [
        (q.name, q.size, q.likeness, ", ".join(q.advised), f"{q.about} Advised: {q.advice}") for q in QUADRANTS
    ]
    return ("name", "target", "to the source", "advised", "about"), rows


def _recipes(_: argparse.Namespace) -> Table:
    rows: list[tuple[object, ...]] = [
        (r.name, "networks" if r.beyond_heads else "networks, softmax heads", r.about, r.source) for r in RECIPES
    ]
    return ("name", "trains", "about", "source"), rows


def _augmentations(_: argparse.Namespace) -> Table:
    return ("name", "about"), [(item.name, item.about) for item in AUGMENTATIONS]


_TABLES: dict[str, Callable[[argparse.Namespace], Table]] = {
    "architectures": _architectures,
    "measures": _measures,
    "suites": _suites,
    "datasets": _datasets,
    "comparisons": _comparisons,
    "sweeps": _sweeps,
    "quadrants": _quadrants,
    "recipes": _recipes,
    "augmentations": _augmentations,
}

VERB = Verb(
    "list",
    "list architectures, measures, suites, data sets, comparisons, sweeps, quadrants, recipes, augmentations",
    configure,
    run,
)
