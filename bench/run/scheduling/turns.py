"""Turns of timings and trainings that share the remaining time of a run."""

from __future__ import annotations

from dataclasses import dataclass

SHARE = 2.0
"""Times as long as timings that trainings get: a process more narrows an interval, a seed more can answer."""
BLOCK = 15.0
"""Seconds that timings have in a row, roughly: they need an empty host, and emptying it costs lanes."""


@dataclass
class Turns:
    """A fair queue of two sides by expected wall seconds; each change of sides is a block apart from the next."""

    timings: float = 0.0
    """Seconds that were given to timings."""
    trainings: float = 0.0
    """Likewise to trainings, over their share."""
    timing: bool = False
    """Whether timings had the last block of time."""
    left: float = 0.0
    """Seconds of that block that are not given yet, of trainings over their share."""

    @property
    def is_timings(self) -> bool:
        """Whether a timing goes next, if both sides have something to do."""
        if self.left > 0.0 or self.timings == self.trainings:
            return self.timing
        return self.timings < self.trainings

    def give(self, timing: bool, seconds: float, other_waits: bool) -> None:
        """Something of one side begins.

        Args:
            timing: whether it is a timing.
            seconds: expected wall time, a work that shares its host counting its share.
            other_waits: whether the other side had something to do, too; if not, it is owed nothing for this.
        """
        if self.left <= 0.0 or timing != self.timing:
            self.timing, self.left = timing, BLOCK
        given = seconds if timing else seconds / SHARE
        self.left -= given
        if timing:
            self.timings += given
        else:
            self.trainings += given
        if not other_waits:
            self.timings = self.trainings = max(self.timings, self.trainings)
