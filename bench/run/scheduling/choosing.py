"""Choice of the ready work that begins on a host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.run.scheduling.order import AGAIN, COUNTS, EARLY, FIRST, LATE, MORE, REST, SEED, TIMING
from bench.run.scheduling.ready import Ready
from bench.run.scheduling.rooms import Room
from bench.run.scheduling.turns import Turns
from bench.run.scheduling.work import Work


@dataclass(frozen=True)
class On:
    """Ready works as one host sees them."""

    room: Room
    works: Sequence[Work]
    ready: Ready
    within: float
    """Seconds that a work may be expected to take."""

    def as_planned(self, timed: bool) -> int | None:
        """The next of a run that is measured whole; `timed` says whether the timings are on this host."""
        for phase in (EARLY, TIMING, LATE, AGAIN) if timed else (EARLY, LATE):
            # for the most urgent timing that is ready the rest may have to wait
            waiting = self._most_urgent(TIMING) if timed and phase == LATE else None
            if (i := self._fitting(phase, waiting)) is not None:
                return i
        return None

    def to_fill(self, timed: bool, turns: Turns, is_within_a_chain: Callable[[], bool]) -> int | None:
        """The next of a run that is filled.

        Args:
            timed: whether the timings are on this host.
            turns: turns of timings and trainings in the last stage.
            is_within_a_chain: whether something of an earlier stage waits for what runs.
        """
        if (i := self._in_turn(COUNTS)) is not None or self._is_awaited(COUNTS):
            return i
        timing = self._most_urgent(FIRST) if timed else None
        if timing is not None and self.room.takes(self.works[timing].needs):
            return timing
        if (i := self._in_turn(SEED, timing)) is not None or self._is_awaited(SEED):
            return i
        if timing is not None and self.room.running:
            return self._fitting(MORE, timing)
        return self._by_turns(timed, turns, is_within_a_chain)

    def _by_turns(self, timed: bool, turns: Turns, is_within_a_chain: Callable[[], bool]) -> int | None:
        timing = self._most_urgent(REST) if timed else None
        if timing is None or (self._most_urgent(MORE) is not None and not turns.is_timings):
            return self._fitting(MORE)
        if self.room.takes(self.works[timing].needs):
            return timing
        # a host is not emptied while chains of an earlier stage go on there
        return self._fitting(MORE, None if is_within_a_chain() else timing)

    def _is_awaited(self, phase: int) -> bool:
        """Whether a work of a phase waits for cores or memory that the works running here have."""
        return self._too_wide(phase) is not None

    def _in_turn(self, phase: int, timing: int | None = None) -> int | None:
        """The most urgent of what fits, unless something more urgent waits for the cores of what runs.

        Narrow works would starve it: a data set, say, which is decoded by all cores.
        """
        fitting, wide = self._fitting(phase, timing), self._too_wide(phase)
        if fitting is None or wide is None or self.ready.is_before(fitting, wide):
            return fitting
        return None

    def _too_wide(self, phase: int) -> int | None:
        return self.ready.first(phase, self.within, self.room.is_too_full_for)

    def _most_urgent(self, phase: int) -> int | None:
        return self.ready.first(phase, self.within)

    def _fitting(self, phase: int, timing: int | None = None) -> int | None:
        """The most urgent of what fits into the room, for which a timing may wait."""
        waiting = None if timing is None else self.works[timing].needs
        return self.ready.first(phase, self.within, lambda needs: self.room.takes(needs, waiting))
