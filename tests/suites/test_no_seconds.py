"""Suites say how long a clock may sample, and predict nothing: the forecast does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import suites
from bench.declare.catalog import MEASURES, SUITES, load_catalogs
from bench.declare.declarations import Profile, Setting
from bench.run.model.seconds import is_clocked

PREDICTIONS = {"seconds", "once", "forward", "build"}
"""What fields and arguments were called that held seconds of a reference machine."""
MODULES = sorted(Path(suites.__file__).parent.glob("*.py"))


def names_in(path: Path) -> set[str]:
    """Names of the fields of classes, and of the arguments of calls with a number."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    fields = {
        node.target.id
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    arguments = {
        str(node.arg)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant | ast.BinOp)
    }
    return fields | arguments


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_suite_predicts_seconds(path: Path) -> None:
    assert set() == names_in(path) & PREDICTIONS


@pytest.mark.parametrize("profile", ["smoke", "default", "full"])
def test_what_has_no_clock_samples_for_no_time(profile: Profile) -> None:
    load_catalogs()
    planned = [
        item
        for suite in SUITES
        if suite.name != "evaluation"  # which wants to be told of whose weights
        for item in suite.cells(Setting(profile, "cpu", 2))
    ]
    clocked = [item.sampling > 0 for item in planned if is_clocked(MEASURES.get(item.cell.measure))]
    others = [item.sampling > 0 for item in planned if not is_clocked(MEASURES.get(item.cell.measure))]
    assert ({True}, {False}) == (set(clocked), set(others))
