"""Distribution of a cell's values on both sides, kept in the store with the cell's verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TwoModes:
    """Two values around which one side's values heap up."""

    better: float
    """Middle of the better mode, in the measure's unit."""
    worse: float
    share: float
    """Share of the values that lie in the worse mode."""
    between: bool
    """Whether most processes are of one mode alone; else each process goes back and forth."""


@dataclass(frozen=True)
class Distribution:
    """Distribution of the values of one side."""

    spread: float
    """Share by which the 90th percentile of a round's values lies above the 10th, the median over the rounds."""
    counts: tuple[int, ...]
    """Values in each of the bins, which are equally wide in their logarithm."""
    modes: TwoModes | None


@dataclass(frozen=True)
class Spread:
    """The distributions of both sides, on one axis."""

    base: Distribution
    head: Distribution
    low: float
    """Lower end of the bins in the measure's unit: the first percentile of all values."""
    high: float
    """Upper end of the bins: the 99th percentile."""
    erratic: bool
    """Whether the head's spread is decided to be beyond that of base and its twin."""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Spread:
        """Inverse of `dataclasses.asdict`.

        Raises:
            KeyError: a field is missing.
        """
        base, head = (_distribution(content[side]) for side in ("base", "head"))
        return cls(base, head, content["low"], content["high"], content["erratic"])

    @property
    def note(self) -> str:
        """Note on the distribution, beside pictures; empty where there is nothing to say."""
        sides = {"base": self.base, "head": self.head}
        words = [f"{name} {_how(side.modes)}" for name, side in sides.items() if side.modes]
        if self.erratic:
            words.insert(
                0, f"newly erratic: spread {100 * self.head.spread:.0f} %, base {100 * self.base.spread:.0f} %"
            )
        return "; ".join(words)


def _how(modes: TwoModes) -> str:
    return f"has two modes {'between' if modes.between else 'within'} processes"


def _distribution(content: Mapping[str, Any]) -> Distribution:
    modes = content["modes"] and TwoModes(**content["modes"])
    return Distribution(content["spread"], tuple(content["counts"]), modes)
