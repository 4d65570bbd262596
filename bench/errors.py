"""What can go wrong, and the exit code of each: the message is the one line that a person reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar

_FEW = 12
"""Names that a message has room for."""


class Exit(IntEnum):
    """Exit codes of every verb."""

    OK = 0
    REGRESSION = 1
    USAGE = 2
    INCOMPLETE = 3
    NOT_COMPARABLE = 4
    INTERRUPTED = 130


class EvobenchError(Exception):
    """A fault with one clear line for the user; never shown with a traceback."""

    exit_code: ClassVar[Exit] = Exit.USAGE


class UsageError(EvobenchError):
    """Wrong use or wrong configuration."""


class NothingPlanned(UsageError):
    """No cell is planned of what was asked for."""


class UnknownName(UsageError):
    """A name that nothing is declared under; the message offers the nearest one, or all where they are few."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"; there are {', '.join(names)}" if 0 < len(names) <= _FEW else ""
        if near:
            hint = f"; did you mean '{near[0]}'?"
        super().__init__(f"unknown {kind} '{name}'{hint}")


class DuplicateName(UsageError):
    """Two declarations under one name."""


class StoreError(EvobenchError):
    """The store cannot be read or written."""


class NotComparable(EvobenchError):
    """Two runs that must not be compared: another host, another protocol, or no baseline."""

    exit_code = Exit.NOT_COMPARABLE


class Unsupported(Exception):
    """Raised by a measure that cannot apply here; becomes a record with status `unsupported`."""
