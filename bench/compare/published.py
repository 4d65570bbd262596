"""Agreement of an accuracy with the published one for the same weights and pictures."""

from __future__ import annotations

from typing import Literal

from bench.statistics.intervals import wilson

Agreement = Literal["agrees", "disagrees", "too few pictures to tell"]
NARROW = 0.01
"""Half the width that an interval may have to confirm a figure: a point, as recipes differ by."""


def agreement(right: int, n: int, published: float) -> Agreement:
    """Compare by Wilson's 95 % interval of the accuracy.

    A published figure outside disagrees, however wide the interval; one inside agrees where it is narrow.

    Args:
        right: pictures whose first answer is right.
        n: pictures, one or more.
        published: accuracy, 0..1.

    Raises:
        ValueError: there is no picture.
    """
    interval = wilson(right, n)
    if interval is None:
        raise ValueError("an accuracy of no pictures")
    if published not in interval:
        return "disagrees"
    return "agrees" if interval.high - interval.low <= 2 * NARROW else "too few pictures to tell"
