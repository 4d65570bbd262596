"""Users' formulas for the multiply-adds of operators that no counter knows. Nothing here imports torch."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bench.declare.places import Misdeclared, short_place
from bench.declare.registry import Registry, place_of
from bench.errors import UsageError
from bench.validity import FieldRule, rules

F = TypeVar("F", bound=Callable[..., int])
_NAMED = FieldRule(
    "NAMESPACE::NAME, as torch calls the operator", lambda name, _: bool(re.fullmatch(r"\w+::\w+", name))
)
_OWN = FieldRule(
    "an operator of your own: those of torch are counted here",
    lambda name, _: name.partition("::")[0] not in ("aten", "prim", "prims"),
)


@dataclass(frozen=True)
class Formula:
    """Formula for the multiply-adds of one operator, from the shapes of its tensors."""

    operator: str = field(metadata=rules(_NAMED, _OWN))
    function: Callable[..., int]
    """Function of the shapes of the operator's tensor arguments, in the order of its signature: a tuple of shapes
    for a list of tensors, None for an omitted argument."""
    place: str = ""

    def of(self, shapes: list[Any]) -> int:
        """Multiply-adds of a call.

        Raises:
            Misdeclared: what the function returned is not a number of multiply-adds; the message names its place.
        """
        found = self.function(*shapes)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise Misdeclared(
                f"the formula of '{self.operator}' ({short_place(self.place)}) returned {found!r}: a number of"
                " multiply-adds is a whole number, 0 or more"
            )
        return found


FORMULAS: Registry[Formula] = Registry("formula")


def multiply_adds(operator: str) -> Callable[[F], F]:
    """Declare how many multiply-adds a call of your operator takes: a function of the shapes of its tensors.

    Args:
        operator: `NAMESPACE::NAME`, as in `torch.library.custom_op("mine::proj", ...)`.

    Raises:
        UsageError: the operator is not named so, or what is decorated is not a function.
    """
    given: Any = operator
    if inspect.isfunction(given):  # the decorator stands there without an argument
        raise UsageError(
            f"@multiply_adds ({place_of(given)}) lacks the operator's name: @multiply_adds('NAMESPACE::NAME')"
        )

    def declare(function: F) -> F:
        if not inspect.isfunction(function):
            raise UsageError(f"formula '{operator}' must be a function, not {type(function).__name__}")
        place = place_of(function)
        FORMULAS.add(operator, Formula(operator, function, place), place)
        return function

    return declare
