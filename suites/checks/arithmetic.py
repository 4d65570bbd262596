"""Figures that arithmetic alone decides."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from bench import Evidence, check

Number = int | float
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


@check()
def formula(*, expression: str) -> Evidence:
    """The value of an arithmetic expression.

    Args:
        expression: numbers, `+ - * / // **` and parentheses.

    Raises:
        ValueError: the expression holds something else.
    """
    value = evaluated(ast.parse(expression, mode="eval").body)
    return Evidence(value, f"{expression} = {value:,}")


def evaluated(node: ast.expr) -> Number:
    """The value of a parsed expression.

    Raises:
        ValueError: it is more than arithmetic.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -evaluated(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](evaluated(node.left), evaluated(node.right))
    raise ValueError(f"'{ast.unparse(node)}' is no arithmetic: numbers, + - * / // ** and parentheses are")
