"""The GPUs of a run, held by its driver: through NVML, since a CUDA context would take memory of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from bench.execute.executor import HERE, Ended, Event, Executor, Handle, Host
from bench.execute.jobs import Job, Make, Measure
from bench.lazy import load
from bench.machine.device import indexed
from bench.machine.memory_limit import megabytes

LOOKS = 50
PAUSE = 0.1
"""Seconds between two looks at the memory that a killed process is to leave."""
SLACK = 64 << 20
"""Bytes by which what others use of a GPU may grow meanwhile."""


class Holding:
    """An executor that holds the GPUs of its jobs.

    A GPU that nobody holds is let go by its driver when a process ends, unless persistence mode keeps it, and the
    next process waits for it to start. And what a killed process had of its memory is free a moment after its
    end: the next job waits for that.
    """

    def __init__(
        self,
        executor: Executor,
        devices: Mapping[str, Mapping[str, Any]],
        say: Callable[[str], None],
        nvml: Any = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take hold of the GPUs, as far as NVML knows them.

        Args:
            executor: does the jobs.
            devices: `Identity` of each GPU as plain data, by torch's name of it.
            say: is told of memory that is not left.
            nvml: the module `pynvml`; None imports it.
            pause: waits for so many seconds.
        """
        self._executor = executor
        self._say = say
        self._pause = pause
        self._nvml = nvml
        self._handles = {name: handle for name, found in devices.items() if (handle := self._held(found["uuid"]))}
        self._left: dict[str, int] = {}
        """Bytes that were in use before the job that was killed, by device."""
        self._at_work: dict[Handle, tuple[str, int | None]] = {}
        """The GPU of each job on one, and the bytes that were in use of it before."""

    def hosts(self) -> tuple[Host, ...]:
        """Hosts where jobs can run."""
        return self._executor.hosts()

    def begin(self, job: Job, host: str) -> Handle:
        """Begin the job on the host, once its GPU has what a killed one held of it.

        Raises:
            EvobenchError: no process can be started for it.
        """
        device = _device_of(job)
        if host != HERE or device not in self._handles:
            return self._executor.begin(job, host)
        if device in self._left:
            self._await(device, self._left.pop(device))
        before = self._used(device)
        handle = self._executor.begin(job, host)
        self._at_work[handle] = device, before
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """Wait for the next event; None where there is none within `timeout` seconds."""
        event = self._executor.next_event(timeout)
        if isinstance(event, Ended) and event.handle in self._at_work:
            device, before = self._at_work.pop(event.handle)
            alone = all(other != device for other, _ in self._at_work.values())
            # what others of ours hold of it meanwhile, or take, is not told from what was left
            if event.outcome.killed and before is not None and alone:
                self._left[device] = before
        return event

    def cancel(self, handle: Handle) -> None:
        """Kill the job; its `Ended` follows."""
        self._executor.cancel(handle)

    def close(self) -> None:
        """End every process."""
        self._executor.close()

    def _held(self, uuid: str | None) -> Any:
        """NVML's handle of a GPU, which keeps it awake; None where NVML has none."""
        from bench.machine.gpus.nvml import handle_of

        try:
            self._nvml = self._nvml or load("pynvml")
            return handle_of(uuid, self._nvml) if uuid else None
        except Exception:  # noqa: BLE001 - whatever a driver or a library raises: the record says why it is unread
            return None

    def _used(self, device: str) -> int | None:
        try:
            return int(self._nvml.nvmlDeviceGetMemoryInfo(self._handles[device]).used)
        except Exception:  # noqa: BLE001 - likewise
            return None

    def _await(self, device: str, before: int) -> None:
        more = 0
        for _ in range(LOOKS):
            used = self._used(device)
            more = 0 if used is None else used - before
            if more <= SLACK:
                return
            self._pause(PAUSE)
        self._say(f"{device} still holds {megabytes(more)} more than before the process that was killed")


def _device_of(job: Job) -> str:
    """The GPU that a job computes on, with its index; anything else where it is on none."""
    match job:
        case Measure():
            device = job.gpu or job.cell.scenario.device
        case Make():
            device = job.gpu or str(dict(job.artifact.spec).get("device", ""))
        case _:
            return ""
    return indexed(device)
