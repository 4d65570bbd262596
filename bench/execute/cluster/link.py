"""The driver's end of one node: what it is sent, what is heard of it, and how its loss is noticed."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from bench.declare.artifact import Artifact, Shelf, in_order
from bench.declare.catalog import MEASURES
from bench.execute.cluster.calls import Calls, Lost
from bench.execute.cluster.parcels import Damaged, Parcel, chunks_of, parcel_of, put
from bench.execute.executor import Ended, Event, Handle, Host
from bench.execute.jobs import Job, Make, Measure
from bench.execute.outcome import ENDED, Outcome

_STARTS = 3
"""Times that the engine of one node is started: its process may end while the node lives."""
_JOIN = 5.0
"""Seconds that a thread may take to end: one that waits within Ray may never."""


@dataclass(frozen=True)
class Place:
    """A node, and how work gets there."""

    host: Host
    is_home: bool
    """Whether it is the driver's own machine, whose engine works on the driver's shelf."""
    start: Callable[[], Any]
    """Makes another actor where the one before has ended; raises `Lost`."""


class Link:
    """One node with the jobs that began there. Each ends once, whatever becomes of the node."""

    def __init__(self, place: Place, actor: Any, calls: Calls, say: Callable[[Event | None], None]) -> None:
        """Begin to listen.

        Args:
            place: the node.
            actor: actor of the node, ready for jobs.
            calls: way of calling the actor.
            say: receives what happens; None: whether jobs can begin there has changed.
        """
        self.host = place.host
        self.stands = True
        """Whether jobs can begin there."""
        self.why = ""
        """Last reason why jobs cannot begin there."""
        self.may_return = True
        """Whether a node on which jobs cannot begin may come back."""
        self._place, self._actor, self._calls, self._say = place, actor, calls, say
        self._lock = threading.Lock()
        self._open: dict[Handle, Job] = {}
        self._sent: set[Handle] = set()
        self._there: set[str] = set()
        """Keys of the artifacts that lie on the node."""
        self._orders: SimpleQueue[Handle | None] = SimpleQueue()
        self._closing = False
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._listen, self._send)]
        for thread in self._threads:
            thread.start()

    def begin(self, handle: Handle, job: Job) -> None:
        """Have the job begun, after all that it reads is there."""
        with self._lock:
            self._open[handle] = job
            stands = self.stands
        if stands:
            self._orders.put(handle)
        else:
            self._end(handle, self._lost(self.why))

    def cancel(self, handle: Handle) -> None:
        """Have the job killed, or keep it from beginning."""
        with self._lock:
            waits = handle in self._open and handle not in self._sent
        if waits:
            self._end(handle, ENDED)
        elif self.stands:
            self._calls.tell(self._actor.cancel, handle)

    def close(self) -> Any:
        """Have the node end every process and leave no file; returns what to wait for, if anything."""
        self._closing = True
        self._orders.put(None)
        return self._calls.tell(self._actor.close) if self.stands else None

    def end(self) -> None:
        """End the actor."""
        self._calls.end(self._actor)

    def join(self) -> None:
        """Wait until nothing listens to the actor any more, which its calls being cut brings about."""
        for thread in self._threads:
            thread.join(_JOIN)

    def _listen(self) -> None:
        """Hand on what happens on the node until it is lost for good."""
        for start in range(_STARTS):
            try:
                while not self._closing:
                    for event in self._calls.events(self._actor):
                        self._hear(event)
                return
            except Lost as error:
                if self._closing:
                    return
                self._lose(str(error), for_good=error.for_good or start + 1 == _STARTS)
            except Exception as error:  # noqa: BLE001 - a thread's end would be heard of by nobody
                self._lose(f"{type(error).__name__}: {error}", for_good=True)
            if not (self.may_return and self._restarted()):
                return

    def _restarted(self) -> bool:
        """Start the engine anew; False where it does not start, or the node was lost for good meanwhile."""
        try:
            actor = self._place.start()
        except Lost as error:
            self._lose(str(error), for_good=True)
            return False
        with self._lock:
            if not self.may_return:
                return False
            self._actor, self.stands = actor, True
            self._there.clear()
        self._say(None)
        return True

    def _lose(self, why: str, for_good: bool) -> None:
        """Begin nothing there any more; what runs there is to be done elsewhere."""
        with self._lock:
            self.stands, self.why = False, why
            self.may_return = self.may_return and not for_good
            lost = list(self._open)
        self._calls.end(self._actor)
        for handle in lost:
            self._end(handle, self._lost(why))
        self._say(None)

    def _lost(self, why: str) -> Outcome:
        return Outcome("failed", f"its host '{self.host.name}' was lost: {why}", killed=True, lost=True)

    def _end(self, handle: Handle, outcome: Outcome) -> None:
        """Say what became of a job, once; late words of a node that was given up are dropped."""
        with self._lock:
            self._sent.discard(handle)
            if self._open.pop(handle, None) is None:
                return
        self._say(Ended(handle, outcome))

    def _hear(self, event: Event) -> None:
        if isinstance(event, Ended):
            self._end(event.handle, self._fetched(event))
        elif event.handle in self._open:
            self._say(event)

    def _fetched(self, event: Ended) -> Outcome:
        """The outcome, after what was made is on the driver's shelf."""
        job, outcome = self._open.get(event.handle), event.outcome
        if self._place.is_home or job is None:
            return outcome
        if outcome.disk_full:
            raise Lost("its disk is full", for_good=True)
        if not (isinstance(job, Make) and outcome.status == "ok"):
            return outcome
        parcel: Parcel = self._calls.ask(self._actor.parcel, job.artifact)
        try:
            put(parcel, self._chunks(job.artifact), Shelf(job.given.shelf))
        except Damaged as error:
            raise Lost(str(error), for_good=True) from error
        except OSError as error:  # of the driver's own disk
            return Outcome("failed", f"{job.artifact}: {error}", disk_full=error.errno == errno.ENOSPC)
        self._there.add(job.artifact.key)
        return outcome

    def _chunks(self, artifact: Artifact) -> Iterator[bytes]:
        offset = 0
        while chunk := self._calls.ask(self._actor.chunk, artifact, offset):
            offset += len(chunk)
            yield chunk

    def _send(self) -> None:
        """Begin jobs on the node, one after the other."""
        while (handle := self._orders.get()) is not None:
            job = self._open.get(handle)
            if job is None:
                continue
            try:
                self._bring(job)
                with self._lock:
                    if handle not in self._open:
                        continue
                    self._sent.add(handle)
                if not self._calls.ask(self._actor.begin, handle, job.to_dict()):
                    self._end(handle, ENDED)
            except Lost as error:
                if error.for_good:  # else the listener knows it as well, and starts the engine anew
                    self._lose(str(error), for_good=True)
            except Exception as error:  # noqa: BLE001 - likewise; it is a fault of this job alone
                self._end(handle, Outcome("failed", str(error)))

    def _bring(self, job: Job) -> None:
        """Send what the job reads and the node lacks."""
        if self._place.is_home:
            return
        shelf = Shelf(job.given.shelf)
        for artifact in _read_by(job):
            if artifact.key in self._there:
                continue
            parcel = parcel_of(artifact, shelf)
            self._calls.ask(self._actor.expect, parcel)
            for chunk in chunks_of(parcel, shelf):
                self._calls.ask(self._actor.receive, artifact.key, chunk)
            self._calls.ask(self._actor.receive, artifact.key, b"")
            self._there.add(artifact.key)


def _read_by(job: Job) -> tuple[Artifact, ...]:
    """The artifacts that a job may read: a training also looks at the data that its checkpoint was made from."""
    match job:
        case Measure():
            return in_order(MEASURES.get(job.cell.measure).artifacts(job.cell))
        case Make():
            return in_order(job.artifact.needs)
    return ()
