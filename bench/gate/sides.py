"""The driver's end of a side: its server, the processes that the server forks, and what becomes of them."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from bench.cell import Cell, Learning
from bench.declare.catalog import DATASETS
from bench.errors import NotComparable, UsageError
from bench.execute.death import Death, explain
from bench.execute.local import BY_THE_DOOR, environment_of_server, last_words
from bench.gate import side as script
from bench.gate.workers import Frame, Line, Worker
from bench.machine.process import is_alive

Job = Literal["step", "measure", "probe"]
FORK = sys.platform == "linux"
"""Elsewhere forking a process that has loaded torch is not safe."""
_ROOM = "evobench-gate-"
START = 300.0
"""Seconds that a server may take to import torch on a busy machine."""


@dataclass(frozen=True)
class Side:
    """Where one side's code comes from."""

    name: str
    """What messages call it: a revision, an environment."""
    interpreter: Path
    paths: tuple[Path, ...]
    """Folders of its sources, first on the path."""
    folder: Path
    """In which it runs: where relative names of data and weights begin."""
    shelf: Path
    """Where its artifacts lie: apart from the other side's."""
    catalogs: tuple[str, ...] = ()
    moved: tuple[Path, Path] | None = None
    """The repository, and the worktree that has this side's version of its files."""

    def its_own(self, cell: Cell) -> Cell:
        """The cell with this side's version of the weights and images in the repository, where it has them."""
        where = cell.scenario
        if self.moved is None or not isinstance(where, Learning):
            return cell
        own = replace(where, weights=self._its_own(where.weights), target=self._its_own(where.target))
        return replace(cell, scenario=own)

    def _its_own(self, name: str) -> str:
        assert self.moved is not None
        root, tree = (f"{path}{os.sep}" for path in self.moved)
        before, found, path = name.partition(root)
        return f"{before}{tree}{path}" if found and (Path(tree) / path).exists() else name


@dataclass(frozen=True)
class Description:
    """What a side said of the cells."""

    codes: Mapping[str, str]
    """By the key of a cell: digest of what decides its figure."""
    missing: Mapping[str, str]
    """By the key of a cell that the side does not have: why."""
    python: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Task:
    """A job on one cell."""

    job: Job
    cell: Cell
    allowance: float = 1.0
    """Seconds that a measurement may sample for."""
    cpus: tuple[int, ...] = ()
    """Cores that it is pinned to; empty: any."""


class Server:
    """A process that has imported one side's code. Use it in a `with`."""

    def __init__(self, side: Side, preload: Sequence[str] = script.SLOW, fork: bool = FORK) -> None:
        if not hasattr(socket, "AF_UNIX"):
            raise UsageError("comparing two processes step by step needs Unix sockets (Linux, macOS)")
        self.side = side
        self._fork = fork
        self._preload = tuple(preload)
        self._room = tempfile.TemporaryDirectory(prefix=f"{_ROOM}{os.getpid()}-", dir=_rooms())
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._address = str(Path(self._room.name) / "door")
        self._door.bind(self._address)
        self._door.listen()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._process = self._start()
        self._line: Line | None = None
        self._hello: Frame = {}

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; its children end with it."""
        self._process.kill()
        self._process.wait()
        if self._line:
            self._line.close()
        self._door.close()
        self._errors.close()
        self._room.cleanup()

    def await_ready(self) -> Frame:
        """What it said when it stood.

        Raises:
            NotComparable: its code does not start; the line has its last words.
        """
        if self._line is None:
            self._line = self._connected(START, self._process)
            hello = self._line and self._hear(self._line)
            if not hello or hello.get("event") == "refused":
                reason = (hello or {}).get("reason") or self._end()
                raise NotComparable(f"{self.side.name} does not start: {reason}")
            self._hello = hello
        return self._hello

    def describe(self, cells: Sequence[Cell]) -> Description:
        """What the side has of these cells."""
        wanted = [{"key": cell.key, "cell": self.side.its_own(cell).to_dict()} for cell in cells]
        answer = self._ask({"do": "describe", "cells": wanted, **_handed()})
        return Description(answer["codes"], answer["missing"], self._hello["python"], self._hello["versions"])

    def probe(self) -> dict[str, Any]:
        """What its torch sees of this machine (`bench.machine.host.probe_accelerator`).

        Raises:
            NotComparable: it cannot look.
        """
        outcome = self._begin({"job": "probe", "cpus": []}).finish(START)
        if outcome.status != "ok":
            raise NotComparable(f"{self.side.name} does not start: {outcome.reason}")
        return outcome.details

    def begin(self, task: Task) -> Worker:
        """A fresh process that does the task."""
        cell = self.side.its_own(task.cell).to_dict()
        about = {"job": task.job, "cell": cell, "allowance": task.allowance, "cpus": list(task.cpus)}
        return self._begin({**about, "shelf": str(self.side.shelf)})

    def _begin(self, about: Frame) -> Worker:
        self.await_ready()
        request = {"do": "job", "address": self._address, **_handed(), **about}
        if not self._fork:  # where forking is not safe: an interpreter of its own, which does nothing else
            return Server(self.side, self._preload, fork=False)._alone(request)
        pid = self._ask(request)["pid"]
        return Worker(pid, self._connected(START), lambda: self._reap(pid), self.last_words)

    def _alone(self, request: Frame) -> Worker:
        """The worker that this very process becomes."""
        self.await_ready()
        pid = self._ask({**request, "address": self._address})["pid"]

        def end() -> int:
            code = self._process.wait()
            self.close()
            return code

        return Worker(pid, self._connected(START), end, self.last_words)

    def _reap(self, pid: int) -> int:
        """Wait for the end of a child; its exit code, or minus the signal."""
        code: int = self._ask({"do": "reap", "pid": pid})["code"]
        return code

    def last_words(self) -> str:
        """The last line that it or a child wrote to stderr."""
        return last_words(self._errors)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(self.side.interpreter), *BY_THE_DOOR, script.__file__, "--parent", str(os.getpid())]
        command += ["--address", self._address]
        command += [part for name in self.side.catalogs for part in ("--catalog", name)]
        if self.side.moved:
            command += ["--instead-of", str(self.side.moved[0]), "--tree", str(self.side.moved[1])]
        command += [part for name in self._preload for part in ("--preload", name)]
        try:
            return subprocess.Popen(
                command if self._fork else [*command, "--in-place"],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env=environment_of_server(map(str, self.side.paths)),
                cwd=self.side.folder,
                start_new_session=True,  # Ctrl-C in the terminal is the driver's to answer
            )
        except OSError as error:
            self._door.close()
            self._errors.close()
            self._room.cleanup()
            raise NotComparable(
                f"{self.side.name} does not start: {error.strerror}: '{error.filename}'"
            ) from error

    def _ask(self, request: Frame) -> Frame:
        self.await_ready()
        assert self._line is not None
        self._line.say(request)
        answer = self._hear(self._line)
        if answer is None:
            raise NotComparable(f"the process of {self.side.name} ended: {self._end()}")
        found: Frame = answer
        return found

    def _hear(self, line: Line) -> Any:
        """What the server says.

        Raises:
            NotComparable: it takes too long, as where an import hangs.
        """
        try:
            return line.hear(START, lambda: self._process.poll() is None)
        except TimeoutError:
            raise NotComparable(f"{self.side.name} does not answer within {START:.0f} s") from None

    def _end(self) -> str:
        """Why the server has gone."""
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return self.last_words() or "it says nothing"
        return explain(Death(code, words=self.last_words()))[1]

    def _connected(self, limit: float, process: subprocess.Popen[bytes] | None = None) -> Line | None:
        """The next connection; None where the one who should make it has ended, or the time is over."""
        for _ in range(int(limit)):
            if select.select([self._door], [], [], 1.0)[0]:
                return Line(self._door.accept()[0])
            if process is not None and process.poll() is not None:
                return None
        return None


def sweep() -> None:
    """Remove the folders of sockets that drivers left behind who were killed."""
    for folder in _rooms().glob(f"{_ROOM}*-*"):
        pid = folder.name.removeprefix(_ROOM).partition("-")[0]
        if pid.isdecimal() and not is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays


def _rooms() -> Path:
    """Where sockets lie: their names have a hundred letters at most, which a long TMPDIR leaves no room in."""
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) < 60 else Path("/tmp")


def _handed() -> Frame:
    """Where downloaded data lie; what the user's own files hold each side looks at itself: they may differ."""
    return {"data": {**DATASETS.handed(), "own": {}}}
