"""Meaning of the end of a job's process without a result."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from typing import IO

from bench.cell import Status
from bench.machine.cgroup import oom_kills
from bench.machine.memory_limit import megabytes, reached
from bench.machine.oom import says_out_of_memory
from bench.words import shortened

_WARNINGS = re.compile(r"^(?:.+:\d+: \w*Warning: .*\n(?:  .*\n?)?|\[?W\d{4} .*\n?)", re.MULTILINE)
"""Lines that are only warnings: those of Python's `warnings`, with the line of code that they quote, and those of
torch's own log."""

KILLED = -9
"""Exit code of a process that SIGKILL ended: a number, since Windows has no signal of that name."""
FROM_OUTSIDE = frozenset({None, -1, KILLED, -15})
"""Exit codes of processes that did not end by themselves: with their server, by SIGHUP, SIGKILL or SIGTERM."""


@dataclass(frozen=True)
class Death:
    """End of a process."""

    code: int | None
    """Exit code, or minus the signal; None: it ended with the server of its lane."""
    words: str = ""
    """The last line that it wrote to stderr."""
    oom_kills: int | None = None
    """Processes that the kernel killed for want of memory meanwhile, beside those that explain how other jobs
    ended; None: it does not tell."""
    limit: int | None = None
    """Bytes that it might allocate."""
    grown: int = 0
    """Bytes by which its resident memory grew at the most."""


class KernelKills:
    """What the kernel has killed for want of memory, of which it tells the number alone.

    Several jobs may run meanwhile. Each such kill explains the end of one of them, so that a job that a person has
    ended is not taken for a further one.
    """

    def __init__(self) -> None:
        self._claimed: set[int] = set()
        """Numbers of the kills that explain how a job ended."""

    def count(self) -> int | None:
        """Number of kills so far; None: the kernel does not tell."""
        return oom_kills()

    def claim(self, before: int | None) -> int | None:
        """Claim the kills since the count was `before` that do not explain another job's end; the first one is
        accounted for.

        Returns:
            Their number; None: the kernel does not tell.
        """
        now = self.count()
        if before is None or now is None:
            return None
        free = [number for number in range(before, now) if number not in self._claimed]
        self._claimed.update(free[:1])
        return len(free)


def explain(death: Death) -> tuple[Status, str]:
    """The status and the reason of such a job."""
    said = f"; its last words: {death.words}" if death.words else ""
    status, reason = _ending(death)
    if death.limit is None or death.code in (None, KILLED):
        return status, reason + said
    limit = f"its memory limit of {megabytes(death.limit)}"
    if reached(death.grown, death.limit) or says_out_of_memory(death.words):
        return "oom", f"{reason} at {limit}, as libraries do that do not check their allocations{said}"
    return status, f"{reason}; it had {limit} and grew by {megabytes(death.grown)}{said}"


def last_words(errors: IO[bytes], begin: int = 0) -> str:
    """The last line that processes wrote to the file of their stderr, warnings of libraries left out.

    Args:
        errors: the file.
        begin: byte from which on they are asked for.
    """
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(begin, size - 4000))
    text = _WARNINGS.sub("", errors.read().decode(errors="replace"))
    lines = text.strip().splitlines()
    return shortened(lines[-1], 300) if lines else ""


def _ending(death: Death) -> tuple[Status, str]:
    if death.code is None:
        return _ended_with_server(death)
    if death.code == KILLED:
        return _killed(death)
    if death.code < 0:
        return "failed", f"crashed with {_name(-death.code)}"
    status: Status = "oom" if says_out_of_memory(death.words) else "failed"
    return status, f"ended with exit code {death.code} without a result"


def _name(number: int) -> str:
    """Name of a signal; real-time signals have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _killed(death: Death) -> tuple[Status, str]:
    if death.oom_kills:
        return "oom", "killed by the kernel for want of memory"
    if death.oom_kills is None:
        return "oom", "killed by SIGKILL; most likely by the kernel for want of memory"
    return (
        "failed",
        "killed by SIGKILL; most likely by a person or a supervisor, as the kernel counts no such kill",
    )


def _ended_with_server(death: Death) -> tuple[Status, str]:
    if death.oom_kills:
        return "oom", "ended with its server, when the kernel killed a process for want of memory"
    return "failed", "ended with its server, which crashed or was killed"
