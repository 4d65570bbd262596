"""The reports only tell: they start nothing that measures, and write to no store."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINES = ("bench.execute", "bench.gate")
STATEMENT = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b")
REPORTS = sorted((ROOT / "reports").rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.Module) -> Iterator[str]:
    """What is imported anywhere in a module: within functions, for types and lazily, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lazy":
            yield from (str(part.value) for part in node.args if isinstance(part, ast.Constant))


def is_engine(module: str) -> bool:
    return any(module == engine or module.startswith(f"{engine}.") for engine in ENGINES)


@cache
def starters() -> set[str]:
    """The modules of bench that have to do with processes: the engines, and what imports one."""
    trees = {name_of(path): tree_of(path) for path in (ROOT / "bench").rglob("*.py")}
    return {name for name, tree in trees.items() if is_engine(name) or any(map(is_engine, imported(tree)))}


@cache
def writers() -> set[str]:
    """The functions of the store that write: those with such a statement, that which makes one, their callers."""
    functions = [
        node
        for path in (ROOT / "bench" / "store").rglob("*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
    ]
    found = {"create"} | {function.name for function in functions if any(map(is_writing, ast.walk(function)))}
    return found | {function.name for function in functions if found.intersection(called(function))}


def called(function: ast.FunctionDef) -> Iterator[str]:
    """The names of functions of its module, or of those that it imports, that a function calls."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def is_writing(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(STATEMENT.match(node.value))


def test_the_writers_of_a_store_are_recognised() -> None:
    assert {"create", "begin_run", "add_record", "settle_record", "end_run", "save", "remove"} < writers()
    assert {"records", "run", "runs", "samples", "open", "verdicts"}.isdisjoint(writers())


def test_what_starts_processes_is_recognised() -> None:
    assert {"bench.gate.session", "bench.compare.gate.in_turn", "bench.execute.local.executor"} < starters()
    assert {"bench.compare.runs", "bench.compare.judgement", "bench.store.database"}.isdisjoint(starters())


@pytest.mark.parametrize("path", REPORTS, ids=map(name_of, REPORTS))
def test_a_report_starts_nothing_and_writes_to_no_store(path: Path) -> None:
    tree = tree_of(path)
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert set() == (set(imported(tree)) & starters()) | (named & writers())
