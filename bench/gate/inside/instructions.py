"""Instructions that a thread has retired, where the machine counts them: a witness that no neighbour disturbs.

Linux's `perf_event_open` (man page of that name, struct perf_event_attr of 112 bytes, version 5). Most virtual
machines have no such counter. Stands on the standard library alone: it runs in the interpreter of any revision.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

_CALLS = {"x86_64": 298, "aarch64": 241}
_SIZE = 112
_EXCLUDE_KERNEL_AND_HYPERVISOR = 1 << 5 | 1 << 6
_FLAGS_AT = 40
HARDWARE = (0, 1)
"""Type and number of the event: PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS."""
CPU_CLOCK = (1, 0)
"""PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK: nanoseconds; for trying the counter where there is no other."""


class Counter:
    """Counts an event of this thread from now on."""

    def __init__(self, event: tuple[int, int] = HARDWARE) -> None:
        """Open it.

        Raises:
            OSError: the machine, the system or its settings do not let it be counted.
        """
        number = _CALLS.get(platform.machine())
        if sys.platform != "linux" or number is None:
            raise OSError("counted on Linux alone")
        attributes = bytearray(_SIZE)
        struct.pack_into("=IIQ", attributes, 0, event[0], _SIZE, event[1])
        struct.pack_into("=Q", attributes, _FLAGS_AT, _EXCLUDE_KERNEL_AND_HYPERVISOR)
        buffer = (ctypes.c_char * _SIZE).from_buffer(attributes)
        self._file: int = ctypes.CDLL(None, use_errno=True).syscall(number, buffer, 0, -1, -1, 0)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def read(self) -> int:
        """Number of instructions so far."""
        (count,) = struct.unpack("=Q", os.read(self._file, 8))
        return int(count)

    def close(self) -> None:
        """Stop counting."""
        os.close(self._file)
