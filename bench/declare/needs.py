"""What a job needs of the host that it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Room = Literal["host", "threads", "core"]
"""What a cell takes of its host: all of it, the cores of its scenario's threads, or a single core."""


def room_of(repeats: str, depends_on: object) -> Room:
    """What cells of a measure take where it does not say.

    A figure that repeats is the same whatever runs beside it; any other is taken on a host that runs nothing else.

    Args:
        repeats: of the measure.
        depends_on: of the measure; a count whose threads change nothing computes on one.
    """
    if repeats == "never":
        return "host"
    on_one = repeats == "anywhere" and isinstance(depends_on, tuple) and "threads" not in depends_on
    return "core" if on_one else "threads"


@dataclass(frozen=True)
class Needs:
    """What must be free on a host before a job begins there."""

    alone: bool = False
    """Whether nothing else of ours may run on the host meanwhile: a timing."""
    threads: int = 1
    """Cores that it computes on."""
    device: str = ""
    """GPU that it computes on, by torch's name (without an index: any one); empty: none."""
    memory: int = 0
    """Bytes that it is expected to take at most; 0: not known."""
    here: bool = False
    """Whether it reads files of the user's, such as images or weights: they are on the driver's machine alone."""
