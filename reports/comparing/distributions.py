"""Distribution of the values of both sides of a comparison, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.compare.verdict import Comparison
from reports.comparing.pairing import figure

_HEIGHTS = "▁▂▃▄▅▆▇█"
_NONE = "·"


def is_told(item: Comparison) -> bool:
    """Whether the distribution says more than its middle: two modes, or a new spread."""
    return item.spread is not None and bool(item.spread.note)


def lines(item: Comparison) -> tuple[str, ...]:
    """A line of blocks for base and one for head, with the ends of their axis, then where modes are.

    Nothing where it is not known how the values lie.
    """
    if item.spread is None:
        return ()
    ends = f"{figure(item, item.spread.low)} to {figure(item, item.spread.high)}"
    base, head = (blocks(side.counts) for side in (item.spread.base, item.spread.head))
    return (f"base {base}", f"head {head} {ends}", *places(item))


def places(item: Comparison) -> Iterator[str]:
    """Text for each side with two modes: where they are and how many values lie in the worse one."""
    if item.spread is None:
        return
    for name, side in (("base", item.spread.base), ("head", item.spread.head)):
        if side.modes:
            better, worse = figure(item, side.modes.better), figure(item, side.modes.worse)
            yield f"modes of {name}: {better}, and {worse} of {100 * side.modes.share:.0f} % of the values"


def blocks(counts: Sequence[int]) -> str:
    """A block a bin, as high as its count is beside the largest; a dot where there is none."""
    most = max(counts, default=0)
    return "".join(_HEIGHTS[(len(_HEIGHTS) * n - 1) // most] if n else _NONE for n in counts)
