"""Known figures of an architecture that people may choose, and reasons for missing ones. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

PUBLISHED = "published"
"""The kind of accuracy that papers and weights state for ImageNet."""
ON_DEVICES = ("latency", "memory")
"""Costs that depend on a device."""


@dataclass(frozen=True)
class CandidateFigure:
    """A figure of one architecture in SI units (an accuracy as a share), with what to say of it."""

    value: float
    text: str
    """Text for people, with the interval."""
    note: str
    """Conditions, protocol and source."""
    resolution: int | None = None
    """Side of the input that it was measured at, in pixels; None where it is the same at every size."""
    provenance: Literal["measured", "published"] = "measured"
    low: float | None = None
    high: float | None = None
    """Bounds of its interval, where it has one."""
    bound: str = ""
    """`AT_LEAST` where it is only a lower bound."""
    status: str = ""
    """`NOISY` where it was disturbed."""


@dataclass(frozen=True)
class Kind:
    """A kind of accuracy: figures that compare with each other."""

    name: str
    title: str
    published: bool = False
    target: str = ""
    """Short name of the target."""
    whole: str = ""
    """The target as a run keeps it: a path is whole."""
    words: tuple[str, ...] = ()
    """Words for its task beside the target."""


@dataclass(frozen=True)
class RespectFigures:
    """Figures under one key by architecture, and why there is none where something is known of it."""

    key: str
    figures: Mapping[str, CandidateFigure]
    lacks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Accuracies:
    """Accuracies of one kind by architecture, and why there is none where something is known of it."""

    kind: Kind
    figures: Mapping[str, CandidateFigure]
    lacks: Mapping[str, str] = field(default_factory=dict)
    otherwise: Mapping[str, CandidateFigure] = field(default_factory=dict)
    """Figures from another protocol, which compare with no other figure."""
    best: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The trainings that a figure is the mean of, as rows of `reports.learning.scenarios.trainings`, whose column
    `merit` is the figure of each; none where it is published."""


def key_of(respect: str, device: str) -> str:
    """Key of an architecture's figure in a respect: a time belongs to a device."""
    return f"{respect}@{device}" if respect in ON_DEVICES else respect
