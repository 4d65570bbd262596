"""Works that wait only for a host."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator

from bench.declare.needs import Needs
from bench.run.scheduling.order import Rank, WorkOrder

_Item = tuple[Rank, int]
"""A work by its rank and its place in the plan."""


class Ready:
    """Works that are ready, by phase: heaps by needs, of which the first alone is looked at."""

    def __init__(self, order: WorkOrder) -> None:
        """Nothing is ready yet."""
        self._order = order
        self._heaps: dict[int, dict[Needs, list[_Item]]] = {}

    def copy(self) -> Ready:
        """Independent copy with the same content."""
        other = Ready(self._order)
        other._heaps = {
            phase: {needs: list(heap) for needs, heap in heaps.items()} for phase, heaps in self._heaps.items()
        }
        return other

    def push(self, work: int, needs: Needs) -> None:
        """A work waits for nothing any more."""
        heaps = self._heaps.setdefault(self._order.phases[work], {})
        heapq.heappush(heaps.setdefault(needs, []), (self._order.ranks[work], work))

    def take(self, work: int, needs: Needs) -> None:
        """A work is not to begin any more, or has."""
        heaps = self._heaps[self._order.phases[work]]
        heap = heaps[needs]
        if heap[0][1] == work:
            heapq.heappop(heap)
        else:
            heap.remove((self._order.ranks[work], work))
            heapq.heapify(heap)
        if not heap:
            del heaps[needs]

    def first(
        self, phase: int, within: float = math.inf, takes: Callable[[Needs], bool] = lambda _: True
    ) -> int | None:
        """The most urgent of a phase among what is taken and of use within so many seconds."""
        heads = [head for needs, heap in self._in(phase) if takes(needs) and (head := self._head(heap, within))]
        return min(heads)[1] if heads else None

    def is_before(self, work: int, other: int) -> bool:
        """Whether one work of a phase is more urgent than another one of that phase."""
        return (self._order.ranks[work], work) < (self._order.ranks[other], other)

    def number(self, phase: int, within: float) -> int:
        """Number of works of a phase that are of use within so many seconds."""
        return sum(self._order.reaches[i] <= within for _, heap in self._in(phase) for _, i in heap)

    def _in(self, phase: int) -> Iterator[tuple[Needs, list[_Item]]]:
        yield from self._heaps.get(phase, {}).items()

    def _head(self, heap: list[_Item], within: float) -> _Item | None:
        if self._order.reaches[heap[0][1]] <= within:
            return heap[0]
        return min((item for item in heap if self._order.reaches[item[1]] <= within), default=None)
