"""The boundary behind which engines stand: where jobs can run, and what is heard of those that do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome

HERE = "local"
"""Name of the driver's own machine among the hosts."""
Handle = int
"""A job that was begun; unique within its executor."""


@dataclass(frozen=True)
class Host:
    """A machine that jobs run on, with what it has for them."""

    name: str
    """Unique within the executor; `HERE` is the driver's own machine."""
    threads: int
    """Cores that jobs may use."""
    memory: int
    """Bytes that jobs may use together."""
    gpus: tuple[str, ...] = ()
    """Devices by torch's names, with their indices."""
    fingerprint: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Facts about the host in its records; empty: the driver's own host, which is looked at before the run."""


@dataclass(frozen=True)
class ToldProgress:
    """A job told how far it has come."""

    handle: Handle
    frame: Frame


@dataclass(frozen=True)
class Ended:
    """A job has ended, whatever became of it. Each job that was begun ends once."""

    handle: Handle
    outcome: Outcome


Event = ToldProgress | Ended


class Executor(Protocol):
    """Runs jobs, each in a process of its own. It knows no deadline, no order and no second attempt."""

    def hosts(self) -> tuple[Host, ...]:
        """Hosts where jobs can run now; a lost host is not among them."""
        ...

    def begin(self, job: Job, host: str) -> Handle:
        """Begin the job on the host, beside what runs there already; does not wait for it.

        Raises:
            EvobenchError: no process can be started for it.
        """
        ...

    def next_event(self, timeout: float | None) -> Event | None:
        """Wait for the next event; None where there is none within `timeout` seconds."""
        ...

    def cancel(self, handle: Handle) -> None:
        """Kill the job; its `Ended` follows with the outcome `ENDED`, unless its own was on its way already."""
        ...

    def close(self) -> None:
        """End every process."""
        ...
