"""An engine whose jobs end when the test says so: real raylets, without torch."""

from __future__ import annotations

import itertools
import os
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from bench.declare.artifact import Shelf
from bench.execute.executor import Ended, Event, Handle, Host
from bench.execute.jobs import Job, Make, Measure, Probe
from bench.execute.outcome import Outcome


class Obedient:
    """Tells the test of each job, by a socket, and ends it well where the test answers."""

    def __init__(self, door: Path, catalogs: Sequence[str] = ()) -> None:
        """Jobs are told of at the socket `door`."""
        self._door = door
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._numbers = itertools.count(1)
        self._lines: dict[Handle, socket.socket] = {}

    def hosts(self) -> tuple[Host, ...]:
        """One, with much of everything."""
        return (Host("local", 8, 8 << 30),)

    def begin(self, job: Job, host: str) -> Handle:
        """Tell of the job."""
        handle = next(self._numbers)
        if isinstance(job, Probe):
            self._events.put(Ended(handle, Outcome("ok")))
            return handle
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(self._door))
        self._lines[handle] = line
        line.sendall(f"{os.getpid()} {what(job)}\n".encode())
        threading.Thread(target=self._await, args=(handle, job, line), daemon=True).start()
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """As of `Executor`."""
        try:
            return self._events.get(timeout=timeout)
        except Empty:
            return None

    def cancel(self, handle: Handle) -> None:
        """End the job."""
        self._lines[handle].shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End all of them."""
        for line in self._lines.values():
            line.close()

    def _await(self, handle: Handle, job: Job, line: socket.socket) -> None:
        outcome = done(job) if line.recv(1) else Outcome("failed", "was ended", killed=True)
        self._events.put(Ended(handle, outcome))


def done(job: Job) -> Outcome:
    """What becomes of a job that may end: an artifact is the content of those that it needs, and its key."""
    if not isinstance(job, Make):
        return Outcome("ok", values=(1.0,))
    shelf = Shelf(job.given.shelf)
    if missing := [need.key for need in job.artifact.needs if not shelf.holds(need)]:
        return Outcome("failed", f"lacks {missing}")
    with shelf.writing(job.artifact, {"made_at": str(shelf.folder)}) as path:
        content = b"".join(shelf.path(need).read_bytes() for need in job.artifact.needs)
        path.write_bytes(content + job.artifact.key.encode())
    return Outcome("ok")


def what(job: Job) -> str:
    """A word for a job."""
    match job:
        case Measure():
            return job.cell.architecture
        case Make():
            return job.artifact.key
    return type(job).__name__
