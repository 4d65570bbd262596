"""Figures that arithmetic alone decides."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from evobench import Evidence, check

Number = int | float
_LARGEST = 10**30
"""Largest figure that a lecture has; a power of a power would take forever to be evaluated."""
_HIGHEST = 100
"""Largest exponent, by its magnitude."""
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


@check(kind="counted")
def formula(*, expression: str) -> Evidence:
    """The value of an arithmetic expression.

    Args:
        expression: numbers, `+ - * / // **` and parentheses.

    Raises:
        ValueError: the expression holds something else, or a value on the way is too large.
    """
    value = evaluated(ast.parse(expression, mode="eval").body)
    return Evidence(value, f"{expression} = {value:,}")


def evaluated(node: ast.expr) -> Number:
    """The value of a parsed expression.

    Raises:
        ValueError: the text is more than arithmetic, or its result is larger than any figure.
    """
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return _bounded(node, node.value)  # type: ignore[arg-type]  # is one of both
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -evaluated(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = evaluated(node.left), evaluated(node.right)
        if isinstance(node.op, ast.Pow) and abs(right) > _HIGHEST:
            raise ValueError(f"'{ast.unparse(node)}' has an exponent above {_HIGHEST}")
        return _bounded(node, _OPERATORS[type(node.op)](left, right))
    raise ValueError(f"'{ast.unparse(node)}' is not arithmetic: numbers, + - * / // ** and parentheses are")


def _bounded(node: ast.expr, value: Number) -> Number:
    if isinstance(value, complex) or not abs(value) <= _LARGEST:
        raise ValueError(f"'{ast.unparse(node)}' is not a figure: complex, or larger than {_LARGEST:.0e}")
    return value
