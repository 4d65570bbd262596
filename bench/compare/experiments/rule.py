"""Decisions fixed before anything is measured: the looks, the level and the margin of a run's comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.compare.experiments.contrasts import Contrast, Family, table_sizes
from bench.statistics.looks import ALPHA, Looks
from bench.store.database import Store

DESIGN = "design"
"""Kind of the declaration that a run keeps its design in."""
MARGIN = 0.01
"""Share of one: a smaller difference does not matter, where the user says nothing else."""


@dataclass(frozen=True)
class ComparisonRule:
    """Rule by which one comparison of a table is answered."""

    tests: int
    """Comparisons of the table."""
    margin: float = MARGIN
    """Share of one: a difference that is surely smaller is none."""
    looks: Looks | None = None
    """Plan of looks; None: one look at the existing pairs, whose number was fixed beforehand."""
    beyond: float = 0.0
    """Share of one: a difference counts where it is surely larger; the margin where none is expected."""


@dataclass(frozen=True)
class Design:
    """How a run compares trainings; stored with the run, so that its report decides by the same rule."""

    looks: tuple[int, ...] = ()
    """Numbers of pairs at which each comparison is looked at; none: once, at the pairs that are there."""
    level: float = ALPHA
    """Chance that anything is wrong in a table."""
    margin: float = MARGIN
    """Share of one."""

    def rule(self, tests: int) -> ComparisonRule:
        """Rule for a table of so many comparisons."""
        return ComparisonRule(tests, self.margin, Looks(self.looks, self.level) if self.looks else None)

    def rules(self, found: Iterable[Contrast]) -> Mapping[Family, ComparisonRule]:
        """Rule for each table of a plan's comparisons."""
        return {family: self.rule(tests) for family, tests in table_sizes(found).items()}

    def to_dict(self) -> dict[str, Any]:
        """The design as plain data."""
        return {"looks": list(self.looks), "level": self.level, "margin": self.margin}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Design:
        """Inverse of `to_dict`."""
        return cls(tuple(data["looks"]), data["level"], data["margin"])


def kept_design(store: Store, run: str) -> Design:
    """Design by which a run compares; an older run gets today's design, without further looks."""
    found = store.declarations(run, DESIGN)
    return Design.from_dict(found[0].content) if found else Design()
