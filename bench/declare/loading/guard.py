"""The guard around a catalogue while it is imported: it ends in time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from os import _exit
from types import FrameType
from typing import NoReturn

from bench.errors import Exit
from bench.text.plain import in_brief

MOST = 300.0
"""Seconds that the import of a catalogue may take on a busy machine, unless the user gives less."""
_AGAIN = 1.0
"""Seconds after which whoever caught the end of the time, as an `except:` does, is told again."""
_TIMES = 3
"""Times that a catalogue is told, before the command ends with it."""
_owned: ContextVar[bool] = ContextVar("_owned", default=False)


class Overdue(BaseException):
    """The time is over. No `except Exception` of a catalogue catches it."""


@contextmanager
def owned() -> Iterator[None]:
    """Say that this process is the command's own: it may be ended at once."""
    token = _owned.set(True)
    try:
        yield
    finally:
        _owned.reset(token)


@contextmanager
def guarded(what: str, seconds: float) -> Iterator[None]:
    """Let foreign code run for so many seconds at most; it ends no process, and Python's own hooks stay.

    The time is kept where a signal can tell that it is over: in the main thread, and not on Windows. Code that
    never comes back to the interpreter, such as `sum(range(10**18))`, is not reached by any signal.

    Args:
        what: the code in the words of a message.
        seconds: seconds that it may take.

    Raises:
        Overdue: it takes longer.
    """
    with _hooks_kept(), _exits_raised(), _in_time(what, seconds), _heeding(what):
        yield


@contextmanager
def _hooks_kept() -> Iterator[None]:
    """Put back what Python calls when something fails: without it no thread begins, and no error is told."""
    before = sys.excepthook, sys.unraisablehook, threading.excepthook, sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.excepthook, sys.unraisablehook, threading.excepthook = before[:-1]
        sys.setrecursionlimit(before[-1])


@contextmanager
def _exits_raised() -> Iterator[None]:
    """Have `os._exit` raise what `sys.exit` does: it would end the command without a word, and by any code."""
    owner = os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != owner:  # a fork, which must not go on as if it were this process
            _exit(status)
        raise SystemExit(status)

    os._exit = leave
    try:
        yield
    finally:
        os._exit = _exit


@contextmanager
def _in_time(what: str, seconds: float) -> Iterator[None]:
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    told = 0

    def ring(*_: object) -> None:
        nonlocal told
        told += 1
        if told > _TIMES and _owned.get():
            _leave(f"{what} takes longer than {seconds:g} s and does not let itself be ended", Exit.USAGE)
        raise Overdue(f"it takes longer than {seconds:g} s")

    with _handled(signal.SIGALRM, ring):
        left, again = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, left, again)


@contextmanager
def _heeding(what: str) -> Iterator[None]:
    """End the command at the second Ctrl-C, where foreign code has caught the first."""
    before = signal.getsignal(signal.SIGINT)
    if not (_owned.get() and callable(before) and threading.current_thread() is threading.main_thread()):
        yield
        return
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            _leave(f"interrupted, while {what} was imported", Exit.INTERRUPTED)
        pressed = True
        before(number, frame)

    with _handled(signal.SIGINT, press):
        yield


@contextmanager
def _handled(number: signal.Signals, handler: Callable[..., None]) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL if before is None else before)


def _leave(line: str, code: Exit) -> NoReturn:
    os.write(2, f"evobench: {in_brief(line)}\n".encode(errors="backslashreplace"))
    _exit(code)
