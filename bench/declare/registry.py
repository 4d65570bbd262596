"""A registry of named things that refuses duplicates and helps with misspelt names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from typing import Any, Generic, TypeVar

from bench.declare.places import place_of as place_of
from bench.errors import DuplicateName, UnknownName
from bench.validity import check

T = TypeVar("T")


class Registry(Generic[T]):
    """Named declarations of one kind, in the order in which they were made."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}
        self._places: dict[str, str] = {}

    def add(self, name: str, item: T, place: str) -> None:
        """Declare `item` as `name`.

        Raises:
            DuplicateName: the name is taken by a declaration in another place; both are named.
            UsageError: the item does not hold what its class says.
        """
        if is_dataclass(item):
            check(f"{self.kind} '{name}' ({place})", item)
        if name in self._items:
            raise DuplicateName(f"{self.kind} '{name}' is declared twice: in {self._places[name]} and in {place}")
        self._items[name] = item
        self._places[name] = place

    def get(self, name: str) -> T:
        """Look `name` up.

        Raises:
            UnknownName: nothing is declared under it; the nearest name is offered.
        """
        try:
            return self._items[name]
        except KeyError:
            raise UnknownName(self.kind, name, self._items) from None

    def names(self) -> tuple[str, ...]:
        """All names in the order of declaration."""
        return tuple(self._items)

    def place(self, name: str) -> str:
        """`file:line` of the declaration."""
        return self._places[name]

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __len__(self) -> int:
        return len(self._items)


def several(values: Any) -> Any:
    """The given values as a tuple; anything that is not a collection, such as a single word, is unchanged and
    refused later."""
    return tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else values


def one_line(function: Callable[..., Any]) -> str:
    """First line of the docstring; empty without one."""
    return (inspect.getdoc(function) or "").partition("\n")[0]
