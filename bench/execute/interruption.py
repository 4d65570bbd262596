"""Ctrl-C, SIGTERM and a closed terminal while a verb runs: the first interrupts it, and it tidies up in peace."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.clock import Stopwatch

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_TIDYING = 10.0
"""Seconds after an interruption in which another is dropped: to end what was stopped takes as long."""


class Interruptions:
    """The interruptions of a verb so far."""

    def __init__(self) -> None:
        self._last: Stopwatch | None = None

    @property
    def came(self) -> bool:
        """Whether there was one: foreign code may have made another error of it."""
        return self._last is not None

    def interrupt(self, *_: object) -> None:
        """Interrupt what runs, unless it tidies up already."""
        if self._last is None or self._last.seconds > _TIDYING:
            self._last = Stopwatch()
            raise KeyboardInterrupt


@contextmanager
def heeded() -> Iterator[Interruptions]:
    """Have signals raise `KeyboardInterrupt`; those that the process was started to ignore stay ignored."""
    found = Interruptions()
    before: dict[int, Any] = {}
    try:
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, found.interrupt)
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
