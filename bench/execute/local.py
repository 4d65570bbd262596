"""The local executor: one job after the other, each in a process of its own on this machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bench.errors import EvobenchError
from bench.execute.engine import Progress, Server
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome
from bench.execute.process import BY_THE_DOOR, FORKS, NotStarted, Program

PRELOAD = (
    *("torch", "torchvision.models", "torchvision.transforms.v2", "fvcore.nn", "threadpoolctl"),
    *("bench.measures.counting.multiply_adds", "bench.network.cheap"),
    *("bench.learning.experiment", "bench.learning.evaluation", "scipy.special"),
)
"""What most jobs import; a fork has it already. What few import (`Measure.imports`) would slow all forks down."""

SERVER = Path(__file__).with_name("server.py")


class Executor(Protocol):
    """Takes a job, gives its outcome. The boundary behind which other engines may stand."""

    def submit(self, job: Job, limit: float, progress: Progress) -> Outcome:
        """Run `job` to its end, or kill it after `limit` seconds; `progress` receives its progress frames."""
        ...

    def close(self) -> None:
        """End every process."""
        ...


class LocalExecutor:
    """Forks a process a job from a server that has imported torch; starts an interpreter a job where it cannot."""

    def __init__(self, catalogs: Sequence[str] = (), fork: bool = FORKS) -> None:
        command = (sys.executable, *BY_THE_DOOR, str(SERVER))
        self._forks = fork
        preload = PRELOAD if fork else ()
        self._server = Server(Program(command, tuple(sys.path), tuple(catalogs), preload, forks=fork))

    def submit(self, job: Job, limit: float, progress: Progress) -> Outcome:
        """Run `job` to its end, or kill it after `limit` seconds; `progress` receives its progress frames."""
        try:
            return self._server.begin(job).finish(limit, progress)
        except NotStarted as error:
            raise EvobenchError(f"the measuring process did not start: {error}") from error
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Begin to import torch in the background, so that the first job finds it ready."""
        if self._forks:
            self._server.start()

    def close(self) -> None:
        """End the server and what it runs."""
        self._server.close()
