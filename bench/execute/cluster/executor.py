"""The executor of a cluster: its hosts are nodes of Ray, each with the local engine on it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from bench.execute.cluster.calls import Calls
from bench.execute.cluster.link import Link, Place
from bench.execute.executor import Ended, Event, Handle, Host
from bench.execute.jobs import Job


class RayExecutor:
    """Jobs on the nodes of a cluster. Those of a node that is lost end as lost, and it is not a host any more."""

    def __init__(
        self, nodes: Sequence[tuple[Place, Any]], calls: Calls, leave: Callable[[], None] = lambda: None
    ) -> None:
        """Listen to the nodes.

        Args:
            nodes: each with its actor, ready for jobs; the driver's own machine first.
            calls: way of calling the actors.
            leave: called at the end.
        """
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._changed = threading.Condition()
        self._calls, self._leave = calls, leave
        self._links = {place.host.name: Link(place, actor, calls, self._hear) for place, actor in nodes}
        self._handles = itertools.count(1)
        self._where: dict[Handle, Link] = {}
        self._is_closed = False

    def hosts(self) -> tuple[Host, ...]:
        """Hosts where jobs can run now; waits where there is none but one may come back.

        It waits as long as its link tries that at the most, since each call of the link has a limit.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._standing() or not self._returning())
            return self._standing()

    def begin(self, job: Job, host: str) -> Handle:
        """Begin the job on the host, after what it reads is there; does not wait for either."""
        handle = next(self._handles)
        self._where[handle] = self._links[host]
        self._links[host].begin(handle, job)
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """Wait for the next event; None where there is none within `timeout` seconds."""
        try:
            return self._events.get(timeout=timeout)
        except Empty:
            return None

    def cancel(self, handle: Handle) -> None:
        """Kill the job; its `Ended` follows, unless it was on its way already."""
        if link := self._where.get(handle):
            link.cancel(handle)

    def close(self) -> None:
        """End every process on every node, and leave the cluster."""
        if self._is_closed:
            return
        self._is_closed = True
        self._calls.wait([closed for link in self._links.values() if (closed := link.close())])
        for link in self._links.values():
            link.end()
        self._calls.cut()
        for link in self._links.values():
            link.join()
        self._leave()

    def _standing(self) -> tuple[Host, ...]:
        return tuple(link.host for link in self._links.values() if link.stands)

    def _returning(self) -> bool:
        return any(link.may_return for link in self._links.values())

    def _hear(self, event: Event | None) -> None:
        if event is None:
            with self._changed:
                self._changed.notify_all()
            return
        if isinstance(event, Ended):
            self._where.pop(event.handle, None)
        self._events.put(event)
