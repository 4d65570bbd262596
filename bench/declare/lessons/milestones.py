"""Milestones beside the networks of a lineage: figures to compare with, and what each decade brought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bench.declare.registry import Registry
from bench.validity import ABOVE_0, FILLED, FROM_1, FieldRule, rules

_OF_ITS_KIND = FieldRule(
    "given of an error, and of nothing else", lambda words, item: bool(words) is (item.top5_error is not None)
)


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A published fact about the time of some architectures, which a run that holds all of them keeps."""

    name: str = field(metadata=rules(FILLED))
    kind: Literal["entry", "human", "decade"]
    """Kind of fact: `entry`, an error in ImageNet's challenge; `human`, people's error there; `decade`, its
    progress."""
    year: int = field(metadata=rules(FROM_1))
    """Year of the fact; for a decade its first year."""
    words: str = field(metadata=rules(FILLED))
    """Sentence about a decade, or the name of who achieved an error."""
    of: tuple[str, ...]
    """Names of the architectures that the fact belongs to, the main one first."""
    source: str = field(metadata=rules(FILLED))
    top5_error: float | None = field(default=None, metadata=rules(ABOVE_0, none_as=0.0))
    """Top-5 error in percent."""
    protocol: str = field(default="", metadata=rules(_OF_ITS_KIND))
    """Protocol by which the error was obtained."""


MILESTONES: Registry[Milestone] = Registry("milestone")
