"""Plan of the base, as it tells the head. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.cell import Cell, Learning, digest
from bench.declare.nature import Nature


@dataclass(frozen=True)
class PlannedCell:
    """A cell as base tells of it: head may have neither its architecture nor its measure."""

    content: Mapping[str, Any]
    """`Cell.to_dict()`, in which files of the repository have head's paths."""
    name: str
    unit: str
    nature: Nature
    better: str
    suites: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any], elsewhere: Callable[[str], str]) -> PlannedCell:
        """Read a row of base's answer.

        Args:
            row: row that `bench.gate.inside.planning` gives.
            elsewhere: says of a file of base's worktree where head has it.
        """
        scenario = {k: elsewhere(v) if isinstance(v, str) else v for k, v in row["cell"]["scenario"].items()}
        content = {**row["cell"], "scenario": scenario}
        about = (row["unit"], Nature(row["nature"]), row["better"], tuple(row["suites"]))
        return cls(content, elsewhere(row["name"]), *about)

    @property
    def key(self) -> str:
        """Identity of the cell."""
        return digest(self.content)

    @property
    def measure(self) -> str:
        """Name of its measure."""
        return str(self.content["measure"])

    @property
    def cell(self) -> Cell | None:
        """The cell; None where head does not know one of its conditions."""
        try:
            return Cell.from_dict(dict(self.content))
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def training(self) -> Cell | None:
        """The cell where it is a training, which is told with those that differ in seed and fold."""
        return self.cell if self.cell and isinstance(self.cell.scenario, Learning) else None


@dataclass(frozen=True)
class BasePlan:
    """Cells that the base's own declarations plan of what the head was asked for."""

    cells: tuple[PlannedCell, ...]
    files: Mapping[str, str]
    """File that declares each suite, by the suite's name."""
    unknown: tuple[str, ...] = ()
    """Suites that are asked for and that base does not have."""
    refused: str = ""
    """Reason why the base cannot plan, where it does not know what is asked."""
