"""What stands beside the networks of a lineage: figures that they are compared with, and what a decade brought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bench.declare.registry import Registry
from bench.validity import ABOVE_0, FILLED, FROM_1, Rule, rules

_OF_ITS_KIND = Rule(
    "given of an error, and of nothing else", lambda words, item: bool(words) is (item.top5_error is not None)
)


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A published fact about the time of some architectures, which a run that holds all of them keeps."""

    name: str = field(metadata=rules(FILLED))
    kind: Literal["entry", "human", "decade"]
    """`entry`: an error in ImageNet's challenge; `human`: people's error there; `decade`: what one brought."""
    year: int = field(metadata=rules(FROM_1))
    """Of a decade its first."""
    words: str = field(metadata=rules(FILLED))
    """Of a decade one sentence; of an error the name of who made it."""
    of: tuple[str, ...]
    """Names of the architectures that it tells of, the first before others."""
    source: str = field(metadata=rules(FILLED))
    top5_error: float | None = field(default=None, metadata=rules(ABOVE_0, none_as=0.0))
    """In percent."""
    protocol: str = field(default="", metadata=rules(_OF_ITS_KIND))
    """How the error was come by."""


MILESTONES: Registry[Milestone] = Registry("milestone")
