"""Formulas of users' operators: how they are declared, and what makes a count with them stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import suites.architectures  # noqa: F401  (declares)
from bench.declare.catalog import ARCHITECTURES, declared_places
from bench.declare.formulas import FORMULAS, multiply_adds
from bench.errors import DuplicateName, UsageError
from bench.measures.counts import count_of


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What is declared is forgotten after the test."""
    kept = dict(FORMULAS._items), dict(FORMULAS._places)
    yield
    FORMULAS._items, FORMULAS._places = kept


def declare(path: Path, body: str) -> None:
    """Declare a formula in a file of its own."""
    FORMULAS._items, FORMULAS._places = {}, {}
    path.write_text(f"def formula(x, w):\n    return {body}\n")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    multiply_adds("mine::proj")(names["formula"])


def key() -> str:
    return count_of(ARCHITECTURES.get("lecture_cnn"), 28).key


def test_a_function_is_declared_under_its_operators_name_and_left_as_it_is() -> None:
    def formula(x: tuple[int, ...], w: tuple[int, ...]) -> int:
        return x[0] * x[1] * w[0]

    assert formula is multiply_adds("mine::proj")(formula)
    assert 2 * 3 * 5 == FORMULAS.get("mine::proj").of([(2, 3), (5, 3)])


def test_a_count_is_stale_where_a_formula_was_added_or_changed(tmp_path: Path) -> None:
    keys = [key()]
    declare(tmp_path / "first.py", "x[0] * w[0]")
    keys.append(key())
    declare(tmp_path / "second.py", "x[0] * x[1] * w[0]")
    keys.append(key())
    assert 3 == len(set(keys))


def test_a_formula_is_among_what_takes_part_in_figures(tmp_path: Path) -> None:
    declare(tmp_path / "mine.py", "1")
    assert f"{tmp_path / 'mine.py'}:1" in declared_places()


@pytest.mark.parametrize("name", ["proj", "mine::proj.default", "mine.proj", ""])
def test_a_name_that_no_operator_of_torch_has_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(
        UsageError, match=r"operator must be NAMESPACE::NAME, as torch calls the operator, not"
    ) as caught:
        multiply_adds(name)(lambda x: 1)
    assert "\n" not in str(caught.value)


def test_operators_of_torch_are_counted_already() -> None:
    with pytest.raises(
        UsageError, match="operator must be an operator of your own: those of torch are counted here"
    ):
        multiply_adds("aten::mm")(lambda x, w: 1)


def test_a_decorator_without_the_operators_name_is_refused_with_the_functions_place() -> None:
    unnamed: Callable[..., Any] = multiply_adds
    with pytest.raises(UsageError, match=r"@multiply_adds \(.*test_formulas.py:\d+\) lacks the operator's name"):

        @unnamed
        def _(x: Any) -> int:
            return 1


def test_what_is_no_function_is_refused() -> None:
    number: Any = 5
    with pytest.raises(UsageError, match="formula 'mine::proj' must be a function, not int"):
        multiply_adds("mine::proj")(number)


def test_two_formulas_of_one_operator_are_refused() -> None:
    multiply_adds("mine::proj")(lambda x: 1)
    with pytest.raises(DuplicateName, match="formula 'mine::proj' is declared twice"):
        multiply_adds("mine::proj")(lambda x: 2)
