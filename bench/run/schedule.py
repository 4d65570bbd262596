"""List schedule over hosts: what may start now, and where. Pure: no process, no clock, no store."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bench.execute.executor import Host
from bench.run.scheduling.choosing import On
from bench.run.scheduling.order import MORE, QUESTIONS, REST, SEED, WorkOrder, filled, in_plan, whole
from bench.run.scheduling.ready import Ready
from bench.run.scheduling.rooms import Room
from bench.run.scheduling.turns import Turns
from bench.run.scheduling.work import Start as Start
from bench.run.scheduling.work import Work as Work

_OPEN, _RUNNING, _OVER = range(3)
_STALE = 0.8
"""Share of the seconds that a forecast was made at under which it is made anew: simulating costs time, too."""
_FEW = 48
"""Open works up to which a forecast is always made anew."""


class Schedule:
    """Works on hosts, from the first start to the last end.

    Timings run one at a time on one host, while it runs nothing else; other hosts go on meanwhile. What counts and
    timings wait for goes first, then counts, timings in the order of the plan, then the longest chains, and
    disturbed timings once more. With one lane on one host all goes in the order of the plan.

    A run that is filled goes by stages: counts, with what they and first timings wait for; the first process of
    each timing that is due first; one training of each arm, those of the shortest chains first; then further
    trainings and the other timings, which share the time. A later stage waits while something of an earlier one
    could begin on the host once what runs there has ended.
    """

    def __init__(
        self,
        works: Iterable[Work],
        hosts: Iterable[Host],
        lanes: int = 1,
        timings_on: str = "",
        shares: bool = False,
        fills: bool = False,
    ) -> None:
        """Nothing has begun yet.

        Args:
            works: works in the order of the plan, needs before dependents.
            hosts: hosts on which they can run.
            lanes: works that a host runs at once, at most.
            timings_on: name of the host of all timings; empty: the first.
            shares: whether timings on a GPU leave the other GPUs of their host to works that are not timings.
            fills: whether the order is that of a run that is filled.
        """
        found = tuple(hosts)
        self._rooms = {host.name: Room.of(host, lanes, shares) for host in found}
        self._lanes, self._shares, self._timings_on, self._fills = lanes, shares, timings_on, fills
        self._in_order = lanes == 1 and len(found) == 1 and not fills
        self._works: list[Work] = []
        self._index: dict[str, int] = {}
        self._before: list[tuple[int, ...]] = []
        self._behind: list[list[int]] = []
        self._waiting: list[int] = []
        self._state = bytearray()
        self._left = 0.0
        self._running: dict[int, Start] = {}
        self._turns = Turns()
        self._forecast = (math.inf, 0.0)
        """Seconds of work that were left when it was last made, and what it came to."""
        self._fresh = False
        """Whether the forecast was made for the present works and hosts."""
        self.add(works)

    @property
    def running(self) -> Mapping[str, Start]:
        """Starts of the works that have begun and not ended, by key."""
        return {start.key: start for start in self._running.values()}

    @property
    def is_over(self) -> bool:
        """Whether all works have ended."""
        return not self._running and _OPEN not in self._state

    @property
    def open(self) -> int:
        """Number of works that have not begun."""
        return self._state.count(_OPEN)

    @property
    def has_trainings(self) -> bool:
        """Whether a training, or an artifact for one, has not ended in a run that is filled."""
        phases = self._order.phases
        return any(state != _OVER and phases[i] in (SEED, MORE) for i, state in enumerate(self._state))

    def has_first_seeds(self, within: float) -> bool:
        """Whether a first training of an arm, or an artifact for one, may still begin within these seconds."""
        order = self._order
        return any(
            state == _OPEN and order.phases[i] == SEED and order.reaches[i] <= within
            for i, state in enumerate(self._state)
        )

    def trainings_ready(self, within: float = math.inf) -> int:
        """Trainings, and artifacts for them, that wait for a host alone and are of use within these seconds."""
        return self._ready.number(SEED, within) + self._ready.number(MORE, within)

    def is_anything_ready(self, within: float = math.inf) -> bool:
        """Whether a work that waits only for a host would be done within so many seconds."""
        return any(self._ready.first(phase, within) is not None for phase in set(self._order.phases))

    def add(self, works: Iterable[Work]) -> None:
        """Further works, behind those that there are; what they wait for is among these, or before them."""
        for work in works:
            i = self._index[work.key] = len(self._works)
            self._works.append(work)
            self._before.append(tuple(self._index[key] for key in work.after))
            self._behind.append([])
            missing = [j for j in self._before[i] if self._state[j] != _OVER]
            for j in missing:
                self._behind[j].append(i)
            self._waiting.append(len(missing))
            self._state.append(_OPEN)
        self._arrange()

    def expect(self, seconds: Callable[[str], float]) -> None:
        """Set the seconds that each work that has not begun is expected to take, by its key."""
        self._works = [
            replace(work, seconds=seconds(work.key)) if state == _OPEN else work
            for work, state in zip(self._works, self._state, strict=True)
        ]
        self._arrange()

    def leave_out_the_fill(self) -> None:
        """Drop the works of a filled run's last stage that have not begun."""
        for i, state in enumerate(self._state):
            if state == _OPEN and self._order.phases[i] not in QUESTIONS:
                self._drop(i)

    def start(self, within: float = math.inf) -> Start | None:
        """Begin what may begin now; None where that is nothing, until something ends.

        Args:
            within: seconds that it may be expected to take; of an artifact together with its nearest reader.
        """
        timed = self._timing_host()
        for name, room in self._rooms.items():
            if room.is_full:
                continue
            ready = On(room, self._works, self._ready, within)
            if self._fills:
                i = ready.to_fill(name == timed, self._turns, self._is_within_a_chain)
            else:
                i = ready.as_planned(name == timed)
            if i is not None:
                return self._begin(i, name, room)
        return None

    def ended(self, key: str) -> None:
        """A work has succeeded, or is one that nothing waits for: what waited for it may begin."""
        self._over(self._index[key])
        for i in self._behind[self._index[key]]:
            self._waiting[i] -= 1
            if not self._waiting[i] and self._state[i] == _OPEN:
                self._ready.push(i, self._works[i].needs)

    def failed(self, key: str) -> tuple[str, ...]:
        """A work has failed, begun or not; returns what has ended with it, unbegun, in the order of the plan."""
        first = self._index[key]
        if self._state[first] == _OVER:
            return ()
        self._drop(first)
        ended, todo = set[int](), [first]
        while todo:
            for i in self._behind[todo.pop()]:
                if self._state[i] == _OPEN and i not in ended:
                    ended.add(i)
                    todo.append(i)
        for i in ended:
            self._over(i)
        return tuple(self._works[i].key for i in sorted(ended))

    def lost(self, key: str) -> None:
        """The host of a running work went away: the work may begin again, elsewhere."""
        i = self._index[key]
        self._leave(i)
        self._state[i] = _OPEN
        self._ready.push(i, self._works[i].needs)

    def hosts_are(self, hosts: Iterable[Host]) -> None:
        """Hosts have come or gone; what ran on one that has gone is still to be told as `lost`."""
        found = tuple(hosts)[: 1 if self._in_order else None]
        self._rooms = {
            host.name: self._rooms.get(host.name) or Room.of(host, self._lanes, self._shares) for host in found
        }
        self._fresh = False

    def left_seconds(self) -> float:
        """Wall seconds until all has ended, if each work takes what is expected, those that run from their start.

        Of many works it is simulated now and then, and in between goes down as their seconds do: so, too, while a
        timing runs, which might be on this machine.
        """
        if self._in_order:
            return max(0.0, self._left)
        stale = not self._fresh or self._left < _STALE * self._forecast[0] or self.open <= _FEW
        if stale and not any(room.timing for room in self._rooms.values()):
            self._forecast, self._fresh = (self._left, self._copy().simulated()), True
        at, then = self._forecast
        return max(0.0, then * self._left / at) if at else 0.0

    def simulated(self) -> float:
        """Go through all that is left as a list schedule does, which ends this schedule; returns its seconds."""
        now, ends = 0.0, [(self._works[i].seconds, i) for i in self._running]
        heapq.heapify(ends)
        while True:
            while started := self.start():
                i = self._index[started.key]
                heapq.heappush(ends, (now + self._works[i].seconds, i))
            if not ends:
                return now
            now, i = heapq.heappop(ends)
            self.ended(self._works[i].key)

    def _copy(self) -> Schedule:
        """A schedule that stands where this one does, and goes its own way from here."""
        other = object.__new__(Schedule)
        other.__dict__.update(self.__dict__)
        other._rooms = {name: room.copy() for name, room in self._rooms.items()}
        other._waiting, other._state = list(self._waiting), bytearray(self._state)
        other._ready, other._turns = self._ready.copy(), replace(self._turns)
        other._running = dict(self._running)
        return other

    def _arrange(self) -> None:
        """Put what has not begun into its order."""
        over = [state == _OVER for state in self._state]
        self._order = self._ordered(over)
        self._ready = Ready(self._order)
        for i, waiting in enumerate(self._waiting):
            if not waiting and self._state[i] == _OPEN:
                self._ready.push(i, self._works[i].needs)
        self._left = math.fsum(work.seconds for work, done in zip(self._works, over, strict=True) if not done)
        self._fresh = False

    def _ordered(self, over: Sequence[bool]) -> WorkOrder:
        if self._in_order:
            return in_plan(self._works)
        return filled(self._works, self._before, over) if self._fills else whole(self._works, self._before)

    def _timing_host(self) -> str:
        """The host of all timings; where that has gone, the first of the others."""
        return self._timings_on if self._timings_on in self._rooms else next(iter(self._rooms), "")

    def _is_within_a_chain(self) -> bool:
        """Whether a work of a stage before the last waits for a running work."""
        phases = self._order.phases
        return any(
            self._state[i] == _OPEN and phases[i] in QUESTIONS for j in self._running for i in self._behind[j]
        )

    def _begin(self, i: int, name: str, room: Room) -> Start:
        work = self._works[i]
        if self._fills and name == self._timing_host() and self._order.phases[i] in (MORE, REST):
            timing = self._order.phases[i] == REST
            share = 1.0 if timing else max(1 / self._lanes, min(1.0, work.needs.threads / room.host.threads))
            others = self._ready.first(MORE if timing else REST) is not None
            self._turns.give(timing, work.seconds * share, others)
        self._ready.take(i, work.needs)
        self._state[i] = _RUNNING
        started = self._running[i] = Start(work.key, name, room.enter(i, work.needs))
        return started

    def _drop(self, i: int) -> None:
        """A work has ended without success, or is not to begin any more."""
        if self._state[i] == _OPEN and not self._waiting[i]:
            self._ready.take(i, self._works[i].needs)
        self._over(i)

    def _leave(self, i: int) -> None:
        if (started := self._running.pop(i, None)) and started.host in self._rooms:
            self._rooms[started.host].leave(i)

    def _over(self, i: int) -> None:
        self._leave(i)
        self._state[i] = _OVER
        self._left -= self._works[i].seconds
