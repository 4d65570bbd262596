"""Declared quadrants: a small or large target, similar to the source or not, and what one is advised to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from bench.declare.catalog import ARCHITECTURES
from bench.declare.groups import asked
from bench.declare.registry import Registry, one_line, place_of
from bench.errors import UsageError
from bench.transfer import transfer_of
from bench.validity import FILLED, FROM_1, FieldRule, rules

F = TypeVar("F", bound=Callable[..., Any])
STAGE = "STAGE"
"""Placeholder in an advised mode for any stage."""


@dataclass(frozen=True)
class Task:
    """A network with its source of weights, and what it is to learn from so many images."""

    architecture: str
    weights: str = field(metadata=rules(FILLED))
    target: str = field(metadata=rules(FILLED))
    shots: int | None = field(metadata=rules(FROM_1, none_as=0))
    """Training images per class; None: all of them."""


_SOME = FieldRule("one mode of transfer or more", lambda modes, _: len(modes) > 0)


@dataclass(frozen=True, kw_only=True)
class Quadrant:
    """One of four situations of transfer, with the strategies that are advised in it."""

    name: str = field(metadata=rules(FILLED))
    title: str = field(metadata=rules(FILLED))
    about: str
    size: Literal["small", "large"]
    """Size of the target."""
    likeness: Literal["similar", "different"]
    """Likeness of the target to the source."""
    advice: str = field(metadata=rules(FILLED))
    """The advice, in the words of its author."""
    advised: tuple[str, ...] = field(metadata=rules(_SOME))
    """Modes of transfer that these words name, with `STAGE` for any stage."""
    tasks: Callable[[], Iterable[Task]]
    """Tasks that put the advice to the test."""
    place: str


QUADRANTS: Registry[Quadrant] = Registry("quadrant")


def quadrant(
    *,
    title: str,
    size: Literal["small", "large"],
    likeness: Literal["similar", "different"],
    advice: str,
    advised: Iterable[str],
) -> Callable[[F], F]:
    """Declare a quadrant: a function without arguments that returns its `Task`s, under the function's name.

    Raises:
        UnknownName: a mode of transfer that there is not.
        UsageError: the declaration does not hold what `Quadrant` says.
    """
    modes = tuple(advised)

    def declare(tasks: F) -> F:
        for mode in modes:
            transfer_of(mode)
        item = Quadrant(
            name=tasks.__name__,
            title=title,
            about=one_line(tasks),
            size=size,
            likeness=likeness,
            advice=advice,
            advised=modes,
            tasks=asked(tasks, f"quadrant '{tasks.__name__}'", Task, _known),
            place=place_of(tasks),
        )
        QUADRANTS.add(item.name, item, item.place)
        return tasks

    return declare


def _known(tasks: Sequence[Task]) -> None:
    """Make sure that there is a task and that each architecture is known."""
    if not tasks:
        raise UsageError("one task or more is needed")
    for task in tasks:
        ARCHITECTURES.get(task.architecture)
