"""Requirements of a job on its host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Room = Literal["host", "threads", "core"]
"""Share of the host that a cell takes: all of it, the cores of its scenario's threads, or a single core."""


def room_of(repeats: str, depends_on: object) -> Room:
    """Default share of the host for cells of a measure that does not declare it.

    A figure that repeats is the same whatever runs beside it; any other is taken on a host that runs nothing else.

    Args:
        repeats: where the measure's figure repeats.
        depends_on: conditions that change the measure; a count whose threads change nothing computes on one.
    """
    if repeats == "never":
        return "host"
    on_one = repeats == "anywhere" and isinstance(depends_on, tuple) and "threads" not in depends_on
    return "core" if on_one else "threads"


@dataclass(frozen=True)
class Needs:
    """Resources that must be free on a host before a job begins there."""

    alone: bool = False
    """Whether nothing else of ours may run on the host meanwhile, as for a timing."""
    threads: int = 1
    """Cores that the job computes on."""
    device: str = ""
    """GPU that the job computes on, by torch's name (without an index: any one); empty: none."""
    memory: int = 0
    """Bytes that the job is expected to take at most; 0: unknown."""
    here: bool = False
    """Whether the job reads files of the user, such as images or weights, which only the driver's machine has."""
