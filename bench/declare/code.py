"""Digest of the code and versions that make a figure: where it differs, a kept figure is stale."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.cell import digest

PACKAGES = ("torch", "torchvision", "fvcore", "numpy", "scikit-learn", "scikit-image", "mlxtend")
_ENGINE = (
    *(
        "bench.measures",
        "bench.measures.counting",
        "bench.learning",
        "bench.learning.weights",
        "bench.learning.data",
        "bench.learning.training",
        "bench.learning.looking",
        "bench.network.subject",
        "bench.cell",
        "bench.clock",
        "bench.shapes",
        "bench.transfer",
        "bench.network.compiler",
        "bench.machine.device",
    ),
    "bench.machine.oom",
)


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Installed versions of the packages that can change a figure."""
    return tuple((name, _version(name)) for name in PACKAGES)


@cache
def code_digest(*places: str) -> str:
    """Digest for figures that the declarations at `places` (`file:line`) take part in.

    It covers the measures, the learning code, the declaring files, what those import from beside them, the
    hand-written models and the installed versions; a change of any of them makes kept figures stale.
    """
    files: set[Path] = set()
    for place in places:
        file = Path(place.rpartition(":")[0])
        files.update(_with_imported(file))
        if file.parent.name == "architectures":
            files.update((file.parent.parent / "models").glob("*.py"))
    return digest([[_hash_file(file) for file in sorted(files)], _engine(), versions()])


@cache
def measure_code(place: str) -> str:
    """Digest of how a measure is taken: of the file that declares it at `place` (`file:line`), and of the clock.

    Of statements alone, not of comments: where it differs, figures were measured in another way.
    """
    clock = importlib.util.find_spec("bench.clock")
    files = [place.rpartition(":")[0], *([clock.origin] if clock and clock.origin else [])]
    return digest([_statements(Path(file)) for file in files])


def remember_sources(places: Iterable[str]) -> None:
    """Read all sources now: editing while a run goes on must not change what its figures are filed under."""
    code_digest(*places)


@cache
def _engine() -> list[str]:
    files: list[Path] = []
    for name in _ENGINE:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        files += sorted(origin.parent.glob("*.py")) if origin.name == "__init__.py" else [origin]
    return [_hash_file(file) for file in files]


@cache
def _with_imported(file: Path) -> frozenset[Path]:
    """A file, and what it imports from its own folder: a module with all that this imports, a package whole."""
    found, open_ = {file}, [file]
    while open_:
        for name in _imports(open_.pop()):
            module, package = file.parent / f"{name}.py", file.parent / name
            if module.is_file() and module not in found:
                found.add(module)
                open_.append(module)
            elif (package / "__init__.py").is_file():
                new = set(package.rglob("*.py")) - found
                found |= new
                open_ += new
    return frozenset(found)


def _imports(file: Path) -> set[str]:
    """Names at the top of what a file imports, wherever in it."""
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (OSError, ValueError, SyntaxError):
        return set()
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    of = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in plain | of}


@cache
def _hash_file(file: Path) -> str:
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()


def _statements(file: Path) -> str:
    try:
        return ast.dump(ast.parse(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError):
        return _hash_file(file)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
