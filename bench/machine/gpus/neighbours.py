"""Other processes on a GPU, as NVML lists them before and after a cell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import psutil

from bench.lazy import load

AT_WORK = 0.05
"""Share of a GPU's multiprocessors above which a process takes speed from others: a desktop's windows take
less."""
_NONE_FOUND = (0, 6)
"""Answers of NVML when no process has computed: success without a list, or not found."""
UNNUMBERED = (
    "NVML does not list this process by its own number, as in a container: who came meanwhile cannot be told"
)


@dataclass(frozen=True)
class Sighting:
    """The processes on a GPU at one moment; None: unknown, and `unread` says why."""

    at: int = 0
    """Time in microseconds of the system's clock, with which NVML stamps its samples."""
    holding: dict[int, int | None] | None = None
    """Bytes of GPU memory by process; None: NVML does not know how many."""
    working: dict[int, float] | None = None
    """Share of the multiprocessors' time in NVML's last sample, by process; idle processes are left out."""
    used: int | None = None
    """Bytes of GPU memory used by all processes and the driver."""
    utilisation: float | None = None
    """Share of the last moments in which any of the processes ran."""
    own: frozenset[int] = frozenset()
    """Process ids of this process and its children, in this namespace."""
    unread: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbour:
    """Another process on the GPU."""

    pid: int
    memory: int | None
    """Memory in bytes; None: NVML does not know."""
    working: float
    """Share of the multiprocessors' time that the process had in NVML's last sample of the cell."""


@dataclass(frozen=True)
class GpuNeighbours:
    """Other processes on the GPU while a cell was measured; None: unknown, and `unread` says why."""

    processes: tuple[Neighbour, ...] | None = None
    """Processes that were there before the cell's own context, and later ones where they can be identified."""
    used_before: int | None = None
    """Bytes of GPU memory in use before the cell's own context was made."""
    utilisation_before: float | None = None
    """Share of the preceding moments in which the GPU ran, including the cell that was measured before."""
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def at_work(self) -> tuple[Neighbour, ...]:
        """Processes that took speed from the cell; one that merely holds memory does not."""
        return tuple(one for one in self.processes or () if one.working >= AT_WORK)


def sight(device: str, since: int | None = None, nvml: Any = None, uuid: str = "") -> Sighting | None:
    """The processes on torch's device `cuda` or `cuda:INDEX`; None: the device is not a CUDA GPU.

    Args:
        device: name of the device, as torch gives it.
        since: moment (`Sighting.at`) from which processes that computed are looked for; None: now.
        nvml: the module `pynvml`; None imports it.
        uuid: NVML's name of the device; none asks torch.
    """
    if not device.startswith("cuda"):
        return None
    now = time.time_ns() // 1000
    try:
        from bench.machine.gpus.nvml import handle_of, uuid_of

        nvml = nvml or load("pynvml")
        handle = handle_of(uuid or uuid_of(device), nvml)
    except Exception as error:  # noqa: BLE001 - whatever a driver or a library raises, the cell is to be measured
        return Sighting(now, unread={"neighbours": f"NVML: {error}"})
    unread: dict[str, str] = {}

    def ask(what: str, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except Exception as error:  # noqa: BLE001 - NVML's errors are made by its module, which may be a newer one
            unread[what] = f"NVML: {error}"
            return None

    utilisation = ask("gpu_utilisation", lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100)
    return Sighting(
        at=now,
        holding=ask("gpu_processes", lambda: _holding(nvml, handle)),
        working=ask("gpu_work_of_processes", lambda: _working(nvml, handle, now if since is None else since)),
        used=ask("gpu_memory", lambda: int(nvml.nvmlDeviceGetMemoryInfo(handle).used)),
        utilisation=utilisation,
        own=frozenset({os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}),
        unread=unread,
    )


def neighbours(before: Sighting | None, after: Sighting | None) -> GpuNeighbours | None:
    """Other processes, from a sighting before the cell's own context and one after the cell.

    A container may number its processes in its own way, or hide them. So a process is the cell's own where its
    number is, if that came with the cell's context; else only those are told that were there before it.
    """
    if before is None or after is None:
        return None
    unread = {**before.unread, **after.unread}
    told = GpuNeighbours(None, before.used, before.utilisation, unread)
    if before.holding is None or after.holding is None:
        return told
    held = before.holding
    if after.own & after.holding.keys() and not after.own & before.holding.keys():
        held = {**before.holding, **after.holding}
    else:
        unread["neighbours"] = UNNUMBERED
    if not held:
        return told
    working = after.working or {}
    others = sorted(held.keys() - after.own)
    found = (Neighbour(pid, after.holding.get(pid, held[pid]), working.get(pid, 0.0)) for pid in others)
    return replace(told, processes=tuple(found))


def _holding(nvml: Any, handle: Any) -> dict[int, int | None]:
    listed = [
        *nvml.nvmlDeviceGetGraphicsRunningProcesses(handle),
        *nvml.nvmlDeviceGetComputeRunningProcesses(handle),
    ]
    return {process.pid: process.usedGpuMemory for process in listed}


def _working(nvml: Any, handle: Any, since: int) -> dict[int, float]:
    try:
        samples = nvml.nvmlDeviceGetProcessUtilization(handle, since)
    except Exception as error:
        if getattr(error, "value", None) in _NONE_FOUND:
            return {}
        raise
    # its list may hold places that nothing was written into
    good = [sample for sample in samples if sample.timeStamp > since and 0 < sample.smUtil <= 100]
    return {sample.pid: sample.smUtil / 100 for sample in sorted(good, key=lambda sample: sample.timeStamp)}
