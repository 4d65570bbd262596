"""The processes at the other end of a line, seen from the driver: how they are started, and how they end.

Nothing polls: a thread blocks on the pipe, another on the end of the process; both hand on what they find.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from bench.execute.frames import LANES, Frame
from bench.execute.jobs import Orders
from bench.execute.limits import CLOSING, ENDING, START
from bench.execute.local.death import Death, explain, last_words
from bench.execute.local.pipe import DriverLine
from bench.machine.device import NVML_CHECK
from bench.machine.process import SINGLE_THREADED, kill_group

FORKS = sys.platform == "linux"
"""Whether jobs are forked: elsewhere forking a process that has loaded torch is not safe."""
BY_THE_DOOR = (
    "-P",
    "-c",
    "import runpy, sys, evobench; sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')",
)
"""Options of an interpreter that runs a file: its `bench` is evobench's, whatever the path holds."""
Put = Callable[["Peer", Frame], None]
"""Takes a process's frames, from another thread. The last is `closed`, with its exit code if that is known."""


@dataclass(frozen=True)
class Program:
    """Program that a server runs."""

    command: tuple[str, ...]
    """An interpreter, and what serves in it."""
    paths: tuple[str, ...]
    """Folders of its modules, first on its path."""
    catalogs: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    """Modules that it imports before it forks."""
    folder: Path | None = None
    """Working folder; None: the driver's."""
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
        """Frame with which the server refused."""


class Peer:
    """A process that is given jobs over a line, from its start to its end."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes], errors: IO[bytes], put: Put) -> None:
        self.errors = errors
        """Text that the process wrote to its stderr."""
        self.is_over = False
        """Whether the process has ended, and its `closed` follows, or is given up."""
        self._incoming, self._outgoing = incoming, outgoing
        self._line = DriverLine(incoming, outgoing)
        self._put = put
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def say(self, frame: Frame) -> bool:
        """Send a frame; where nobody takes it, the process is killed, and the last frame tells of the end.

        Returns:
            False where the process is there, but has not taken it in time.
        """
        try:
            self._line.say(frame)
        except OSError as error:
            self._kill()
            return not isinstance(error, TimeoutError)
        return True

    def kill(self, pid: int | None) -> None:
        """Kill the process at the job; None: it is the server's own, or not known yet."""
        if pid is None:
            self._kill()
        else:
            kill_group(pid)
            self._wake()

    def end(self) -> None:
        """End it, and wait for that, unless the kernel does not let it end: its job must have been killed."""
        if self._waits_for_others():
            self._close_outgoing()
            self._wake()
            self._await_end()
        self._kill()
        self._await_end()
        self._close_outgoing()
        if self._reader.ident is None:  # else it closes what it reads
            self._incoming.close()
        self.errors.close()

    def _await_end(self) -> None:
        if self._watcher.ident is not None:  # else the system granted no thread
            self._watcher.join(ENDING)

    def _close_outgoing(self) -> None:
        with suppress(BrokenPipeError):  # closing flushes, and the other side may be gone
            self._outgoing.close()

    def _waits_for_others(self) -> bool:
        """Whether the process waits for its own forks once its line is closed, so that nothing is left behind."""
        raise NotImplementedError

    def _listen(self) -> None:
        """Begin to hear what it tells.

        Raises:
            NotStarted: the system grants no thread for that; the process is ended.
        """
        try:
            self._reader.start()
            self._watcher.start()
        except RuntimeError as error:
            self.end()
            raise NotStarted(str(error)) from error

    def _read(self) -> None:
        with self._incoming:
            for frame in self._line:
                self._put(self, frame)

    def _watch(self) -> None:
        code = self._wait()
        self._reader.join(CLOSING)
        self.is_over = True
        self._put(self, {"event": "closed", "code": code})

    def _wait(self) -> int | None:
        """Wait for its end; its exit code, None where only its parent is told."""
        raise NotImplementedError

    def _kill(self) -> None:
        raise NotImplementedError

    def _wake(self) -> None:
        """Let it go on, should it have been stopped: it waits for the process at the job."""
        raise NotImplementedError


class Process(Peer):
    """A server of its own, in an interpreter of its own."""

    def __init__(self, program: Program, put: Put | None = None) -> None:
        """Start it; it imports in the background.

        Args:
            program: program that the process runs.
            put: receives its frames; None: they are put into `heard`.

        Raises:
            NotStarted: there is no such interpreter.
        """
        self.heard: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._lanes: socket.socket | None = None
        theirs: socket.socket | None = None
        if program.forks:
            self._lanes, theirs = socket.socketpair()
        lanes = {LANES: str(theirs.fileno())} if theirs else {}
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**environment_of_server(program.paths, program.forks), **program.environment, **lanes},
                cwd=program.folder,
                # Ctrl-C in the terminal is the driver's to answer; in the driver's session the kernel wakes up a
                # group that is stopped, when the driver ends
                process_group=0,
                pass_fds=[theirs.fileno()] if theirs else (),
            )
        except OSError as error:
            errors.close()
            self._close_lanes()
            where = f": '{error.filename}'" if error.filename else ""
            raise NotStarted(f"{error.strerror}{where}") from error
        finally:
            if theirs:
                theirs.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        super().__init__(self._process.stdout, self._process.stdin, errors, put or self._hear)
        self._ready: Frame | None = None
        self._program = program
        self._listen()
        orders = Orders(os.getpid(), program.catalogs, program.preload, program.forks, program.digests)
        self.say(asdict(orders))

    def await_ready(self) -> None:
        """Wait until it stands, or raise `NotStarted`."""
        if self._ready is not None:
            return
        try:
            frame = self.heard.get(timeout=self._program.start)
        except queue.Empty:
            imported = ", ".join(f"catalogue '{name}'" for name in self._program.catalogs)
            what = f", in which it imports torch and {imported}" if imported else ""
            raise NotStarted(f"it does not answer within {self._program.start:.0f} s{what}") from None
        if frame["event"] == "refused":
            raise NotStarted(frame["reason"], frame)
        if frame["event"] != "ready":
            raise NotStarted(explain(Death(frame["code"], words=last_words(self.errors)))[1])
        self._ready = frame

    @property
    def has_lanes(self) -> bool:
        """Whether the running server can be given lanes; a server of another revision may not."""
        return self._lanes is not None and self._ready is not None and self._ready.get("lanes", False)

    def lend(self, descriptors: Iterable[int]) -> bool:
        """Have it fork a lane with these ends of pipes; False where it has ended."""
        assert self._lanes is not None
        try:
            socket.send_fds(self._lanes, [b"\n"], list(descriptors))
        except OSError:
            return False
        self.say({"order": "lane"})
        return True

    def end(self) -> None:
        """End it, and wait for that: its job and its lanes must have been ended."""
        super().end()
        with suppress(
            subprocess.TimeoutExpired
        ):  # nobody else has taken note of its end where there was no thread
            self._process.wait(ENDING)
        self._close_lanes()

    def _hear(self, _: Peer, frame: Frame) -> None:
        self.heard.put(frame)

    def _close_lanes(self) -> None:
        if self._lanes is not None:
            self._lanes.close()

    def _waits_for_others(self) -> bool:
        return self.has_lanes

    def _wait(self) -> int | None:
        return self._process.wait()

    def _kill(self) -> None:
        self._process.kill()

    def _wake(self) -> None:
        if FORKS:
            self._process.send_signal(signal.SIGCONT)


def environment_of_server(paths: Iterable[str], forks: bool = True) -> dict[str, str]:
    """The environment of a server: its path and mere warnings; one thread and no CUDA where it forks.

    Args:
        paths: folders of its modules.
        forks: whether it does; else it does its only job itself.
    """
    # a folder called `bench` where the user stands must not be taken for ours;
    # PYTHONWARNINGS=error would end it over what a library says while it is imported
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    forking = {**SINGLE_THREADED, **NVML_CHECK} if forks else {}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **forking}
