"""Checks of declarations: kinds come from the annotations of a data class, rules from its fields."""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import EnumType
from functools import cache
from reprlib import repr as short
from types import SimpleNamespace, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from bench.errors import UsageError


@dataclass(frozen=True)
class FieldRule:
    """Condition on a field's value beyond its kind."""

    words: str
    """Text that follows `must be` in a message."""
    holds: Callable[[Any, Any], bool]
    """Predicate of the value and the item that it belongs to."""


def rules(*some: FieldRule, none_as: float | None = None) -> Mapping[str, object]:
    """Metadata of a data class's field.

    Args:
        some: what a value must be that is not None.
        none_as: what stands for None where the field is written down, in stores and in what digests are made of.
    """
    return {"rules": some, "none_as": none_as}


def written(item: Any) -> dict[str, Any]:
    """Fields of a data class by name, in the form in which they are written down."""
    values = ((name, getattr(item, name), none_as) for name, none_as in _none_as(item.__class__).items())
    return {name: none_as if value is None else value for name, value, none_as in values}


def as_read(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that a data class is made with, from what `written` gave."""
    none_as = _none_as(kind)
    return {name: None if value == none_as.get(name) else value for name, value in data.items()}


@cache
def _none_as(kind: type[Any]) -> Mapping[str, Any]:
    """What stands for None in each field of a data class."""
    return {f.name: f.metadata.get("none_as") for f in fields(kind)}


FILLED = FieldRule("some text", lambda text, _: bool(text.strip()))
FROM_0 = FieldRule("0 or more", lambda number, _: number >= 0)
FROM_1 = FieldRule("1 or more", lambda number, _: number >= 1)
ABOVE_0 = FieldRule("above 0", lambda number, _: number > 0)

_WORDS = {int: "a whole number", float: "a finite number", str: "text", bool: "True or False"}


def check(what: str, item: object) -> None:
    """Make sure that the fields of a data class, and of the data classes in them, have valid values.

    Raises:
        UsageError: one line, which begins with `what`, for all that is wrong.
    """
    if found := list(faults(item)):
        raise UsageError(f"{what}: {'; '.join(found)}")


def faults(item: Any, path: str = "") -> Iterator[str]:
    """Invalid fields, one message each: `year must be a whole number, not 'abc'`."""
    its: Any = type(item)
    for name, kind, some in _expected(its):
        value = getattr(item, name)
        wrong = list(_unlike(path + name, value, kind))
        yield from wrong
        for rule in () if wrong or value is None else some:
            if not rule.holds(value, item):
                yield f"{path}{name} must be {rule.words}, not {short(value)}"


@cache
def _expected(kind: type[Any]) -> tuple[tuple[str, Any, tuple[FieldRule, ...]], ...]:
    """Name, kind and rules of each field of a data class."""
    items = fields(kind)
    # what a function takes and returns may name what is imported for the type checker alone
    texts = {f.name: str(f.type) for f in items}
    plain = {name: text for name, text in texts.items() if not text.startswith("Callable[")}
    hints = get_type_hints(SimpleNamespace(__annotations__=plain), vars(sys.modules[kind.__module__]))
    return tuple((f.name, hints.get(f.name, Callable), f.metadata.get("rules", ())) for f in items)


def _unlike(path: str, value: Any, kind: Any) -> Iterator[str]:
    parts = get_args(kind)
    if get_origin(kind) is tuple and isinstance(value, tuple):
        kinds = parts[:1] * len(value) if parts[1:] == (...,) else parts
        if len(kinds) == len(value):
            for i, (part, expected) in enumerate(zip(value, kinds, strict=True)):
                yield from _unlike(f"{path}[{i}]", part, expected)
            return
    elif _is_of(value, kind):
        if is_dataclass(value):
            yield from faults(value, f"{path}.")
        return
    yield f"{path} must be {_words(kind)}, not {short(value)}{_nearest(value, kind)}"


def _nearest(value: Any, kind: Any) -> str:
    """End of a message that offers the most similar word of a vocabulary; empty where none is similar."""
    if get_origin(kind) is not Literal or not isinstance(value, str):
        return ""
    near = difflib.get_close_matches(value, [word for word in get_args(kind) if isinstance(word, str)], n=1)
    return f": did you mean '{near[0]}'?" if near else ""


def _is_of(value: object, kind: Any) -> bool:
    origin = get_origin(kind)
    if kind is Any:
        return True
    if kind is Callable:
        return callable(value)
    if origin is Literal:
        return value in get_args(kind)
    if origin in (Union, UnionType):
        return any(_is_of(value, part) for part in get_args(kind))
    if kind in (int, float):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (kind is float and isinstance(value, float) and math.isfinite(value))
    return isinstance(value, origin or kind)


def _words(kind: Any) -> str:
    parts = get_args(kind)
    if kind is Callable:
        return "a function"
    if isinstance(kind, EnumType) or get_origin(kind) is Literal:
        return " or ".join(map(str, parts or kind))
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(map(_words, parts))
    if get_origin(kind) is tuple:
        return f"a list of {_words(parts[0])}" if parts[1:] == (...,) else f"{len(parts)} of {_words(parts[0])}"
    return _WORDS.get(kind) or ("nothing" if kind is type(None) else f"of {getattr(kind, '__name__', kind)}")
