"""How the minutes are divided among the steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence


class Budget:
    """A deadline, of which each step gets its share; what a step leaves over goes to those after it."""

    def __init__(self, seconds: float, shares: Sequence[float], now: Callable[[], float] = time.monotonic) -> None:
        """Begin now.

        Args:
            seconds: of all steps together.
            shares: weights of the steps, in order.
            now: the clock, in seconds.
        """
        self._shares, self._now = list(shares), now
        self._end = now() + seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline, 0 at least."""
        return max(0.0, self._end - self._now())

    def granted(self, step: int) -> float:
        """Seconds of a step that begins now, by its place in the order: its share among those that are left."""
        ahead = sum(self._shares[step:])
        return self.left * self._shares[step] / ahead if ahead else 0.0
