"""`evobench list`: what is declared."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

from rich.text import Text

from bench.cli.options.data import add_data
from bench.cli.verb import Terminal, Verb, add_catalog, add_format, emit
from bench.data.images import to_install
from bench.data.place import DataPlace, settle
from bench.declare.beyond.variants import SOURCES
from bench.declare.catalog import ARCHITECTURES, COMPARISONS, DATASETS, MEASURES, SUITES, SWEEPS, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.places import foreign
from bench.errors import Exit, UnknownName, UsageError
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.recipes import RECIPES
from bench.machine.host import available_cpus
from bench.run.quadrants import QUADRANTS

Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `list`."""
    parser.add_argument("what", metavar="WHAT", help=f"one of {', '.join(_TABLES)}")
    parser.add_argument(
        "--long", action="store_true", help="of architectures and data sets all that is known, not one line each"
    )
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
    if arguments.format == "table" and arguments.what in _BRIEF and not arguments.long:
        _BRIEF[arguments.what](found)
    else:
        emit(columns, found, arguments.format)
    return Exit.OK


def _from_sources(arguments: argparse.Namespace, text: str, columns: int) -> Iterator[tuple[object, ...]]:
    """Names of other packages' architectures with the text in them; a package that is not installed has none."""
    for origin in SOURCES:
        if arguments.family or arguments.tag:
            return
        try:
            with foreign(f"source '{origin.name}'", origin.place):
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


def _brief_architectures(rows: Sequence[tuple[object, ...]]) -> None:
    """Print one line for each, cut at the terminal's width, beneath its family; their number at the end."""
    families: dict[object, list[tuple[object, ...]]] = {}
    for row in rows:
        families.setdefault(row[1], []).append(row)
    names = max((len(str(row[0])) for row in rows), default=0)
    lines = []
    for family, members in families.items():
        lines.append(Text(str(family), style="bold"))
        for name, _, year, side, _, idea in members:
            size = "" if side is None else f"{side} px"
            lines.append(Text(f"  {name:<{names}}  {_told(year):>4}  {size:>7}  {_told(idea)}".rstrip()))
    _print(lines)
    many = f"{len(rows)} architecture{'s' * (len(rows) != 1)} of {len(families)} famil"
    _print([Text(f"{many}{'y' if len(families) == 1 else 'ies'}; --long has their ideas whole")])


def _brief_datasets(rows: Sequence[tuple[object, ...]]) -> None:
    """Print one line for each, cut at the terminal's width; their number at the end."""
    names = max((len(str(row[0])) for row in rows), default=0)
    lines = [Text(f"{'name':<{names}}  here  classes  about", style="bold")]
    for name, classes, _, _, here, about, _ in rows:
        lines.append(Text(f"{name:<{names}}  {here:<4}  {_told(classes):>7}  {_told(about)}".rstrip()))
    _print(lines)
    here = sum(row[4] == "yes" for row in rows)
    _print([Text(f"{len(rows)} data set{'s' * (len(rows) != 1)}, {here} of them here; --long has their licences")])
    commands = to_install(DATASETS.get(str(row[0])) for row in rows)
    _print([Text(f"{command} brings {', '.join(sorted(names))}") for command, names in commands.items()])


def _told(value: object) -> str:
    return "" if value is None else str(value)


def _print(lines: Sequence[Text]) -> None:
    terminal = Terminal(highlight=False)
    for line in lines:
        terminal.print(line, no_wrap=True, overflow="ellipsis")


_BRIEF: dict[str, Callable[[Sequence[tuple[object, ...]]], None]] = {
    "architectures": _brief_architectures,
    "datasets": _brief_datasets,
}
"""Printers of long lists on a terminal, where they are not asked for whole."""
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
    ("list suites", "list architectures --tag lecture", "list architectures --grep attention --long"),
)
