"""Arithmetic that is evaluated, and nothing else that is."""

from __future__ import annotations

import pytest

from suites.checks.arithmetic import formula


@pytest.mark.parametrize(
    ("expression", "value"),
    [("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("7 // 2", 3), ("7 / 2", 3.5), ("2 ** 10", 1024), ("-3 - 4", -7)],
)
def test_a_formula_has_the_value_of_its_arithmetic(expression: str, value: float) -> None:
    assert value == formula(expression=expression).value


def test_the_weights_of_a_basic_block_are_a_formula() -> None:
    assert 73_728 == formula(expression="64 * 3 * 3 * 64 * 2").value


@pytest.mark.parametrize(
    "expression", ["abs(-1)", "[1, 2]", "'a'", "x", "1 < 2", "2 % 2", "__import__('os')", "True"]
)
def test_what_is_not_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="not arithmetic"):
        formula(expression=expression)


@pytest.mark.parametrize("expression", ["9**9**9**9", "2**101", "10**30 * 10", "1e300", "(-8)**0.5", "9" * 4000])
def test_what_is_larger_than_any_figure_is_refused_at_once(expression: str) -> None:
    with pytest.raises(ValueError, match=r"exponent above 100|is not a figure"):
        formula(expression=expression)
