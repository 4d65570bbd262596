"""A measure says what sort of figure it gives; nobody else decides by a unit or by a measure's name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWING = ("reports/tables", "reports/charts", "reports/page/sections")
"""What names the measures that it shows."""
BY_NAME = {
    "bench/cell.py": "a training is called by its conditions alone: that its accuracy is measured is understood",
    "bench/compare/experiments/contrasts.py": "names the accuracy that trainings are compared by",
    "reports/highlights/cards.py": "names the figures of a card",
    "reports/candidates/costs.py": "names the costs that one chooses by",
    "reports/tidy/sizes.py": "names the counts, which depend on no condition",
    "reports/learning/scenarios.py": "names the accuracy that scenarios are compared by",
}
BY_UNIT = {
    "reports/output/latex.py": "writes the unit of a column",
    "reports/tables/__init__.py": "the same",
    "reports/lessons/words.py": "writes the unit that a hypothesis declares",
}


def field_of(node: ast.expr) -> str:
    """`unit` of `row.unit`, `row["unit"]` and `row.get("unit")`; empty of anything else."""
    match node:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return ""


def is_fixed(node: ast.expr) -> bool:
    """Whether it is text, a collection of text, or a constant of a module."""
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name != "MEASURES" and name.lstrip("_").isupper()  # the registry is asked, and decides nothing
        case ast.Tuple(elts=items) | ast.Set(elts=items) | ast.List(elts=items):
            return any(is_fixed(item) for item in items)
        case ast.Dict():
            return True
        case ast.Starred(value=inner):
            return is_fixed(inner)
    return False


def decisions(tree: ast.AST, field: str) -> Iterator[int]:
    """Lines that compare the field with what is fixed, look it up there, or match it."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
                if any(field_of(side) == field for side in sides) and any(map(is_fixed, sides)):
                    yield node.lineno
            case ast.Call(func=ast.Attribute(value=owner, attr="isin"), args=[found]) if is_fixed(found):
                if field_of(owner) == field:
                    yield node.lineno
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[asked, *_]) if is_fixed(owner):
                if field_of(asked) == field:
                    yield node.lineno
            case ast.Subscript(value=owner, slice=asked) if is_fixed(owner) and field_of(asked) == field:
                yield node.lineno
            case ast.Match(subject=subject) if field_of(subject) == field:
                yield node.lineno


def found(field: str) -> set[str]:
    """Files of the package that decide by the field."""
    files = [path for folder in ("bench", "reports") for path in (ROOT / folder).rglob("*.py")]
    return {
        path.relative_to(ROOT).as_posix() for path in files if any(decisions(ast.parse(path.read_text()), field))
    }


@pytest.mark.parametrize(
    "code",
    [
        "item.unit == 's'",
        "row['unit'] in ('s', '1/s')",
        "'B' != item.unit",
        "item.unit in _TIMED",
        "_TIMES[item.unit]",
        "{'s': 1}.get(row['unit'])",
        "cells['unit'].isin(['s'])",
        "row.get('unit') == '1'",
        "match item.unit:\n case 's': pass",
    ],
)
def test_a_decision_is_noticed(code: str) -> None:
    assert [1] == list(decisions(ast.parse(code), "unit"))


@pytest.mark.parametrize("code", ["item.unit == other.unit", "quantity(value, item.unit)", "row['unit']"])
def test_what_only_hands_a_unit_on_is_no_decision(code: str) -> None:
    assert [] == list(decisions(ast.parse(code), "unit"))


def test_nobody_decides_by_a_unit() -> None:
    assert set(BY_UNIT) == found("unit")


def test_nobody_decides_by_the_name_of_a_measure_but_what_names_what_it_shows() -> None:
    assert set(BY_NAME) == {file for file in found("measure") if not file.startswith(SHOWING)}
