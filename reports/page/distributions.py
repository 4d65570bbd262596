"""Small pictures of how the values of both sides lie: base above an axis, head below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.compare.verdict import Comparison
from reports.comparing.distributions import is_told, places
from reports.comparing.pairing import figure

MOST = 40
"""Pictures of a page: those beyond are in the table's notes."""
BAR, HEIGHT = 10, 40
"""Units of the drawing that a bin is wide, and the largest one is high."""


@dataclass(frozen=True)
class DistributionPicture:
    """Histograms of one cell."""

    cell: str
    verdict: str
    words: str
    """Description of what is to be seen."""
    base: str
    """Path of the bars of base; of head likewise."""
    head: str
    low: str
    """Figure at the left end."""
    high: str
    width: int


def pictures(found: Iterable[Comparison]) -> list[DistributionPicture]:
    """A picture of each cell that is not fine or has something to tell, in the cells' order."""
    return [_picture(item) for item in found if item.spread and (item.verdict != "fine" or is_told(item))][:MOST]


def _picture(item: Comparison) -> DistributionPicture:
    assert item.spread is not None
    base, head = item.spread.base, item.spread.head
    spreads = f"spread of base {100 * base.spread:.1f} %, of head {100 * head.spread:.1f} %"
    return DistributionPicture(
        item.cell,
        item.verdict,
        "; ".join([spreads, *places(item)]),
        _bars(base.counts, -HEIGHT),
        _bars(head.counts, HEIGHT),
        figure(item, item.spread.low),
        figure(item, item.spread.high),
        BAR * len(base.counts),
    )


def _bars(counts: Sequence[int], height: int) -> str:
    """Bars from the axis at 0 to `height`, where a count is largest."""
    most = max(counts, default=0)
    return "".join(f"M{i * BAR} 0v{height * n / most:.1f}h{BAR - 1}V0z" for i, n in enumerate(counts) if n)
