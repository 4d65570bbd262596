"""One process of a server, seen from the driver: how it is started, what is said to it, and its end.

Nothing polls: a thread blocks on the pipe, the driver on the thread's queue.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.execute.frames import Frame, Line
from bench.execute.jobs import Orders
from bench.execute.local.death import Death, explain, last_words
from bench.machine.device import NVML_CHECK
from bench.machine.process import SINGLE_THREADED, kill_group

FORKS = sys.platform == "linux"
"""Elsewhere forking a process that has loaded torch is not safe."""
BY_THE_DOOR = (
    "-P",
    "-c",
    "import runpy, sys, evobench; sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')",
)
"""Options of an interpreter that runs a file: its `bench` is evobench's, whatever the path holds."""
START = 300.0
"""Seconds that a server may take to import torch on a busy machine."""
_CLOSING = 1.0
"""Seconds in which the pipe of a process that has ended is read to its end, which comes late or never where
something that it forked lives on."""


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
    digests: bool = True
    """Whether digests of code will be asked for."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beyond the driver's own."""
    start: float = START
    """Seconds that it may take until it stands."""


class NotStarted(Exception):
    """A server does not stand; its words say why."""

    def __init__(self, reason: str, frame: Frame | None = None) -> None:
        super().__init__(reason)
        self.frame = frame or {}
        """With which it refused."""


class Process:
    """From its start to its end."""

    def __init__(self, program: Program) -> None:
        self.is_over = False
        """Whether it has ended."""
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env={**environment_of_server(program.paths, program.forks), **program.environment},
                cwd=program.folder,
                start_new_session=True,  # Ctrl-C in the terminal is the driver's to answer
            )
        except OSError as error:
            self.errors.close()
            raise NotStarted(f"{error.strerror}: '{error.filename}'") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._incoming, self._outgoing = self._process.stdout, self._process.stdin
        self._line = Line(self._incoming, self._outgoing)
        self._frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._reader.start()
        self._watcher.start()
        self._ready = False
        self._start = program.start
        orders = Orders(os.getpid(), program.catalogs, program.preload, program.forks, program.digests)
        self.say(asdict(orders))

    def await_ready(self) -> None:
        """Wait until it stands, or raise `NotStarted`."""
        if self._ready:
            return
        try:
            frame = self._frames.get(timeout=self._start)
        except queue.Empty:
            raise NotStarted(f"it does not answer within {self._start:.0f} s") from None
        if frame["event"] == "refused":
            raise NotStarted(frame["reason"], frame)
        if frame["event"] != "ready":
            raise NotStarted(explain(Death(frame["code"], words=last_words(self.errors)))[1])
        self._ready = True

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
        """Kill the process at the job; None: it is the server's own, or not known yet."""
        if pid is not None:
            kill_group(pid)
        else:
            self._process.kill()

    def end(self) -> None:
        """Kill it, and wait for its end."""
        self._process.kill()
        self._watcher.join()
        with suppress(BrokenPipeError):  # closing flushes, and the other side is gone
            self._outgoing.close()
        self.errors.close()

    def _read(self) -> None:
        with self._incoming:
            for frame in self._line:
                self._frames.put(frame)

    def _watch(self) -> None:
        code = self._process.wait()
        self._reader.join(_CLOSING)
        self._frames.put({"event": "closed", "code": code})


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
