"""Description of a difference: its parts, and those that explain a verdict. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Kind = Literal["layer", "operator", "tensor"]
OTHERS = "others"
"""Name in the place of an item for everything that is too small to be kept by itself."""
PYTHON = "python"
"""Name in the place of an operator for the time of a layer that no operator and no inner layer has taken."""


@dataclass(frozen=True)
class Cause:
    """Something that differs between base and head, and explains a part of a verdict."""

    kind: Kind
    name: str
    base: float | None
    """The base's amount, in `unit`; None where the base lacks it."""
    head: float | None
    unit: str
    share: float
    """Share of the whole difference; more than 1 where something else has improved."""


@dataclass(frozen=True)
class ProfilePart:
    """One item of one layer: an operator's time, the bytes of one kind of tensor, a count."""

    path: str
    """Path of the layer in the head, or in the base where the head lacks it."""
    type: str
    item: str
    base: float | None
    """The base's amount; None where the base lacks the layer."""
    head: float | None
    was: str | None = None
    """The layer's path in base, where that is another."""
    largest: str = ""
    """Shape and type of the largest tensor."""


@dataclass(frozen=True)
class Difference:
    """The profiles of base and head, to be drawn."""

    unit: str
    base: float
    """The base's amount over all parts together, in `unit`."""
    head: float
    steps: int
    """Profiled steps of each side."""
    pairs: int
    """Pairs of profiled processes."""
    parts: tuple[ProfilePart, ...]
    shown: bool = True
    """Whether this is the difference that the verdict is about."""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Difference:
        """Inverse of `dataclasses.asdict`.

        Raises:
            KeyError: a field is missing.
        """
        values = {field.name: content[field.name] for field in fields(cls)}
        return cls(**{**values, "parts": tuple(ProfilePart(**part) for part in values["parts"])})
