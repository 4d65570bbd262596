"""What a job needs of the host that it runs on."""

from __future__ import annotations

from dataclasses import dataclass


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
