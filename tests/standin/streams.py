"""Queues of a GPU that is made up, marks in them, and graphs of kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.standin.machine import StandIn


class Stream:
    """A queue of a GPU; all of them are one, which is stricter than a GPU is."""

    def __init__(self, owner: StandIn, device: Any) -> None:
        self.owner, self.gpu = owner, owner.index_of(device)

    def synchronize(self) -> None:
        self.owner.note("Stream.synchronize", self.gpu)
        self.owner.wait(self.gpu)

    def wait_stream(self, stream: Stream) -> None:
        self.owner.note("Stream.wait_stream", self.gpu)

    def wait_event(self, event: Event) -> None:
        self.owner.note("Stream.wait_event", self.gpu)

    def record_event(self, event: Event | None = None) -> Event:
        event = event or Event(self.owner, False)
        event.record(self)
        return event


class Event:
    """A mark in a queue."""

    def __init__(self, owner: StandIn, has_time: bool) -> None:
        self._owner, self._has_time = owner, has_time
        self._at: float | None = None
        self._gpu = 0

    def record(self, stream: Stream | None = None) -> None:
        self._gpu = stream.gpu if stream else self._owner.current
        self._owner.note("Event.record", self._gpu)
        self._at = self._owner.until(self._gpu)

    def query(self) -> bool:
        return self._at is None or self._owner.time.seconds >= self._at

    def synchronize(self) -> None:
        self._owner.note("Event.synchronize", self._gpu)
        self._owner.time.seconds = max(self._owner.time.seconds, self._at or 0.0)

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds from this mark to another."""
        if not (self._has_time and end._has_time):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self._at is None or end._at is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        if not (self.query() and end.query()):
            raise RuntimeError("CUDA error: device not ready")
        return 1e3 * (end._at - self._at)


class Graph:
    """Kernels that are launched as one."""

    def __init__(self, owner: StandIn) -> None:
        self._owner = owner
        self.kernels: list[tuple[float, Callable[[], None]]] = []

    def replay(self) -> None:
        self._owner.note("CUDAGraph.replay", self._owner.current)
        for _, again in self.kernels:
            again()
        self._owner.launched_together(self._owner.current, sum(seconds for seconds, _ in self.kernels))

    def reset(self) -> None:
        self.kernels.clear()
