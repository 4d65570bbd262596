"""Shapes that plain data may have: each is a check, which says what is wrong first, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from reprlib import Repr
from typing import Any

_LARGEST = 2**63
"""Whole numbers are below it, as in SQLite and in tables."""
_YEARS = range(1900, 2200)
"""Years of which every reader can make a moment in any zone; pandas has 1678 to 2261."""
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 100
_SHORT.maxlevel = 2


def shown(value: object) -> str:
    """A value from elsewhere in a message: short, and with control characters written out."""
    return _SHORT.repr(value)


@dataclass(frozen=True)
class Fault:
    """The first part of a value that is not of its shape."""

    value: object
    words: str
    """What it is not, behind `is not`."""
    at: str = ""
    """Where it stands in the whole, such as `curve[0].step`."""

    def within(self, name: str) -> Fault:
        """The same fault in the whole that has the value under this name."""
        return Fault(self.value, self.words, f"{name}{self.at}")

    def __str__(self) -> str:
        where = f"'{shown(self.at.lstrip('.'))[1:-1]}': " if self.at else ""
        return f"{where}{shown(self.value)} is not {self.words}"


Shape = Callable[[Any], Fault | None]
"""Check of a value, which returns its first fault."""


def _plainly(words: str, holds: Callable[[Any], bool]) -> Shape:
    def check(value: Any) -> Fault | None:
        return None if holds(value) else Fault(value, words)

    return check


def _is_moment(value: Any) -> bool:
    try:
        return type(value) is str and datetime.fromisoformat(value).astimezone(UTC).year in _YEARS
    except (ValueError, OverflowError, OSError):  # the last of a year that the system's clock cannot have
        return False


def is_local(text: str) -> bool:
    """Whether a moment does not say its zone."""
    return not text or datetime.fromisoformat(text).tzinfo is None


# a function each and not `_plainly`, since a training has hundreds of them


def text(value: Any) -> Fault | None:
    """Text."""
    return None if type(value) is str else Fault(value, "text")


def flag(value: Any) -> Fault | None:
    """True or false."""
    return None if type(value) is bool else Fault(value, "true or false")


def whole(value: Any) -> Fault | None:
    """A whole number."""
    held = type(value) is int and -_LARGEST <= value < _LARGEST
    return None if held else Fault(value, "a whole number of 64 bits")


def count(value: Any) -> Fault | None:
    """A whole number that is not negative."""
    held = type(value) is int and 0 <= value < _LARGEST
    return None if held else Fault(value, "a whole number of 0 or more")


def figure(value: Any) -> Fault | None:
    """Figure of a training, which may have left the finite numbers."""
    held = type(value) is float or (type(value) is int and -_LARGEST <= value < _LARGEST)
    return None if held else Fault(value, "a number")


def number(value: Any) -> Fault | None:
    """A finite number."""
    return figure(value) and Fault(value, "a finite number") if type(value) is int else _fraction(value)


def _fraction(value: Any) -> Fault | None:
    return None if type(value) is float and isfinite(value) else Fault(value, "a finite number")


moment = _plainly("a moment in ISO 8601 of the years 1900 to 2199", _is_moment)
positive = _plainly("a whole number of 1 or more", lambda value: count(value) is None and value > 0)
above_0 = _plainly("a number above 0", lambda value: figure(value) is None and value > 0)
"""Time that a figure is divided by."""
chance = _plainly("a number between 0 and 1", lambda value: type(value) is float and 0 < value < 1)
thing = _plainly("an object", lambda value: type(value) is dict)
printed = _plainly("a number, text, true, false or a list of these", lambda value: _is_printed(value))
"""Value that a slide prints, or that stands beside it."""


def _is_printed(value: Any) -> bool:
    if type(value) is list:
        return all(map(_is_printed, value))
    return type(value) in (str, bool, float) or whole(value) is None


def small(value: Any) -> Fault | None:
    """A value that nobody computes with: anything but a whole number beyond 64 bits."""
    return whole(value) if type(value) is int else None


def one_of(*some: str) -> Shape:
    """One of some words."""
    words = frozenset(some)
    return _plainly(" or ".join(some), lambda value: type(value) is str and value in words)


def maybe(shape: Shape) -> Shape:
    """Null, or a value of a shape."""
    return lambda value: None if value is None else shape(value)


def either(first: Shape, second: Shape) -> Shape:
    """A value of one shape or of another; the fault of the second is told."""
    return lambda value: None if first(value) is None else second(value)


def listed(shape: Shape) -> Shape:
    """A list of values of a shape."""

    def check(value: Any) -> Fault | None:
        if type(value) is not list:
            return Fault(value, "a list")
        for i, item in enumerate(value):
            if (fault := shape(item)) is not None:
                return fault.within(f"[{i}]")
        return None

    return check


def row(*shapes: Shape) -> Shape:
    """A list of as many values as there are shapes, one of each."""

    def check(value: Any) -> Fault | None:
        if type(value) is not list or len(value) != len(shapes):
            return Fault(value, f"a list of {len(shapes)}")
        for i, item in enumerate(value):
            if (fault := shapes[i](item)) is not None:
                return fault.within(f"[{i}]")
        return None

    return check


def by_name(shape: Shape) -> Shape:
    """An object whose values are all of a shape."""

    def check(value: Any) -> Fault | None:
        if type(value) is not dict:
            return Fault(value, "an object")
        for name, item in value.items():
            if (fault := shape(item)) is not None:
                return fault.within(f".{name}")
        return None

    return check


def fields(needed: Mapping[str, Shape], further: Mapping[str, Shape] | None = None, rest: Shape = small) -> Shape:
    """An object.

    Args:
        needed: shapes of what it must have, by name.
        further: shapes of what it may have.
        rest: shape of all that is named in neither.
    """
    names, get = needed.keys(), {**needed, **(further or {})}.get

    def check(value: Any) -> Fault | None:
        if type(value) is not dict:
            return Fault(value, "an object")
        if not names <= value.keys():
            lacking = next(name for name in names if name not in value)
            return Fault(value, f"an object with '{lacking}'")
        for name, item in value.items():
            if (fault := get(name, rest)(item)) is not None:
                return fault.within(f".{name}")
        return None

    return check
