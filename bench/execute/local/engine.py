"""The driver's end of the engine: a server that does job after job, and the process at the job."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable

from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.local.death import Death, explain, last_words
from bench.execute.local.process import Process, Program
from bench.execute.outcome import ENDED, Outcome, outcome_of
from bench.machine.cgroup import oom_kills

Progress = Callable[[Frame], None]


class Server:
    """Does job after job, each in a process of its own. One that has ended is replaced by the next job."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: Process | None = None
        self._worker: Worker | None = None
        self._jobs = 0

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
        self._worker = Worker(process, job, self._jobs)
        return self._worker

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


class Worker:
    """One process at its job."""

    def __init__(self, process: Process, job: Job, number: int) -> None:
        self.pid: int | None = None
        """None: not known yet, or that of the server."""
        self.outcome: Outcome | None = None
        """What became of it; None while it is at work."""
        self._process = process
        self._number = number
        self._told: Outcome | None = None
        self._steps = False
        self._limit: Frame = {}
        self._oom_kills = oom_kills()
        self._said_before = process.errors.seek(0, os.SEEK_END)
        process.say({**job.to_dict(), "number": number})

    def ready(self, limit: float) -> bool:
        """Wait until it can take steps; False where it has ended instead."""
        self._steps = self._until("ready", limit) is not None
        return self._steps

    def step(self, limit: float) -> float | None:
        """Have it take one step: its seconds; None where it has ended instead."""
        self._process.say({"order": "step"})
        frame = self._until("step", limit)
        return float(frame["seconds"]) if frame else None

    def end_steps(self) -> None:
        """Have it take no more steps, without waiting for its end."""
        if self._steps and self.outcome is None:
            self._process.say({"order": "end"})
        self._steps = False

    def finish(self, limit: float, progress: Progress = lambda _: None) -> Outcome:
        """End the steps, if it takes any, and get what became of it.

        Args:
            limit: seconds without a word after which it is killed.
            progress: receives its progress frames.
        """
        self.end_steps()
        self._until("", limit, progress)
        assert self.outcome is not None
        return self.outcome

    def kill(self) -> None:
        """End it at once, whatever it does."""
        if self.outcome is None:
            self._told = self._told or ENDED
            self._process.kill(self.pid)
            self._until("", None)

    def _until(self, event: str, limit: float | None, progress: Progress = lambda _: None) -> Frame | None:
        """The next such frame; None where the process has ended before."""
        while self.outcome is None:
            try:
                frame = self._process.hear(self._number, limit)
            except queue.Empty:
                self._told = Outcome("timeout", f"ended after its limit of {limit:.0f} s", killed=True)
                self._process.kill(self.pid)
                limit = None
                continue
            match frame["event"]:
                case "started":
                    self.pid = frame["pid"]
                case "limited":
                    self._limit = frame
                case "progress":
                    progress(frame)
                case "result":
                    self._told = self._told or outcome_of(frame)
                case "exit" | "closed":
                    self.outcome = self._told or self._dead(frame)
                case found if found == event:
                    return frame
        return None

    def _dead(self, end: Frame) -> Outcome:
        """The outcome of a process that ended without a result."""
        before, now = self._oom_kills, oom_kills()
        grown = end.get("peak", 0) - self._limit.get("resident", 0)
        death = Death(
            end["code"],
            words=last_words(self._process.errors, self._said_before),
            oom_kills=None if before is None or now is None else now - before,
            limit=self._limit.get("size"),
            grown=max(0, grown),
        )
        return Outcome(*explain(death), killed=True)
