"""Jobs on the driver's own machine, several at once, each in a process of its own."""

from __future__ import annotations

import math
import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from bench.clock import Stopwatch
from bench.errors import EvobenchError
from bench.execute.executor import Ended, Event, Handle, Host, ToldProgress
from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.limits import START
from bench.execute.local.death import KernelKills
from bench.execute.local.engine import Server
from bench.execute.local.process import BY_THE_DOOR, FORKS, NotStarted, Peer, Program
from bench.execute.local.running import Running, timeout_of
from bench.machine.host import available_cpus, available_memory

PRELOAD = (
    *("torch", "torchvision.models", "torchvision.transforms.v2", "fvcore.nn", "threadpoolctl"),
    *("bench.measures.counting.multiply_adds", "bench.network.filling.cheap"),
    *("bench.learning.experiment", "bench.learning.evaluation.figures", "scipy.special"),
)
"""Modules that most jobs import, which a fork has already. Modules that few jobs import (`Measure.imports`) would
slow down all forks."""

SERVER = Path(__file__).with_name("server.py")


class Lanes:
    """Does jobs at once, each in a lane of a server, or in an interpreter of its own where a server cannot fork.

    A lane is made when all others of its server are at work; one that has ended is replaced by the next job.
    Events may be waited for in one thread while another begins and cancels jobs.
    """

    def __init__(self, servers: Mapping[str, Server], lanes: int) -> None:
        """Nothing is started yet.

        Args:
            servers: servers by the name of the host that each stands for.
            lanes: jobs that may run at once on each.
        """
        self._servers = servers
        self._most = lanes
        self._heard: queue.SimpleQueue[tuple[Peer, Frame]] = queue.SimpleQueue()
        self._idle: dict[str, list[Peer]] = {name: [] for name in servers}
        self._at_work: dict[Peer, tuple[Handle, str, Running]] = {}
        self._numbers = count(1)
        self._kills = KernelKills()
        self._lock = threading.RLock()

    def hosts(self) -> tuple[Host, ...]:
        """Hosts where jobs can run; the resources of each are those of the machine."""
        threads, memory = available_cpus(), available_memory()
        return tuple(Host(name, threads, memory) for name in self._servers)

    def begin(self, job: Job, host: str) -> Handle:
        """Begin the job on the host, beside what runs there already; waits for the server, but not for the job.

        Raises:
            EvobenchError: no process can be started for it, or all lanes are at work.
        """
        with self._lock:
            if sum(name == host for _, name, _ in self._at_work.values()) >= self._most:
                raise EvobenchError(f"all lanes of '{host}' are at work: {self._most}")
            try:
                peer = self._free(host)
            except NotStarted as error:
                raise EvobenchError(f"the measuring process did not start: {error}") from error
            handle = next(self._numbers)
            self._at_work[peer] = handle, host, Running(peer, job, handle, self._kills)
            return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """Wait for the next event; None where there is none within `timeout` seconds."""
        watch, limit = Stopwatch(), math.inf if timeout is None else timeout
        while True:
            left = limit - watch.seconds
            try:
                peer, frame = self._heard.get(timeout=timeout_of(min(left, self._patience())))
            except queue.Empty:
                event = self._insist()
                if event is None and left <= 0:
                    return None
            else:
                with self._lock:
                    event = self._event(peer, frame)
            if event is not None:
                return event

    def cancel(self, handle: Handle) -> None:
        """Kill the job; its `Ended` follows with the outcome `ENDED`, unless its own was on its way already."""
        with self._lock:
            for peer, (number, _, running) in self._at_work.items():
                if number == handle:
                    running.stop()
                    self._heard.put(
                        (peer, {"event": "cancelled"})
                    )  # whoever waits does so with a limit from now on

    def close(self) -> None:
        """End the jobs and the lanes; the servers are left to whoever gave them."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        for _, _, running in self._at_work.values():
            running.stop()
        for peer in [*self._at_work, *(peer for idle in self._idle.values() for peer in idle)]:
            peer.end()
        self._at_work.clear()
        for idle in self._idle.values():
            idle.clear()

    def _free(self, host: str) -> Peer:
        """A peer without a job: a lane that has done a job already, or a new one."""
        idle = self._idle[host]
        while idle:
            if not (peer := idle.pop()).is_over:
                return peer
            peer.end()
        return self._servers[host].peer(lambda peer, frame: self._heard.put((peer, frame)))

    def _event(self, peer: Peer, frame: Frame) -> Event | None:
        """Event that a frame means to the driver; None for other frames."""
        closed = frame["event"] == "closed"
        if peer not in self._at_work:
            if closed:
                self._forget(peer)
            return None
        handle, host, running = self._at_work[peer]
        said = running.take(frame)
        if running.outcome is None:
            return ToldProgress(handle, said) if said is not None and said["event"] == "progress" else None
        del self._at_work[peer]
        if closed:
            peer.end()
        else:
            self._idle[host].append(peer)
        return Ended(handle, running.outcome)

    def _patience(self) -> float:
        """Seconds until something must be done about a job that does not end; the lock may be held for long."""
        at_work = tuple(self._at_work.values())
        return min((running.patience for _, _, running in at_work), default=math.inf)

    def _insist(self) -> Event | None:
        """See to a job that was cancelled and does not end; it is given up where that is in vain."""
        if self._patience() > 0:
            return None
        with self._lock:
            for peer, (handle, _, running) in tuple(self._at_work.items()):
                if running.patience <= 0:
                    running.insist()
                    if running.outcome is not None:
                        del self._at_work[peer]
                        peer.end()
                        return Ended(handle, running.outcome)
            return None

    def _forget(self, peer: Peer) -> None:
        for idle in self._idle.values():
            if peer in idle:
                idle.remove(peer)
                peer.end()


class LocalExecutor(Lanes):
    """The lanes of one server, which has imported torch: the host `local`."""

    def __init__(
        self, catalogs: Sequence[str] = (), fork: bool = FORKS, lanes: int = 1, start: float = START
    ) -> None:
        """Nothing is started yet.

        Args:
            catalogs: catalogues to load beside the installed ones.
            fork: whether jobs are forked from the server.
            lanes: jobs that may run at once.
            start: seconds that the server may take until it stands.
        """
        command = (sys.executable, *BY_THE_DOOR, str(SERVER))
        preload = PRELOAD if fork else ()
        program = Program(command, tuple(sys.path), tuple(catalogs), preload, forks=fork, start=start)
        self._server = Server(program)
        super().__init__({"local": self._server}, lanes)

    def close(self) -> None:
        """End every process."""
        super().close()
        self._server.close()
