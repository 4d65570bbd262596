"""What may start now, and where: a list schedule over hosts. Pure: no process, no clock, no store."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.declare.needs import Needs
from bench.execute.executor import Host
from bench.run.driving.rooms import Room

_EARLY, _TIMING, _LATE = range(3)
"""Phases: what timings and their readers wait for, timings, and the rest, so that a host is drained but once."""
_OPEN, _RUNNING, _OVER = range(3)
_Heaps = dict[Needs, list[tuple[float, int]]]
_STALE = 0.8
"""Share of the seconds that a forecast was made at under which it is made anew: simulating costs time, too."""
_FEW = 48
"""Open works up to which a forecast is always made anew."""


@dataclass(frozen=True)
class Work:
    """Something that is to be done once, on any host that has what it needs."""

    key: str
    needs: Needs
    seconds: float
    """Wall time that it is expected to take."""
    after: tuple[str, ...] = ()
    """Works that must have succeeded before; each stands before this one in the plan."""
    early: bool = False
    """Whether it goes before the timings, as counts do; what those or a timing wait for does so by itself."""


@dataclass(frozen=True)
class Start:
    """A work that is to begin now."""

    key: str
    host: str
    gpu: str
    """The device that it has for itself, by torch's name; empty: none."""


class Schedule:
    """Works on hosts, from the first start to the last end.

    Timings run one at a time on one host, while it runs nothing else; other hosts go on meanwhile. What counts and
    timings wait for goes first, then counts, timings in the order of the plan, and then the longest chains. With
    one lane on one host all goes in the order of the plan.
    """

    def __init__(
        self,
        works: Sequence[Work],
        hosts: Iterable[Host],
        lanes: int = 1,
        timings_on: str = "",
        shares: bool = False,
    ) -> None:
        """Nothing has begun yet.

        Args:
            works: in the order of the plan, needs before dependents.
            hosts: where they can run.
            lanes: works that a host runs at once, at most.
            timings_on: name of the host of all timings; empty: the first.
            shares: whether timings on a GPU leave the other GPUs of their host to works that are no timings.
        """
        found = tuple(hosts)
        self._works = works
        self._index = {work.key: i for i, work in enumerate(works)}
        self._rooms = {host.name: Room.of(host, lanes, shares) for host in found}
        self._lanes, self._shares, self._timings_on = lanes, shares, timings_on
        self._in_order = lanes == 1 and len(found) == 1
        self._before = [tuple(self._index[key] for key in work.after) for work in works]
        self._behind: list[list[int]] = [[] for _ in works]
        for i, needed in enumerate(self._before):
            for j in needed:
                self._behind[j].append(i)
        self._waiting = [len(needed) for needed in self._before]
        self._state = bytearray(len(works))
        self._phase = self._phases()
        self._rank = self._ranks()
        self._ready: tuple[_Heaps, ...] = ({}, {}, {})
        """What waits for nothing but a host, by phase: heaps by needs, of which the first alone is looked at."""
        for i, waiting in enumerate(self._waiting):
            if not waiting:
                self._push(i)
        self._left = math.fsum(work.seconds for work in works)
        self._running: dict[int, Start] = {}
        self._forecast = (math.inf, 0.0)
        """Seconds of work that were left when it was last made, and what it came to."""
        self._fresh = False
        """Whether that was made for the hosts that there are."""

    @property
    def running(self) -> Mapping[str, Start]:
        """What has begun and not ended, by its key."""
        return {start.key: start for start in self._running.values()}

    @property
    def is_over(self) -> bool:
        """Whether all has ended."""
        return not self._running and _OPEN not in self._state

    def start(self) -> Start | None:
        """Begin what may begin now; None where that is nothing, until something ends."""
        ready = [phase for phase, heaps in enumerate(self._ready) if heaps]
        elsewhere = [phase for phase in ready if phase != _TIMING]
        timed = self._timing_host()
        for name, room in self._rooms.items() if ready else ():
            phases = ready if name == timed else elsewhere
            if not phases or room.is_full:
                continue
            for phase in phases:
                waiting = self._waiting_timing() if name == timed and phase == _LATE else None
                if (i := self._first(phase, room, waiting)) is not None:
                    return self._begin(i, name, room)
        return None

    def ended(self, key: str) -> None:
        """A work has succeeded, or is one that nothing waits for: what waited for it may begin."""
        self._over(self._index[key])
        for i in self._behind[self._index[key]]:
            self._waiting[i] -= 1
            if not self._waiting[i] and self._state[i] == _OPEN:
                self._push(i)

    def failed(self, key: str) -> tuple[str, ...]:
        """A work has failed, begun or not; returns what has ended with it, unbegun, in the order of the plan."""
        first = self._index[key]
        if self._state[first] == _OVER:
            return ()
        if self._state[first] == _OPEN and not self._waiting[first]:
            self._take(first)
        self._over(first)
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
        self._push(i)

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
        stale = not self._fresh or self._left < _STALE * self._forecast[0] or self._state.count(_OPEN) <= _FEW
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
        other._ready = tuple({needs: list(heap) for needs, heap in heaps.items()} for heaps in self._ready)
        other._running = dict(self._running)
        return other

    def _timing_host(self) -> str:
        """The host of all timings; where that has gone, the first of the others."""
        return self._timings_on if self._timings_on in self._rooms else next(iter(self._rooms), "")

    def _first(self, phase: int, room: Room, waiting: Needs | None) -> int | None:
        """The most urgent of what is ready and fits into the room, for which a timing may wait."""
        heads = [heap[0] for needs, heap in self._ready[phase].items() if room.takes(needs, waiting)]
        return min(heads)[1] if heads else None

    def _waiting_timing(self) -> Needs | None:
        """Needs of the most urgent of the timings that are ready."""
        heads = [heap[0] for heap in self._ready[_TIMING].values()]
        return self._works[min(heads)[1]].needs if heads else None

    def _begin(self, i: int, name: str, room: Room) -> Start:
        self._take(i)
        self._state[i] = _RUNNING
        started = self._running[i] = Start(self._works[i].key, name, room.enter(i, self._works[i].needs))
        return started

    def _push(self, i: int) -> None:
        heapq.heappush(self._ready[self._phase[i]].setdefault(self._works[i].needs, []), (self._rank[i], i))

    def _take(self, i: int) -> None:
        """Take a work out of what is ready."""
        heaps, needs = self._ready[self._phase[i]], self._works[i].needs
        heap = heaps[needs]
        if heap[0][1] == i:
            heapq.heappop(heap)
        else:
            heap.remove((self._rank[i], i))
            heapq.heapify(heap)
        if not heap:
            del heaps[needs]

    def _leave(self, i: int) -> None:
        if (started := self._running.pop(i, None)) and started.host in self._rooms:
            self._rooms[started.host].leave(i)

    def _over(self, i: int) -> None:
        self._leave(i)
        self._state[i] = _OVER
        self._left -= self._works[i].seconds

    def _phases(self) -> list[int]:
        if self._in_order:
            return [_EARLY] * len(self._works)
        phases = [_TIMING if work.needs.alone else _EARLY if work.early else _LATE for work in self._works]
        for i in reversed(range(len(phases))):
            for j in self._before[i]:
                if phases[i] != _LATE and phases[j] == _LATE:
                    phases[j] = _EARLY
        return phases

    def _ranks(self) -> list[float]:
        """By which works of a phase go: timings as planned, the others by the seconds of the chain behind them."""
        chains = [work.seconds for work in self._works]
        for i in reversed(range(len(chains))):
            for j in self._before[i]:
                chains[j] = max(chains[j], self._works[j].seconds + chains[i])
        planned = self._in_order
        return [0.0 if planned or self._phase[i] == _TIMING else -chain for i, chain in enumerate(chains)]
