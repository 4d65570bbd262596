"""What a gate found: two sides and one verdict a cell. What every form of output is made from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.errors import Exit

if TYPE_CHECKING:
    from reports.comparing.comparison import Comparison, Verdict

FAIL_ON: frozenset[Verdict] = frozenset({"regression"})
"""Verdicts that make a judgement fail, unless others are asked for."""


@dataclass(frozen=True)
class Judgement:
    """Base against head, ready to be told."""

    base: str
    """What was compared with: a revision, a baseline's name, a run."""
    head: str
    found: tuple[Comparison, ...]
    """One a cell, the gravest first."""
    fail_on: frozenset[Verdict] = FAIL_ON
    """Verdicts that make it fail."""
    notes: tuple[str, ...] = ()
    """What a reader must know: a dirty tree, what was ignored, what was not run and why."""
    samples: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Raw samples of head by the key of the cell, in the measure's unit, in order."""
    host: Mapping[str, object] = field(default_factory=dict)
    """Fingerprint of the machine and software of head."""
    started: str = ""
    """When head was measured, ISO 8601."""
    conditions: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Architecture, measure and scenario of the cells by their key, as plain data."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """Status and reason, by the key of the cell, of what head was to measure and could not."""

    @property
    def failing(self) -> tuple[Comparison, ...]:
        """The cells that make it fail."""
        return tuple(item for item in self.found if item.verdict in self.fail_on)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many cells have each verdict, the gravest first; those that none has are left out."""
        from reports.comparing.comparison import VERDICTS

        count = Counter(item.verdict for item in self.found)
        return {verdict: count[verdict] for verdict in VERDICTS if count[verdict]}

    @property
    def exit_code(self) -> Exit:
        """1 where a cell makes it fail, else 0."""
        return Exit.REGRESSION if self.failing else Exit.OK

    @property
    def worst_first(self) -> tuple[Comparison, ...]:
        """All cells: first those that make it fail, then by verdict, then by how much worse they became."""
        order = {verdict: place for place, verdict in enumerate(self.counts)}
        return tuple(
            sorted(
                self.found,
                key=lambda item: (item.verdict not in self.fail_on, order[item.verdict], -_harm(item)),
            )
        )


def _harm(item: Comparison) -> float:
    """How much worse it became, as a factor; infinite where head has no figure, 0 where nobody can tell."""
    if item.head is None:
        return math.inf
    if item.ratio is None:
        return 0.0
    falls = 1 / item.ratio if item.ratio > 0 else math.inf
    if item.better == "neither":
        return max(item.ratio, falls)
    return item.ratio if item.better == "lower" else falls
