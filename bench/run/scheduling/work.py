"""Elements of a schedule: works that are done once each, and their starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.declare.needs import Needs

Turn = Literal["first", "then", "last", "again"]
"""Time at which a timing is due: as its cell is declared, or `again` where it was disturbed."""


@dataclass(frozen=True)
class Work:
    """Something that is to be done once, on any host that has what it needs."""

    key: str
    needs: Needs
    seconds: float
    """Wall time that it is expected to take."""
    after: tuple[str, ...] = ()
    """Works that must have succeeded before; each stands before this one in the plan."""
    early: bool = False
    """Whether the work goes before the timings, as counts do; what counts or a timing wait for always does."""
    due: Turn = "then"
    """Turn at which a timing is due."""
    number: int = 0
    """Number of the timing's process within its cell, from 0."""
    further: bool = False
    """Whether the work is a training of an arm that has an earlier one; an artifact goes when its first reader
    does."""
    batch: int = 0
    """Batch of a further training; trainings of an earlier batch go first.

    Within batch 0, which is the plan's, the chain with the fewest seconds goes first; within any other batch the
    given order holds.
    """


@dataclass(frozen=True)
class Start:
    """A work that is to begin now."""

    key: str
    host: str
    gpu: str
    """The device that it has for itself, by torch's name; empty: none."""
