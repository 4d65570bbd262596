"""Self-contained source file, assembled from the functions with which the harness itself reads pictures."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from types import ModuleType

from bench import foreign
from bench.data import formats, walk
from bench.declare import preprocessing
from bench.learning.data import decode, fitting
from bench.learning.winner import seeing
from bench.text import plain, spreadsheet

_MODULES = (foreign, formats, walk, preprocessing, decode, fitting, seeing, plain, spreadsheet)
_WANTED = ("answers", "tensors", "harmless", "inert")
_HEADER = '''"""How the network sees pictures: the code of evobench (MIT licence) that it was trained with."""

from __future__ import annotations

{imports}


def lazy(name: str) -> Any:
    """The module, or nothing where it is not installed."""
    return import_module(name) if find_spec(name.partition(".")[0]) else None


'''
_OWN = ("from importlib import import_module", "from importlib.util import find_spec", "from typing import Any")
"""Names that the header uses."""


def seeing_source() -> str:
    """Source of a module with `answers` and `tensors`, which decodes and resizes pictures as the harness does.

    It imports the standard library, numpy, Pillow and torch; HEIF is read where pillow-heif is installed.
    """
    found = [definition for module in _MODULES for definition in _definitions(module)]
    chosen = _needed(found)
    imports = {line for module in _MODULES for name, line in _imports(module) if _is_used(name, chosen)}
    lines = sorted({*_OWN, *imports}, key=lambda line: (line.startswith("from"), line))
    return _HEADER.format(imports="\n".join(lines)) + "\n\n\n".join(text for _, text, _ in chosen) + "\n"


_Definition = tuple[frozenset[str], str, frozenset[str]]
"""Names that a statement defines, its text, and the names that it uses."""


def _definitions(module: ModuleType) -> Iterable[_Definition]:
    """Functions, classes and constants of a module, each constant with its docstring."""
    source = inspect.getsource(module)
    nodes = ast.parse(source).body
    for node, after in zip(nodes, [*nodes[1:], None], strict=True):
        names = frozenset(_defined(node))
        if names:
            parts = [node, after] if isinstance(after, ast.Expr) and not _has_body(node) else [node]
            yield names, "\n".join(_text(source, part) for part in parts if part), _used(node)


def _defined(node: ast.stmt) -> Iterable[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign():
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _has_body(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def _text(source: str, node: ast.stmt) -> str:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def _used(node: ast.stmt) -> frozenset[str]:
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _needed(found: list[_Definition]) -> list[_Definition]:
    """Definitions of the wanted names, and of all names that these use, in their order."""
    names, before = set(_WANTED), -1
    while len(names) > before:
        before = len(names)
        names.update(*(used for defined, _, used in found if defined & names))
    return [definition for definition in found if definition[0] & names]


def _imports(module: ModuleType) -> Iterable[tuple[str, str]]:
    """Each name that a module imports, with the import statement."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name.partition(".")[0], _import(alias)) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(("bench", "__future")):
            yield from ((a.asname or a.name, f"from {node.module} {_import(a)}") for a in node.names)


def _import(alias: ast.alias) -> str:
    return f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")


def _is_used(name: str, chosen: list[_Definition]) -> bool:
    return any(name in used for _, _, used in chosen)
