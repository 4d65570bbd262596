"""The driver's end of a server: how it is started, the one job that it does at a time, and how each ends.

Nothing polls: a thread blocks on the pipe, the driver on the thread's queue.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from bench.execute.death import Death, explain
from bench.execute.frames import Frame, Line
from bench.execute.jobs import Job, Orders
from bench.execute.outcome import ENDED, Outcome, outcome_of
from bench.machine.cgroup import oom_kills
from bench.machine.device import NVML_CHECK
from bench.machine.process import SINGLE_THREADED, kill_group

Progress = Callable[[Frame], None]
FORKS = sys.platform == "linux"
"""Elsewhere forking a process that has loaded torch is not safe."""
START = 300.0
"""Seconds that a server may take to import torch on a busy machine."""
_CLOSING = 1.0
"""Seconds in which the pipe of a process that has ended is read to its end, which comes late or never where
something that it forked lives on."""
_WARNINGS = re.compile(r"^(?:.+:\d+: \w*Warning: .*\n(?:  .*\n?)?|\[?W\d{4} .*\n?)", re.MULTILINE)
"""What Python's `warnings` writes, with the line of code that it quotes, and what torch's own log does."""


@dataclass(frozen=True)
class Program:
    """What a server runs."""

    command: tuple[str, ...]
    """An interpreter, and what serves in it."""
    paths: tuple[str, ...]
    """Folders of its modules, first on its path."""
    catalogs: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    """Modules that it imports before it forks."""
    folder: Path | None = None
    """In which it runs; None: where the driver does."""
    forks: bool = FORKS


class NotStarted(Exception):
    """A server does not stand; its words say why."""

    def __init__(self, reason: str, frame: Frame | None = None) -> None:
        super().__init__(reason)
        self.frame = frame or {}
        """With which it refused."""


class Server:
    """Does job after job, each in a process of its own. One that has ended is replaced by the next job."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._life: _Life | None = None

    def start(self) -> None:
        """Begin to import in the background.

        Raises:
            NotStarted: there is no such interpreter.
        """
        if self._life is not None and self._life.is_over:
            self.close()
        if self._life is None:
            self._life = _Life(self._program)

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
        return self._standing().begin(job)

    def close(self) -> None:
        """End it and what it runs."""
        if self._life is not None:
            self._life.end()
            self._life = None

    def _standing(self) -> _Life:
        self.start()
        assert self._life is not None
        try:
            self._life.await_ready()
        except BaseException:
            self.close()
            raise
        return self._life


class _Life:
    """One process of a server, from its start to its end."""

    def __init__(self, program: Program) -> None:
        self.is_over = False
        """Whether it can take no further job."""
        self._forks = program.forks
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env=environment_of_server(program.paths, program.forks),
                cwd=program.folder,
                start_new_session=True,  # Ctrl-C in the terminal is the driver's to answer
            )
        except OSError as error:
            self.errors.close()
            raise NotStarted(f"{error.strerror}: '{error.filename}'") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._line = Line(self._process.stdout, self._process.stdin)
        self._frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._reader.start()
        self._watcher.start()
        self._number = 0
        self._worker: Worker | None = None
        self._ready = False
        self.say(asdict(Orders(os.getpid(), program.catalogs, program.preload, program.forks)))

    def await_ready(self) -> None:
        """Wait until it stands, or raise `NotStarted`."""
        if self._ready:
            return
        try:
            frame = self._frames.get(timeout=START)
        except queue.Empty:
            raise NotStarted(f"it does not answer within {START:.0f} s") from None
        if frame["event"] == "refused":
            raise NotStarted(frame["reason"], frame)
        if frame["event"] != "ready":
            raise NotStarted(explain(Death(frame["code"], words=last_words(self.errors)))[1])
        self._ready = True

    def begin(self, job: Job) -> Worker:
        """Send the job; where the process has died meanwhile, the outcome tells."""
        self._number += 1
        self.is_over = not self._forks
        self._worker = Worker(self, self._number)
        self.say({**job.to_dict(), "number": self._number})
        return self._worker

    def say(self, frame: Frame) -> None:
        """Send a frame; one that nobody can read any more is dropped: the last frame tells of the end."""
        try:
            self._line.say(frame)
        except OSError:
            self._process.kill()

    def hear(self, number: int, limit: float | None) -> Frame:
        """The next frame of this job, the late words of what an earlier one forked left out.

        Raises:
            queue.Empty: there is none for `limit` seconds.
        """
        while True:
            frame = self._frames.get(timeout=limit)
            if frame["event"] == "closed":
                self.is_over = True
            if frame.pop("number", number) == number:
                return frame

    def kill(self, pid: int | None) -> None:
        """Kill the process at the job; itself, where that is none of its own or not known yet."""
        if pid is not None:
            kill_group(pid)
        else:
            self._process.kill()

    def end(self) -> None:
        """Kill the worker and the server, and wait for the server's end."""
        if self._worker is not None and self._worker.outcome is None:
            self.kill(self._worker.pid)
        self._process.kill()
        self._watcher.join()
        for pipe in (self._process.stdin, None if self._reader.is_alive() else self._process.stdout):
            if pipe is not None:
                _close(pipe)
        self.errors.close()

    def _read(self) -> None:
        for frame in self._line:
            self._frames.put(frame)

    def _watch(self) -> None:
        code = self._process.wait()
        self._reader.join(_CLOSING)
        self._frames.put({"event": "closed", "code": code})


class Worker:
    """One process at its job."""

    def __init__(self, life: _Life, number: int) -> None:
        self.pid: int | None = None
        """None: not known yet, or that of the server."""
        self.outcome: Outcome | None = None
        """What became of it; None while it is at work."""
        self._life = life
        self._number = number
        self._told: Outcome | None = None
        self._steps = False
        self._limit: Frame = {}
        self._oom_kills = oom_kills()
        self._said_before = life.errors.seek(0, os.SEEK_END)

    def ready(self, limit: float) -> bool:
        """Wait until it can take steps; False where it has ended instead."""
        self._steps = self._until("ready", limit) is not None
        return self._steps

    def step(self, limit: float) -> float | None:
        """Have it take one step: its seconds; None where it has ended instead."""
        self._life.say({"order": "step"})
        frame = self._until("step", limit)
        return float(frame["seconds"]) if frame else None

    def finish(self, limit: float, progress: Progress = lambda _: None) -> Outcome:
        """End the steps, if it takes any, and get what became of it.

        Args:
            limit: seconds without a word after which it is killed.
            progress: receives its progress frames.
        """
        if self._steps and self.outcome is None:
            self._life.say({"order": "end"})
        self._until("", limit, progress)
        assert self.outcome is not None
        return self.outcome

    def kill(self) -> None:
        """End it at once, whatever it does."""
        if self.outcome is None:
            self._told = self._told or ENDED
            self._life.kill(self.pid)
            self._until("", None)

    def _until(self, event: str, limit: float | None, progress: Progress = lambda _: None) -> Frame | None:
        """The next such frame; None where the process has ended before."""
        while self.outcome is None:
            try:
                frame = self._life.hear(self._number, limit)
            except queue.Empty:
                self._told = Outcome("timeout", f"ended after its limit of {limit:.0f} s")
                self._life.kill(self.pid)
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
            words=last_words(self._life.errors, self._said_before),
            oom_kills=None if before is None or now is None else now - before,
            limit=self._limit.get("size"),
            grown=max(0, grown),
        )
        return Outcome(*explain(death))


def environment_of_server(paths: Iterable[str], forks: bool = True) -> dict[str, str]:
    """The environment of a server: its path and mere warnings; one thread and no CUDA where it forks.

    Args:
        paths: where its modules are.
        forks: whether it does; else it does its only job itself.
    """
    # a folder called `bench` where the user stands must not be taken for ours;
    # PYTHONWARNINGS=error would end it over what a library says while it is imported
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    forking = {**SINGLE_THREADED, **NVML_CHECK} if forks else {}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **forking}


def last_words(errors: IO[bytes], begin: int = 0) -> str:
    """The last line that processes wrote to the file of their stderr, warnings of libraries left out.

    Args:
        errors: the file.
        begin: byte from which on they are asked for.
    """
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(begin, size - 4000))
    text = _WARNINGS.sub("", errors.read().decode(errors="replace"))
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else ""


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # closing flushes, and the other side is gone
        return
