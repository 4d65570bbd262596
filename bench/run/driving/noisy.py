"""Count of the timings that others disturbed, for the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.cell import Cell, Record

_NAMED = 3
"""Cells that stayed noisy that the end of a run names, at most."""


@dataclass
class Disturbed:
    """Timings that others disturbed."""

    seen: int = 0
    again: int = 0
    """Records of timings that were measured a second time."""
    noisy: list[Cell] = field(default_factory=list)
    """Cells of those of them whose second measurement was disturbed, too."""
    once: int = 0
    """Records of disturbed timings that were not measured again so far."""

    def count(self, record: Record) -> None:
        """A timing was measured for the first time."""
        self.once += "noisy" in record.details

    def settle(self, record: Record) -> None:
        """Count that a disturbed timing was measured again."""
        self.once -= 1
        self.again += 1
        if "noisy" in record.details:
            self.noisy.append(record.cell)

    def lines(self) -> Iterator[str]:
        """Sentences that the run ends with."""
        if self.again:
            stayed = f"{len(self.noisy)} stayed noisy: {_named(self.noisy)}" if self.noisy else "none stayed noisy"
            yield f"{_timings(self.again)} disturbed and measured again; {stayed}"
        if self.once:
            yield f"{_timings(self.once)} disturbed and marked noisy: no time was left to measure again"


def _named(cells: Sequence[Cell]) -> str:
    """The first cells by name, each once, and how many more there are."""
    names = list(dict.fromkeys(map(str, cells)))
    more = len(names) - _NAMED
    return "; ".join(names[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _timings(number: int) -> str:
    return "1 timing was" if number == 1 else f"{number} timings were"
