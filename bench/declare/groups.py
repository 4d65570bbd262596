"""Declared groups of architectures that are shown side by side, or along an axis. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from bench.declare.places import foreign, place_of
from bench.errors import UsageError
from bench.validity import ABOVE_0, FILLED, FROM_1, check, rules

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """One side of a comparison."""

    architecture: str
    label: str = field(metadata=rules(FILLED))
    """Text that tells the side from the other sides."""
    resolution: int | None = field(default=None, metadata=rules(FROM_1, none_as=0))
    """Side of the input in pixels; None: the architecture's own."""


@dataclass(frozen=True, kw_only=True)
class DeclaredComparison:
    """Architectures that are shown side by side, as ratios to the first."""

    name: str = field(metadata=rules(FILLED))
    title: str = field(metadata=rules(FILLED))
    about: str
    sides: Callable[[], Iterable[Side]]
    """Function that returns the sides; it is called late, since they may name variants of another module's
    declarations."""
    place: str


@dataclass(frozen=True)
class Point:
    """One point of a sweep."""

    x: float = field(metadata=rules(ABOVE_0))
    """Position on the sweep's axis, above 0: cost is fitted as a power of it."""
    architecture: str
    resolution: int | None = field(default=None, metadata=rules(FROM_1, none_as=0))
    """Side of the input in pixels; None: the architecture's own."""
    batch: int = field(default=1, metadata=rules(FROM_1))
    label: str = ""
    """Name of the point; empty: its architecture, or the changed property of its input."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Points along one axis, along which the growth of cost is shown."""

    name: str = field(metadata=rules(FILLED))
    title: str = field(metadata=rules(FILLED))
    about: str
    axis: str = field(metadata=rules(FILLED))
    """Property that changes: `batch`, `resolution`, `depth`, ..."""
    unit: str = field(metadata=rules(FILLED))
    """Unit of `x` in the plural: `images`, `pixels a side`."""
    points: Callable[[], Iterable[Point]]
    """Function that returns the points; it is called late, since they may name variants of another module's
    declarations."""
    place: str


def asked(
    function: Callable[P, Iterable[T]],
    what: str,
    kind: type[T] | tuple[type[T], ...],
    look: Callable[[Sequence[T]], None],
) -> Callable[P, tuple[T, ...]]:
    """The function with its result validated at each call; a fault is reported in one line.

    Args:
        function: the user's.
        what: `comparison 'depth'`, say.
        kind: type of all that the function returns or yields, or the types.
        look: raises `UsageError` where these do not go together.
    """
    place = place_of(function)
    kinds = " and ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))

    @wraps(function)
    def ask(*arguments: P.args, **named: P.kwargs) -> tuple[T, ...]:
        with foreign(what, place):
            found: object = function(*arguments, **named)
            items = tuple(found) if isinstance(found, Iterable) else None
        if items is None or isinstance(found, str):
            raise UsageError(f"{what} ({place}) returned {type(found).__name__}, not a list of {kinds}")
        for item in items:
            if not isinstance(item, kind):
                raise UsageError(f"{what} ({place}) has {type(item).__name__} in it, not {kinds} alone")
            check(f"{what} ({place})", item)
        try:
            look(items)
        except UsageError as error:
            raise UsageError(f"{what} ({place}): {error}") from error
        return items

    return ask


def distinct(identities: Sequence[Sequence[object]], noun: str) -> None:
    """Make sure that there are at least two items and that no two are the same.

    Raises:
        UsageError: fewer than two, or two that are equal.
    """
    if len(identities) < 2:
        raise UsageError(f"two {noun}s or more are needed, not {len(identities)}")
    for i, identity in enumerate(identities):
        if identity in identities[:i]:
            raise UsageError(f"two {noun}s are the same: {' '.join(map(str, identity))}")
