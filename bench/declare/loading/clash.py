"""Check for a user's own `bench`, `suites` or `reports`: importing such a name gets evobench's, which must be
noticed."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.errors import UsageError
from bench.foreign import TEXT, read_bytes, whole_path

PACKAGES = ("bench", "suites", "reports")
_HOME = Path(__file__).parents[3]


def refuse_clash(catalog: str) -> None:
    """Make sure that a catalogue (a package or a `.py` file) does not import one of evobench's packages for its
    own.

    Raises:
        UsageError: it imports a name that evobench and the user have both; the line says where.
    """
    files = [whole_path(catalog)] if catalog.endswith(".py") else _files_of(catalog.partition(".")[0])
    if not files:
        return
    folder = files[0].parent if catalog.endswith(".py") else files[0].parents[1]
    theirs = {name: place for name in PACKAGES if (place := _theirs(name, folder))}
    open_ = files if theirs else []
    seen = set(open_)
    while open_:
        file = open_.pop()
        for name, line in _imports(file):
            if name in theirs:
                raise UsageError(
                    f"'{name}' at {file}:{line} would be evobench's, not yours ({theirs[name]}): rename yours"
                )
            package = folder / name
            found = {folder / f"{name}.py", *package.rglob("*.py")} - seen
            new = [path for path in found if path.is_file()]
            seen.update(new)
            open_ += new


def _files_of(package: str) -> list[Path]:
    """The files of a user's package, its `__init__.py` first; empty where it cannot be found."""
    spec = importlib.util.find_spec(package) if package not in PACKAGES else None
    if spec is None or not (spec.origin or "").endswith("__init__.py"):
        return []
    init = Path(str(spec.origin))
    return [init, *(path for path in init.parent.rglob("*.py") if path != init)]


def _theirs(name: str, folder: Path) -> Path | None:
    """A module or package of that name that is not evobench's."""
    for place in (folder, *map(Path, sys.path)):
        module, package = place / f"{name}.py", place / name
        if module.is_file():
            return module
        if package.resolve() != (_HOME / name).resolve() and any(package.glob("*.py")):
            return package
    return None


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    """Top-level names that a file imports, wherever in it, with their lines."""
    try:
        nodes = list(ast.walk(ast.parse(read_bytes(file, TEXT))))
    except (OSError, ValueError, SyntaxError, MemoryError, RecursionError):  # importing it tells
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno
