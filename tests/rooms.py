"""The rooms of a checkout and what they ask of each other: `python -m tests.rooms [FOLDER]` prints their sizes.

A room is a folder of `bench` or `reports` with all that is in it. The loose modules of a package are its ground;
its own `__init__` and `__main__` are its door. A module asks another where it imports it: on loading, later in a
function, lazily, or for the type checker alone.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("bench", "reports")
ALONE = {"bench.remote"}
"""Loose modules that are rooms of their own."""
Graph = Mapping[str, set[str]]
"""By name what it asks."""


def sources(package: str, root: Path = ROOT) -> dict[str, Path]:
    """The modules of a package by dotted name: `reports/page/__init__.py` is `reports.page`."""
    return {name_of(path, root): path for path in sorted((root / package).rglob("*.py"))}


def name_of(path: Path, root: Path = ROOT) -> str:
    """Dotted name of a module."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def asked(path: Path, root: Path = ROOT) -> set[str]:
    """Dotted names of all that a module imports, wherever in it; of `from a import b` it is `a.b`."""
    folders = path.relative_to(root).parts[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folders[: len(folders) + 1 - node.level] if node.level else ()
            whole = ".".join([*above, *([node.module] if node.module else [])])
            names.update(f"{whole}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lazy":
            names.update(str(given.value) for given in node.args[:1] if isinstance(given, ast.Constant))
    return names


def graph(modules: Mapping[str, Path], root: Path = ROOT) -> dict[str, set[str]]:
    """Which of the modules each asks."""
    return {
        name: {found for other in asked(path, root) if (found := _module(other, modules))} - {name}
        for name, path in modules.items()
    }


def _module(name: str, modules: Mapping[str, Path]) -> str:
    """The module that a dotted name leads to; empty where it is none of them."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def room_of(module: str, modules: Mapping[str, Path]) -> str:
    """`bench.store` for what is in that folder, `bench.ground` for a loose module, `bench` for the door."""
    package, *rest = module.split(".")
    if module in ALONE:
        return module
    if not rest or rest == ["__main__"]:
        return package
    is_folder = len(rest) > 1 or modules[module].name == "__init__.py"
    return f"{package}.{rest[0]}" if is_folder else f"{package}.ground"


def between(modules: Mapping[str, Path], root: Path = ROOT) -> dict[tuple[str, str], list[str]]:
    """The imports between rooms, as `bench.gate.inside.side asks bench.clock`, by the two rooms."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, others in graph(modules, root).items():
        for other in sorted(others):
            rooms = room_of(name, modules), room_of(other, modules)
            if rooms[0] != rooms[1]:
                found.setdefault(rooms, []).append(f"{name} asks {other}")
    return found


def knots(asks: Graph) -> list[set[str]]:
    """The largest sets whose members all reach one another: the cycles."""
    reached = {name: _reached(name, asks) for name in asks}
    sets = {frozenset(other for other in reached[name] if name in reached[other]) for name in asks}
    return sorted((set(knot) for knot in sets if knot), key=min)


def floors(asks: Graph) -> int:
    """Length of the longest chain in which each asks the next; those of a cycle stand on one floor."""
    home = {name: frozenset([name]) for name in asks}
    for knot in knots(asks):
        home |= dict.fromkeys(knot, frozenset(knot))
    height: dict[frozenset[str], int] = {}

    def climb(home_of: frozenset[str]) -> int:
        if home_of not in height:
            below = {home[other] for name in home_of for other in asks[name]} - {home_of}
            height[home_of] = 1 + max(map(climb, below), default=0)
        return height[home_of]

    return max(map(climb, home.values()), default=0)


def _reached(name: str, asks: Graph) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        new = asks[todo.pop()] - found
        found |= new
        todo += new
    return found


def report(root: Path) -> Iterator[str]:
    """What is to be said of a checkout, line by line."""
    for package in PACKAGES:
        modules = sources(package, root)
        homes = {name: room_of(name, modules) for name in modules}
        asks, crossing = graph(modules, root), between(modules, root)
        rooms = {room: {other for home, other in crossing if home == room} for room in homes.values()}
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules.values())
        sizes = Counter(homes[name] for name, path in modules.items() if path.name != "__init__.py")
        told = [f"{room.partition('.')[2] or 'door'} {size}" for room, size in sorted(sizes.items())]
        yield f"{package}: {len(rooms)} rooms, {sizes.total()} modules, {lines} lines"
        yield f"  floors: {floors(asks)} of modules, {floors(rooms)} of rooms"
        yield f"  imports: {_count(asks.values())} between modules, {_count(crossing.values())} between rooms"
        yield f"  cycles: {len(knots(asks))} of modules, {len(knots(rooms))} of rooms"
        yield f"  modules of each room: {', '.join(told)}"


def _count(groups: Iterable[Collection[str]]) -> int:
    return sum(map(len, groups))


if __name__ == "__main__":
    for line in report(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT)):
        sys.stdout.write(f"{line}\n")
