"""The driver's end of the engine: a server that does job after job, and the process at the job."""

from __future__ import annotations

import math
import queue

from bench.clock import Stopwatch
from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.local.death import KernelKills
from bench.execute.local.lane import Lane, ServerEnded
from bench.execute.local.process import NotStarted, Peer, Process, Program, Put
from bench.execute.local.running import Running, timeout_of
from bench.execute.outcome import ENDED, Outcome

_TRIES = 2
"""Servers that are begun for one lane: one may have ended without having been noticed, or have been stopped."""


class Server:
    """Does job after job, each in a process of its own. One that has ended is replaced by the next job."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: Process | None = None
        self._worker: Worker | None = None
        self._jobs = 0
        self._kills = KernelKills()

    def start(self) -> None:
        """Begin to import in the background.

        Raises:
            NotStarted: there is no such interpreter.
        """
        spent = self._worker is not None and not self._program.forks
        if self._process is not None and (spent or self._process.is_over):
            self.close()
        if self._process is None:
            self._process = Process(self._program)

    def await_ready(self) -> None:
        """Wait until it stands.

        Raises:
            NotStarted: it does not.
        """
        self._standing()

    def begin(self, job: Job) -> Worker:
        """A fresh process at this job; the one before must have ended.

        Raises:
            NotStarted: the server does not stand.
        """
        process = self._standing()
        self._jobs += 1
        self._worker = Worker(process, job, self._jobs, self._kills)
        return self._worker

    def peer(self, put: Put) -> Peer:
        """Start a peer that does jobs beside the server: a lane, or a process that imports everything itself.

        Args:
            put: receives its frames.

        Raises:
            NotStarted: the server does not stand.
        """
        if not self._program.forks:
            return Process(self._program, put)
        for _ in range(_TRIES):
            process = self._standing()
            if not process.has_lanes:
                return Process(self._program, put)
            try:
                return Lane(process, put)
            except ServerEnded as error:
                reason = str(error)
                self.close()
        raise NotStarted(reason)

    def close(self) -> None:
        """End it and what it runs."""
        if self._process is None:
            return
        if self._worker is not None and self._worker.outcome is None:
            self._process.kill(self._worker.pid)
        self._process.end()
        self._process = self._worker = None

    def _standing(self) -> Process:
        self.start()
        assert self._process is not None
        try:
            self._process.await_ready()
        except BaseException:
            self.close()
            raise
        return self._process


class Worker(Running):
    """One process at its job, whose steps are taken one by one."""

    def __init__(self, process: Process, job: Job, number: int, kills: KernelKills) -> None:
        self._heard = process.heard
        self._say = process.say
        self._steps = False
        super().__init__(process, job, number, kills)

    def ready(self, limit: float) -> bool:
        """Wait until it can take steps; False where it has ended instead."""
        self._steps = self._until("ready", limit) is not None
        return self._steps

    def step(self, limit: float) -> float | None:
        """Have it take one step: its seconds; None where it has ended instead."""
        self._say({"order": "step"})
        frame = self._until("step", limit)
        return float(frame["seconds"]) if frame else None

    def end_steps(self) -> None:
        """Have it take no more steps, without waiting for its end."""
        if self._steps and self.outcome is None:
            self._say({"order": "end"})
        self._steps = False

    def finish(self, limit: float) -> Outcome:
        """End the steps, if it takes any, and get what became of it.

        Args:
            limit: seconds after which it is killed.
        """
        self.end_steps()
        self._until("", limit)
        assert self.outcome is not None
        return self.outcome

    def kill(self) -> None:
        """End it at once, whatever it does."""
        if self.outcome is None:
            self.stop(ENDED)
            self._until("", math.inf)

    def _until(self, event: str, limit: float) -> Frame | None:
        """The next such frame; None where the process has ended before, or is given up."""
        watch = Stopwatch()
        while self.outcome is None:
            try:
                frame = self._heard.get(timeout=timeout_of(min(limit - watch.seconds, self.patience)))
            except queue.Empty:
                if self.patience <= 0:
                    self.insist()
                else:
                    self.stop(Outcome("timeout", f"ended after its limit of {limit:.0f} s", killed=True))
                    limit = math.inf
                continue
            said = self.take(frame)
            if said is not None and said["event"] == event:
                return said
        return None
