"""Sequential rule for regressions of a cell, on the log-ratios of fresh pairs of processes. Pure.

docs/decisions/0021-the-gate.md says why it is this one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Literal

from bench.statistics import signed_rank
from bench.statistics.intervals import Interval, from_log

Answer = Literal["regression", "improvement", "fine", "undecided"]
ALPHA = 0.01
"""Chance that a run in which nothing changed reports a regression."""
MISS = 0.05
"""Chance that a cell is called fine although it is slower by `NOTICE`."""
LEAST = 0.01
"""Share below which a slowdown is never a regression, however sure it is."""
NOTICE = 0.03
"""Slowdown, as a share, that must be excluded before a cell is called fine."""
WIDER = 1.5
"""Least factor by which head's spread must have grown to be called erratic."""
_GROWTH = (1.0, 1.5, 2.0)
"""Numbers of pairs at which a cell is tested for a change, as multiples of the first one."""


@dataclass(frozen=True)
class SequentialRule:
    """The rule of one run, whose error is shared out among its cells and the looks at each."""

    cells: int
    """Number of cells that are tested in the run."""
    alpha: float = ALPHA
    miss: float = MISS
    least: float = LEAST
    notice: float = NOTICE

    @property
    def level(self) -> float:
        """Upper bound on the p-value of one look at one cell (Bonferroni)."""
        return self.alpha / (self.cells * len(_GROWTH))

    @property
    def early(self) -> int:
        """Number of pairs at which a cell can only be found fine: the fewest that can reach the level."""
        return _fewest(self.miss / len(_GROWTH))

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of pairs at which a decision is made: the early one, and others that grow with the number of
        cells.

        So that the first of these can reach the level.
        """
        first = max(self.early + 1, _fewest(min(self.level, self.level_of_fine)))
        return (self.early, *(math.ceil(growth * first) for growth in _GROWTH))

    @property
    def level_of_fine(self) -> float:
        """Level of the later looks: what the early one has left of the chance of a miss, shared among them."""
        return (self.miss - signed_rank.smallest_p(self.early)) / len(_GROWTH)

    def decide(self, pairs: Sequence[float], twins: Sequence[float], wider: Sequence[float] = ()) -> Decision:
        """Decision after a number of pairs; at a number without a look, it is `undecided`.

        Args:
            pairs: log of head over base, of one fresh pair of processes each, more being worse.
            twins: log of base over base, of the pair's own twin each.
            wider: log of head's spread over that of base, of each pair, where it is known.
        """
        band = band_of(twins)
        edge = math.log1p(max(self.least, band))
        answer: Answer = "undecided"
        if len(pairs) == self.early:
            if self._is_plainly_fine(pairs, wider):
                answer = "fine"
        elif len(pairs) in self.looks:
            if signed_rank.p_above(pairs, edge) <= self.level:
                answer = "regression"
            elif signed_rank.p_below(pairs, -edge) <= self.level:
                answer = "improvement"
            elif signed_rank.p_below(pairs, math.log1p(self.notice)) <= self.level_of_fine:
                answer = "fine"
        return Decision(answer, tuple(pairs), tuple(twins), band)

    def is_erratic(self, pairs: Sequence[float], twins: Sequence[float]) -> bool:
        """Whether head's spread lies beyond `WIDER` times base's, and beyond the variation of base's own spread.

        At the same looks and levels as the middle, but apart from it: the spread's error adds to the middle's.

        Args:
            pairs: log of head's spread over base's, one a fresh pair of processes.
            twins: log of the spread of base's twin over base's, one a pair.
        """
        edge = max(math.log(WIDER), math.log1p(band_of(twins)))
        return len(pairs) in self.looks and signed_rank.p_above(pairs, edge) <= self.level

    def _is_plainly_fine(self, pairs: Sequence[float], wider: Sequence[float]) -> bool:
        """Whether all early pairs lie well within `NOTICE`, and head does not look erratic.

        Half way to it, so that a slowdown that would be found later does not slip through as one that is fine, and
        on both sides of zero, so that an improvement is still told.
        """
        edge = math.log1p((self.least + self.notice) / 2)
        is_steady = not wider or median(wider) < math.log(WIDER)
        return is_steady and all(abs(pair) < edge for pair in pairs)

    def is_last(self, pairs: int) -> bool:
        """Whether a number of pairs is that of the last look."""
        return pairs >= self.looks[-1]


@dataclass(frozen=True)
class Decision:
    """Decision about a cell, and the numbers that it rests on."""

    answer: Answer
    pairs: tuple[float, ...]
    """Log-ratios of head over base, one per fresh pair of processes."""
    twins: tuple[float, ...]
    """Log-ratios of base's twin over base, one per pair."""
    band: float
    """Share by which base differs from itself."""

    @property
    def ratio(self) -> float:
        """Ratio of head to base; above 1 is worse."""
        return from_log(signed_rank.estimate(self.pairs))

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the ratio for this cell alone; None with too few pairs."""
        found = signed_rank.interval(self.pairs)
        return found and Interval(from_log(found.low), from_log(found.high), found.method)


def _fewest(level: float) -> int:
    """Least number of pairs at which the test can reach a level, if all lie on one side."""
    return next(n for n in count(2) if signed_rank.smallest_p(n) <= level)


def band_of(twins: Sequence[float]) -> float:
    """Share by which base can seem slower or faster than itself: the far end of the interval of its A/A pairs.

    Where too few pairs give no interval, the farthest of them.
    """
    if not twins:
        return 0.0
    found = signed_rank.interval(twins)
    ends = (found.low, found.high) if found else (min(twins), max(twins))
    return math.expm1(max(map(abs, ends)))
