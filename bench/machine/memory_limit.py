"""A limit on what a job's process may allocate, so that want of memory is an error inside it, not a kill."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Unsupported

REACHED = 0.9
"""Share of the limit from which on an error that can mean want of memory does mean it."""
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Limit:
    """A limit that is in force."""

    size: int
    """Bytes that may be allocated beyond `data`."""
    data: int
    """Bytes of private memory that the process had when it began."""
    resident: int
    """Bytes that were resident then."""
    former: int
    """The limit before, which is put back."""


_in_force: Limit | None = None


def limit_memory(size: int | None, device: str, threads: int) -> Limit | None:
    """Let this process allocate no more than `size` bytes beyond what it has now; None sets no limit.

    It counts what is allocated, not what is touched (RLIMIT_DATA), as resident memory has no limit of its own; for
    models the two are nearly the same. All threads are started first: OpenMP ends the process where it cannot
    start one.

    Raises:
        Unsupported: the cell is not on the CPU, or the system is not Linux, which alone counts so.
    """
    global _in_force
    if size is None:
        return None
    if device != "cpu":
        raise Unsupported(f"a memory limit is for cells on the CPU: {device} has memory of its own")
    if sys.platform != "linux":
        raise Unsupported("a memory limit needs Linux, whose RLIMIT_DATA counts all private memory")
    import resource

    _start_threads(threads)
    former, hard = resource.getrlimit(resource.RLIMIT_DATA)
    sizes = _sizes()
    _in_force = Limit(size, sizes["VmData"], sizes["VmRSS"], former)
    wanted = [_in_force.data + size, *(limit for limit in (former, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(wanted), hard))
    return _in_force


def lift_memory_limit() -> None:
    """Put the former limit back, where there is one in force."""
    global _in_force
    if _in_force is None:
        return
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (_in_force.former, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    _in_force = None


def at_memory_limit() -> bool:
    """Whether this process has a limit, and has or had nearly all that it grants."""
    if _in_force is None:
        return False
    sizes = _sizes()
    grown = max(sizes["VmData"] - _in_force.data, sizes["VmHWM"] - _in_force.resident)
    return reached(grown, _in_force.size)


def reached(grown: int, size: int) -> bool:
    """Whether a process that grew by `grown` bytes was at its limit of `size` bytes."""
    return grown >= REACHED * size


def megabytes(size: int) -> str:
    """Bytes in words: `200 MB`."""
    return f"{size / 1e6:.0f} MB"


def _start_threads(threads: int) -> None:
    import torch

    # large enough to be shared out among them all
    torch.zeros(threads << 16).add_(1)


def _sizes() -> dict[str, int]:
    """Sizes of /proc/self/status, in bytes."""
    lines = (line.split() for line in _STATUS.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) << 10 for words in lines if words[0].startswith("Vm")}
