"""Common parts of charts and tables: the sections that they name, and the report of a fault in one."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from bench.declare.places import foreign
from bench.errors import UnknownName, UsageError

T = TypeVar("T")


def require_section(what: str, name: str) -> None:
    """Make sure that the page has a section.

    Args:
        what: the declaration that names it, for the message.
        name: the section.

    Raises:
        UsageError: it has none; the nearest is offered.
    """
    if name not in _sections():
        raise UsageError(f"{what}: {UnknownName('section', name, _sections())}")


@cache
def _sections() -> tuple[str, ...]:
    """Names of the sections: those of their modules, which would load pandas and plotly."""
    folder = Path(__file__).parent / "page" / "sections"
    return tuple(info.name for info in pkgutil.iter_modules([str(folder)]))


def built(what: str, place: str, kind: type[T], build: Callable[[], T]) -> T:
    """Result of a declared function for a run.

    Args:
        what: the declaration, for messages.
        place: `file:line` of it.
        kind: type that the function must return.
        build: calls it.

    Raises:
        UsageError: the function fails, or returns something else.
    """
    with foreign(what, place):
        found: object = build()
    if not isinstance(found, kind):
        raise UsageError(f"{what} ({place}) must return a {kind.__name__}, not {type(found).__name__}")
    return found
