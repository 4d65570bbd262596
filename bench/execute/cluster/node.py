"""The actor on a node: the local engine with a shelf of its own. Ray makes an actor of it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import load_catalogs
from bench.errors import EvobenchError
from bench.execute.cluster.bundle import Bundle
from bench.execute.cluster.facts import facts
from bench.execute.cluster.parcels import Arrival, Parcel, chunk_of, parcel_of
from bench.execute.cluster.raylet import Raylet
from bench.execute.executor import Ended, Event, Executor, Handle, Host
from bench.execute.jobs import Job, Probe, read_job
from bench.execute.underway import finish
from bench.files import is_of_this_user
from bench.lazy import load
from bench.machine.host import fingerprint, measured_on

_BATCH = 64
"""Events that are handed over at once."""
_LOOKING = 300.0
"""Seconds that a look at the accelerator may take: torch is imported for it."""
_PREFIX = "evobench-node-"
_CLAIM = "claim"
"""File of a node's folder that is locked while its process lives."""
Engine = Callable[[Sequence[str]], Executor]
"""Makes the executor of a node, which knows these catalogues."""


@dataclass(frozen=True)
class Home:
    """The driver's process: on its machine the engine finds what the driver would find, and uses its shelf."""

    environment: Mapping[str, str]
    folder: str
    path: tuple[str, ...]

    def move_in(self) -> None:
        """Make this process like the driver's."""
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.folder)
        sys.path[:] = self.path


def own_home() -> Home:
    """Home of this process."""
    return Home(dict(os.environ), str(Path.cwd()), tuple(sys.path))


class Node:
    """The engine of one node. Its calls come from several threads, `events` waits in one of them."""

    def __init__(self, engine: Engine, home: Home | None) -> None:
        """Nothing is loaded yet.

        Args:
            engine: makes the executor.
            home: home of the driver, where this is its machine.
        """
        if home:
            home.move_in()
        else:
            _leave_carrier()
        self._engine = engine
        self._is_home = home is not None
        self._folder, self._claim = _own_folder()
        self._lock = threading.Lock()
        self._handles: dict[Handle, Handle] = {}
        """The engine's handle of each job that is under way, by the driver's."""
        self._numbers: dict[Handle, Handle] = {}
        """The inverse."""
        self._cancelled: set[Handle] = set()
        """Jobs that were cancelled before they had begun."""
        self._arriving: dict[str, Arrival] = {}

    def end_with_raylet(self) -> None:
        """End this process, with all that it has started, when the raylet of its machine ends."""
        Raylet(load("ray"), self._end)

    def load(self, bundle: Bundle) -> dict[str, str]:
        """Load the catalogues; returns the facts of this machine.

        Raises:
            EvobenchError: one fails to import.
        """
        catalogs = bundle.named if self._is_home else bundle.unpack(self._folder / "catalogs")
        load_catalogs(catalogs)
        self._executor = self._engine(catalogs)
        return facts()

    def look(self, devices: Sequence[str]) -> Host:
        """Look at this machine as a host, still without its name.

        Args:
            devices: devices that the run computes on; those that are not here are left out.

        Raises:
            EvobenchError: the engine does not start.
        """
        outcome = finish(self._executor, Probe(), _LOOKING)
        if outcome.status != "ok":
            raise EvobenchError(f"the measuring process failed: {outcome.reason}")
        there = tuple(outcome.details.get("devices", {}))
        found = measured_on(outcome.details, [device for device in devices if device in there])
        return replace(self._executor.hosts()[0], gpus=there, fingerprint=fingerprint(found))

    def begin(self, handle: Handle, data: Mapping[str, Any]) -> bool:
        """Begin a job, which is written as plain data; False where it was cancelled before.

        Raises:
            EvobenchError: no process can be started for it.
        """
        with self._lock:
            if handle in self._cancelled:
                return False
            number = self._executor.begin(self._placed(read_job(data)), self._executor.hosts()[0].name)
            self._handles[handle], self._numbers[number] = number, handle
        return True

    def cancel(self, handle: Handle) -> None:
        """Kill a job, or keep it from beginning."""
        with self._lock:
            if handle in self._handles:
                self._executor.cancel(self._handles[handle])
            else:
                self._cancelled.add(handle)

    def events(self, wait: float) -> list[Event]:
        """Events so far; waits up to `wait` seconds where there are none."""
        found = list[Event]()
        event = self._executor.next_event(wait)
        while event is not None:
            found.append(self._for_driver(event))
            event = self._executor.next_event(0.0) if len(found) < _BATCH else None
        return found

    def expect(self, parcel: Parcel) -> None:
        """An artifact is going to arrive."""
        self._arriving[parcel.artifact.key] = Arrival(parcel, self._shelf)

    def receive(self, key: str, chunk: bytes) -> None:
        """The next bytes of an artifact; none: it is whole.

        Raises:
            Damaged: it is not what was sent.
            OSError: the disk is full.
        """
        if chunk:
            self._arriving[key].add(chunk)
        else:
            self._arriving.pop(key).settle()

    def parcel(self, artifact: Artifact) -> Parcel:
        """Parcel with what the driver must know of an artifact that was made here."""
        return parcel_of(artifact, self._shelf)

    def chunk(self, artifact: Artifact, offset: int) -> bytes:
        """Bytes of an artifact that was made here; empty at its end."""
        return chunk_of(artifact, self._shelf, offset)

    def close(self) -> None:
        """End every process, and leave no file."""
        self._executor.close()
        self._claim.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        try:
            self.close()
        finally:
            os._exit(0)

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self._folder / "artifacts")

    def _placed(self, job: Job) -> Job:
        """The job, with what it is given as it is here."""
        if self._is_home or job.given == type(job.given)():
            return job
        return replace(job, given=replace(job.given, shelf=self._shelf.folder))

    def _for_driver(self, event: Event) -> Event:
        """The event under the driver's handle."""
        with self._lock:  # a job's first word may come before its beginning is written down
            handle = self._numbers[event.handle]
            if isinstance(event, Ended):
                del self._numbers[event.handle], self._handles[handle]
        return replace(event, handle=handle)


def _leave_carrier() -> None:
    """Take off the path what Ray brings along, and puts before all others: jobs must not import that."""
    file = getattr(sys.modules.get("ray"), "__file__", None)
    if file:
        sys.path[:] = [folder for folder in sys.path if Path(file).parent not in Path(folder).parents]


def _own_folder() -> tuple[Path, FileLock]:
    """A folder for this process alone, with the lock that says so; those of killed ones are removed."""
    for folder in filter(is_of_this_user, Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with suppress(Timeout, OSError), FileLock(folder / _CLAIM).acquire(timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    claim = FileLock(made / _CLAIM)
    claim.acquire(timeout=0)  # nobody else knows the folder
    # nobody who looks for abandoned ones sees it before it is claimed
    return made.rename(made.with_name(made.name[1:])), claim
