"""Preparation of a worker process: it dies with its parent, pins its threads and keeps freed memory."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import psutil

from bench.machine.determinism import determinism_in_force
from bench.machine.device import precision_in_force

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

SINGLE_THREADED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Environment of the fork server: no thread pool may exist when it forks."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ENDS = (signal.SIGTERM, signal.SIGHUP) if sys.platform == "linux" else ()
"""Signals of the parent's end: the kernel sends SIGHUP, then SIGCONT, to a group that is stopped when it comes."""
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
MMAP_THRESHOLD = 32 << 20  # the most that glibc accepts on 64 bits
TRIM_THRESHOLD = 1 << 30


def die_with(parent: int) -> None:
    """Let the kernel kill this process when `parent` ends (Linux; elsewhere the closed pipe ends it)."""
    if sys.platform == "linux":
        for number in _ENDS:
            signal.signal(number, signal.SIG_DFL)  # a fork has the answers of its parent
        _hear_of_the_end_of(parent, signal.SIGKILL)


def take_along(parent: int) -> None:
    """End with `parent`, or by SIGTERM, with all that descends from this process, in whatever session (Linux).

    To be called where this process is to do nothing from now on but fork and wait: what it cannot be interrupted
    in would keep it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        for number in _ENDS:
            signal.signal(number, _end_all)
        _hear_of_the_end_of(parent, signal.SIGTERM)


def _hear_of_the_end_of(parent: int, number: signal.Signals) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it ended before the kernel knew
        os._exit(1)


def _end_all(number: int, _: object) -> None:
    for each in _ENDS:  # the kernel tells of the end of each thread of the parent
        signal.signal(each, signal.SIG_IGN)
    end_children()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def kill_group(pid: int) -> None:
    """Kill the process group that `pid` leads, if any of it is left."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:  # all of it has ended by itself
        return


def end_children(kept: Collection[int] = ()) -> None:
    """Kill the children of this process but those of these ids, and those that it adopts from them as they end."""
    with suppress(ChildProcessError):
        while True:
            os.waitid(
                os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT
            )  # fails where there is none: no search then
            found = [child for child in psutil.Process().children() if child.pid not in kept]
            if not found:
                return
            for child in found:
                child.kill()
                os.waitpid(child.pid, 0)


def keep_freed_memory() -> bool:
    """Let malloc keep freed memory instead of returning it at once; returns whether that could be set.

    Fresh pages cost a fault each: without it, the large tensors of every step are mapped anew, which made
    training steps 10 to 30 % slower.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD) and mallopt(_M_TRIM_THRESHOLD, TRIM_THRESHOLD))


def pin_threads(threads: int) -> None:
    """Limit torch and the BLAS libraries to exactly `threads` threads, with one operator at a time.

    It undoes `SINGLE_THREADED`, for what is loaded or started later as well.
    """
    import torch

    os.environ.update(dict.fromkeys(SINGLE_THREADED, str(threads)))
    torch.set_num_threads(threads)
    # refused where its pool runs already: the setting in force is in the conditions
    with suppress(RuntimeError):
        torch.set_num_interop_threads(1)
    thread_pools().limit(limits=threads)


@cache
def thread_pools() -> ThreadpoolController:
    """The thread pools of the libraries that are loaded.

    To look for them takes half of the time of a job that does nothing: a server does so before it forks.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def own_cpus() -> list[int] | None:
    """CPUs that this process may run on, in order; None where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def conditions(device: str) -> dict[str, Any]:
    """Settings in force in this process that can change a time."""
    import torch

    flags: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "interop_threads": torch.get_num_interop_threads(),
        "cpus": own_cpus(),
        "onednn": torch.backends.mkldnn.is_available(),
        "omp_wait_policy": os.environ.get("OMP_WAIT_POLICY", "default"),
    }
    if device.startswith("cuda"):
        flags |= precision_in_force() | determinism_in_force()
        flags["cudnn_benchmark"] = torch.backends.cudnn.benchmark
    return flags
