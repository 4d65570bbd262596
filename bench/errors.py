"""Errors for the user and the exit code of each: the message is the one line that a person reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import ClassVar

from bench.words import in_room

_ROOM = 160
"""Most characters that the names in a message may take: a line has 300."""
_WORDS = 400
"""Most characters of a foreign error's own words."""
_FEW = 20
"""Most names that a message lists when a verb lists them, too, with a description each."""
_LISTED = {
    "architecture": "architectures",
    "measure": "measures",
    "suite": "suites",
    "data set": "datasets",
    "comparison": "comparisons",
    "sweep": "sweeps",
    "quadrant": "quadrants",
    "recipe": "recipes",
    "augmentation": "augmentations",
}
"""Kinds of declarations by the word that `evobench list` takes for them."""


class Exit(IntEnum):
    """Exit codes of every verb."""

    OK = 0
    """What was asked for is done, and no verdict is bad."""
    REGRESSION = 1
    """A verdict: a figure became worse, a watched cell was dropped or stays undecided (as `--fail-on` says), a
    claim of the audit does not hold, or an accuracy is not the published one."""
    USAGE = 2
    """Wrong use: an unknown option or name, a file that cannot be read or written, a package that is missing."""
    INCOMPLETE = 3
    """Some cells failed. All that was measured is kept, and the summary names what failed and why."""
    NOT_COMPARABLE = 4
    """The two sides must not be compared: different hosts or protocols, or there is no baseline."""
    FAULT = 70
    """A fault of evobench itself. One line names a file with the details: please report it with them."""
    INTERRUPTED = 130
    """Ctrl-C or SIGTERM ended it. What was measured until then is kept."""


def words_of(error: BaseException) -> str:
    """Kind and words of an error of foreign code, in one line of a few hundred characters."""
    try:
        said = " ".join(str(error)[:_WORDS].split())
    except KeyboardInterrupt:
        raise
    except BaseException as further:  # noqa: BLE001 - an error's words are code of whoever made it
        said = f"its words cannot be had: {type(further).__name__}"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


class EvobenchError(Exception):
    """A fault with one clear line for the user; never shown with a traceback."""

    exit_code: ClassVar[Exit] = Exit.USAGE


class UsageError(EvobenchError):
    """Wrong use or wrong configuration."""


class NothingPlanned(UsageError):
    """The request plans no cell."""


class UnknownName(UsageError):
    """A name that nothing is declared under.

    The message offers the nearest name; without one all names where they are few, else the verb that lists them.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"; did you mean '{near[0]}'?" if near else _choices(kind, names)
        shown = "\\n".join(name.splitlines())
        super().__init__(f"unknown {kind} '{shown}'{hint}")


def _choices(kind: str, names: Sequence[str]) -> str:
    """The known names, as many as have room, or where they are listed; empty where there are none."""
    if kind in _LISTED and len(names) > _FEW:
        return f"; evobench list {_LISTED[kind]} shows what there is"
    return f"; there are {in_room(names, _ROOM)}" if names else ""


class DuplicateName(UsageError):
    """Two declarations under one name."""


class StoreError(EvobenchError):
    """The store cannot be read or written."""


class NotComparable(EvobenchError):
    """Two runs that must not be compared: another host, another protocol, or no baseline."""

    exit_code = Exit.NOT_COMPARABLE


class Unsupported(Exception):
    """Raised by a measure that cannot apply here; becomes a record with status `unsupported`."""
