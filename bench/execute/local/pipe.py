"""The driver's end of a line: the other end may have been stopped, and is waited for with a limit."""

from __future__ import annotations

import os
import selectors
import sys
from typing import IO

from bench.clock import Stopwatch
from bench.execute.frames import Line
from bench.execute.limits import ANSWER


class DriverLine(Line):
    """A line whose other side must take what it is sent within `ANSWER` seconds.

    On Windows a pipe cannot be waited for, and nothing stops a process there: what is sent has no limit.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        super().__init__(incoming, outgoing)
        if sys.platform != "win32":
            os.set_blocking(outgoing.fileno(), False)

    def is_heard_within(self, seconds: float) -> bool:
        """Wait for a frame, or for the end of the line; False where neither comes in time."""
        return _is_ready(self._incoming, selectors.EVENT_READ, seconds)

    def _send(self, data: bytes) -> None:
        if sys.platform == "win32":
            super()._send(data)
            return
        watch, rest = Stopwatch(), memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._outgoing.fileno(), rest) :]
            except BlockingIOError:  # the pipe is full
                if not _is_ready(self._outgoing, selectors.EVENT_WRITE, ANSWER - watch.seconds):
                    raise TimeoutError(f"it takes nothing within {ANSWER:.0f} s") from None


def _is_ready(end: IO[bytes], event: int, seconds: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(end, event)
        return bool(selector.select(max(0.0, seconds)))
