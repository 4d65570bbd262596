"""Outcome of a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.cell import Picture, Status
from bench.execute.frames import Frame, pictures_of


@dataclass(frozen=True)
class Outcome:
    """Outcome of one job."""

    status: Status
    reason: str = ""
    values: tuple[float, ...] = ()
    warmup: tuple[float, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    disk_full: bool = False
    pictures: tuple[Picture, ...] = ()
    images: tuple[str, ...] = ()
    killed: bool = field(default=False, compare=False)
    """Whether the process was killed, or ended by itself without a result: the memory that it held may be free
    later."""
    lost: bool = field(default=False, compare=False)
    """Whether it was ended from outside, killed by another or with its host: the job may be done again."""


ENDED = Outcome("failed", "was ended")
"""Outcome of a job that was stopped because its partner failed."""


def outcome_of(frame: Frame) -> Outcome:
    """Outcome that a job's last frame states."""
    details = dict(frame.get("details", {}))
    if frame.get("traceback"):
        details["traceback"] = frame["traceback"]
    return Outcome(
        frame["status"],
        frame.get("reason", ""),
        tuple(frame.get("values", ())),
        tuple(frame.get("warmup", ())),
        details,
        frame.get("disk_full", False),
        pictures_of(frame.get("pictures", ())),
        tuple(frame.get("images", ())),
    )
