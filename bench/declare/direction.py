"""Which way a change of a measure's figure goes."""

from __future__ import annotations


def gain(better: str, change: float) -> float:
    """A change with its sign turned where less is better, so that more than 0 is always better.

    Args:
        better: of the measure: `lower` or `higher`. Of `neither` no change is a gain: ask before.
        change: later less earlier, or the logarithm of later over earlier.
    """
    return -change if better == "lower" else change
