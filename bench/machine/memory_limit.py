"""Limit on a job's memory, so that want of memory is an error inside the process instead of a kill."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Unsupported, UsageError
from bench.lazy import lazy

torch = lazy("torch")

REACHED = 0.9
"""Share of the limit from which on an ambiguous error counts as want of memory."""
SCARCE = 1 << 30
"""Free bytes of a GPU below which its libraries may find no room: cuDNN's kernels alone take half of that."""
ROOM = 512 << 20
"""Bytes that the command must be able to have: OpenBLAS ends the process, or tries for ever, where it finds
none."""
ROOM_OF_MODULE = 64 << 20
"""Bytes that a library may ask for when it is loaded."""
_STATUS = Path("/proc/self/status")


def require_memory(size: int = ROOM) -> None:
    """Make sure that this process can have so many bytes more, which are not touched.

    Raises:
        UsageError: it cannot.
    """
    if sys.platform == "win32":
        return
    import mmap

    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError as error:
        raise UsageError(
            f"a process can have no {megabytes(size)} of memory more, which its libraries need (see ulimit -d, -v)"
        ) from error


@dataclass(frozen=True)
class MemoryLimit:
    """A limit on the memory of this process, in force."""

    size: int
    """Bytes that may be allocated beyond `data`."""
    data: int
    """Bytes of private memory that the process had when it began."""
    resident: int
    """Bytes that were resident when the limit began."""
    former: int
    """The earlier limit, which is restored afterwards."""

    @property
    def is_reached(self) -> bool:
        """Whether the process has used nearly all memory that the limit grants."""
        sizes = _sizes()
        return reached(max(sizes["VmData"] - self.data, sizes["VmHWM"] - self.resident), self.size)

    def lift(self) -> None:
        """Restore the earlier limit."""
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (self.former, resource.getrlimit(resource.RLIMIT_DATA)[1]))


@dataclass(frozen=True)
class DeviceLimit:
    """A limit on the memory that torch's allocator may take of a GPU, in force."""

    size: int
    """Bytes that the allocator may take beyond `held`."""
    device: str
    held: int
    """Bytes that the allocator had taken when the limit began."""
    former: float
    """Share of the GPU's memory that was allowed before, which is restored afterwards."""

    @property
    def is_reached(self) -> bool:
        """Whether the allocator has taken nearly all memory that the limit grants."""
        return reached(torch.cuda.max_memory_reserved(self.device) - self.held, self.size)

    def lift(self) -> None:
        """Restore the earlier share; does nothing after a kernel's fault, when the GPU no longer answers."""
        with suppress(RuntimeError):
            torch.cuda.set_per_process_memory_fraction(self.former, self.device)


_in_force: MemoryLimit | DeviceLimit | None = None


def limit_memory(size: int | None, device: str, threads: int) -> MemoryLimit | None:
    """Let this process allocate no more than `size` bytes beyond what it has now; None sets no limit.

    On a CPU it counts what is allocated, not what is touched (RLIMIT_DATA), as resident memory has no limit of its
    own; for models the two are nearly the same. All threads are started first: OpenMP ends the process where it
    cannot start one.

    On CUDA it is a limit on what torch's allocator takes of the device, 2 or 20 MiB at once for small tensors. The
    context, kernels and what libraries take past that allocator are not counted.

    Returns:
        The limit on the process's own memory, which libraries may crash at; None where there is no such limit.

    Raises:
        Unsupported: the device has no such limit, or the system is not Linux, which alone counts so.
    """
    global _in_force
    if size is None:
        return None
    if device.startswith("cuda"):
        _in_force = _limit_device(size, device)
        return None
    if device != "cpu":
        raise Unsupported(f"a memory limit is for cells on a CPU or on CUDA: torch knows none for {device}")
    if sys.platform != "linux":
        raise Unsupported("a memory limit needs Linux, whose RLIMIT_DATA counts all private memory")
    _start_threads(threads)
    _in_force = found = _limit_process(size)
    return found


def _limit_process(size: int) -> MemoryLimit:
    import resource

    former, hard = resource.getrlimit(resource.RLIMIT_DATA)
    sizes = _sizes()
    limit = MemoryLimit(size, sizes["VmData"], sizes["VmRSS"], former)
    wanted = [limit.data + size, *(limit for limit in (former, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(wanted), hard))
    return limit


def _limit_device(size: int, device: str) -> DeviceLimit:
    held, (_, total) = torch.cuda.memory_reserved(device), torch.cuda.mem_get_info(device)
    limit = DeviceLimit(size, device, held, torch.cuda.get_per_process_memory_fraction(device))
    torch.cuda.set_per_process_memory_fraction(min(limit.former, (held + size) / total), device)
    return limit


def lift_memory_limit() -> None:
    """Restore the earlier limit, where one is in force."""
    global _in_force
    if _in_force is not None:
        _in_force.lift()
        _in_force = None


def at_memory_limit() -> bool:
    """Whether this process has a limit and has used nearly all that it grants."""
    return _in_force is not None and _in_force.is_reached


def lacks_device_memory() -> bool:
    """Whether torch's allocator was refused memory of the current GPU, is at its limit, or has hardly any left.

    Libraries ask that allocator for workspaces, do without where it refuses, and may fail later in other words.
    """
    if not torch.cuda.is_initialized():
        return False
    try:
        refused = torch.cuda.memory_stats().get("num_ooms", 0)
        free, _ = torch.cuda.mem_get_info()
    except RuntimeError:  # after a kernel's fault no GPU answers any more: that is not want of memory
        return False
    return refused > 0 or free < SCARCE or at_memory_limit()


def reached(grown: int, size: int) -> bool:
    """Whether a process that grew by `grown` bytes was at its limit of `size` bytes."""
    return grown >= REACHED * size


def megabytes(size: int) -> str:
    """Bytes as text: `200 MB`."""
    return f"{size / 1e6:.0f} MB"


def _start_threads(threads: int) -> None:
    # large enough to be shared out among them all
    torch.zeros(threads << 16).add_(1)


def _sizes() -> dict[str, int]:
    """Sizes of /proc/self/status, in bytes."""
    lines = (line.split() for line in _STATUS.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) << 10 for words in lines if words[0].startswith("Vm")}
