"""The local executor: one job after the other, each in a process of its own on this machine."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from bench.cell import Picture, Status
from bench.errors import EvobenchError
from bench.execute.death import Death, explain
from bench.execute.frames import Frame, pictures_of, read_frames, write_frame
from bench.machine.cgroup import oom_kills
from bench.machine.device import NVML_CHECK
from bench.machine.process import SINGLE_THREADED, kill_group

Progress = Callable[[Frame], None]
BY_THE_DOOR = (
    "-P",
    "-c",
    "import runpy, sys, evobench; sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')",
)
"""Options of an interpreter that runs a file: its `bench` is evobench's, whatever the path holds."""
SERVER = Path(__file__).with_name("server.py")
_WARNINGS = re.compile(r"^(?:.+:\d+: \w*Warning: .*\n(?:  .*\n?)?|\[?W\d{4} .*\n?)", re.MULTILINE)
"""What Python's `warnings` writes, with the line of code that it quotes, and what torch's own log does."""


@dataclass(frozen=True)
class Outcome:
    """What became of one job."""

    status: Status
    reason: str = ""
    values: tuple[float, ...] = ()
    warmup: tuple[float, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    disk_full: bool = False
    pictures: tuple[Picture, ...] = ()


class Executor(Protocol):
    """Takes a job, gives its outcome. The boundary behind which other engines may stand."""

    def submit(self, job: Frame, limit: float, progress: Progress) -> Outcome:
        """Run `job` to its end, or kill it after `limit` seconds; `progress` receives its progress frames."""
        ...

    def close(self) -> None:
        """End every process."""
        ...


class LocalExecutor:
    """Forks a process a job from a server that has imported torch; starts an interpreter a job where it cannot.

    Nothing polls: a thread blocks on the pipe, the driver blocks on the thread's queue.
    """

    def __init__(self, catalogs: Sequence[str] = (), fork: bool = sys.platform == "linux") -> None:
        self._catalogs = tuple(catalogs)
        self._fork = fork
        self._server: _Server | None = None

    def submit(self, job: Frame, limit: float, progress: Progress) -> Outcome:
        """Run `job` to its end, or kill it after `limit` seconds; `progress` receives its progress frames."""
        if self._server is None:
            self._server = _Server(self._catalogs, once=not self._fork)
        server = self._server
        try:
            outcome = server.run(job, limit, progress)
        except BaseException:
            self.close()
            raise
        if server.ended:
            self.close()
        return outcome

    def start(self) -> None:
        """Begin to import torch in the background, so that the first job finds it ready."""
        if self._server is None and self._fork:
            self._server = _Server(self._catalogs, once=False)

    def close(self) -> None:
        """End the server and what it runs."""
        if self._server is not None:
            self._server.kill()
            self._server = None


class _Server:
    """A server process with the pipes to it."""

    def __init__(self, catalogs: Sequence[str], once: bool) -> None:
        self.ended = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        command = [sys.executable, *BY_THE_DOOR, str(SERVER), "--parent", str(os.getpid())]
        command += [part for name in catalogs for part in ("--catalog", name)]
        self._process = subprocess.Popen(
            [*command, "--once"] if once else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment_of_server(sys.path, once),
            start_new_session=True,  # Ctrl-C in the terminal is the driver's to answer
        )
        self._worker: int | None = None
        self._limit: Frame = {}
        self._oom_kills: int | None = None
        self._ready = once
        self._number = 0
        self._frames: queue.Queue[Frame] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def run(self, job: Frame, limit: float, progress: Progress) -> Outcome:
        """Send the job and wait for its end; a server that has died is an error of evobench itself."""
        assert self._process.stdin is not None
        self._await_ready()
        self._number += 1
        self._limit, self._oom_kills = {}, oom_kills()
        try:
            write_frame(self._process.stdin, {**job, "number": self._number})
        except BrokenPipeError:
            self._process.kill()  # it is dead or as good as dead: the reader's last frame tells the outcome
        return self._wait(limit, progress)

    def kill(self) -> None:
        """Kill the worker and the server, and wait for the server's end."""
        if self._worker is not None:
            kill_group(self._worker)
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)
        self._errors.close()

    def _await_ready(self) -> None:
        if self._ready:
            return
        frame = self._frames.get()
        if frame["event"] != "ready":
            raise EvobenchError(
                f"the measuring process did not start: {last_words(self._errors) or 'no reason given'}"
            )
        self._ready = True

    def _wait(self, limit: float, progress: Progress) -> Outcome:
        outcome: Outcome | None = None
        wait: float | None = limit
        while True:
            try:
                frame = self._frames.get(timeout=wait)
            except queue.Empty:
                self._kill_job()
                outcome = Outcome("timeout", f"ended after its limit of {limit:.0f} s")
                wait = None
                continue
            if frame.pop("number", self._number) != self._number:
                continue  # a late word of what an earlier job forked
            match frame["event"]:
                case "started":
                    self._worker = frame["pid"]
                case "limited":
                    self._limit = frame
                case "progress":
                    progress(frame)
                case "result":
                    outcome = outcome or outcome_of(frame)
                case "exit" | "closed":
                    self._worker = None
                    self.ended = frame["event"] == "closed"
                    return outcome or self._dead(frame)

    def _kill_job(self) -> None:
        if self._worker is not None:
            kill_group(self._worker)
        else:
            self._process.kill()

    def _dead(self, end: Frame) -> Outcome:
        """The outcome of a job whose process ended without a result."""
        before, now = self._oom_kills, oom_kills()
        grown = end.get("peak", 0) - self._limit.get("resident", 0)
        death = Death(
            end["code"],
            words=last_words(self._errors),
            oom_kills=None if before is None or now is None else now - before,
            limit=self._limit.get("size"),
            grown=max(0, grown),
        )
        return Outcome(*explain(death))

    def _read(self, pipe: IO[bytes]) -> None:
        for frame in read_frames(pipe):
            self._frames.put(frame)
        self._frames.put({"event": "closed", "code": self._process.wait()})


def environment_of_server(paths: Iterable[str], once: bool = False) -> dict[str, str]:
    """The environment of a server: its path and mere warnings; one thread and no CUDA unless it forks nothing.

    Args:
        paths: where its modules are.
        once: it does its only job itself.
    """
    # PYTHONWARNINGS=error would end it over what a library says while it is imported
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    forking = {} if once else {**SINGLE_THREADED, **NVML_CHECK}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **forking}


def last_words(errors: IO[bytes]) -> str:
    """The last line that processes wrote to the file of their stderr, warnings of libraries left out."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - 4000))
    text = _WARNINGS.sub("", errors.read().decode(errors="replace"))
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else ""


def outcome_of(frame: Frame) -> Outcome:
    """What a job's last frame tells of it."""
    details = dict(frame.get("details", {}))
    if frame.get("traceback"):
        details["traceback"] = frame["traceback"]
    return Outcome(
        frame["status"],
        frame.get("reason", ""),
        tuple(frame.get("values", ())),
        tuple(frame.get("warmup", ())),
        details,
        frame.get("disk_full", False),
        pictures_of(frame.get("pictures", ())),
    )


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # closing flushes, and the other side is gone
        return
