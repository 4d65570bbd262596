"""Ctrl-C before a verb runs and after it has run: no traceback, and no code but that of what was done.

It loads next to nothing, since it is there from the command's first moment. Before that moment, while Python
itself starts, Ctrl-C is answered by Python.
"""

from __future__ import annotations

import os
import signal
import sys
from os import _exit

INTERRUPTED = 130
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def is_command() -> bool:
    """Whether this process was started as the command, and not by whoever merely imports evobench."""
    program = sys.argv[0] if sys.argv else ""
    if program == "-m":  # as long as Python looks for the module
        return "evobench" in sys.orig_argv
    name = os.path.basename(program)  # noqa: PTH119 - pathlib takes longer to load than all else here
    is_main = name == "__main__.py" and os.path.dirname(program) == os.path.dirname(__file__)  # noqa: PTH120
    return is_main or name.removesuffix(".exe") == "evobench"


def leave_at_once() -> None:
    """Have a signal end the process with one line: nothing is begun that would have to be tidied up."""
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, _leave)


def drop() -> None:
    """Have Ctrl-C change nothing any more: all is done, and the interpreter merely ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(*_: object) -> None:
    try:
        os.write(2, b"evobench: interrupted\n")
    finally:
        _exit(INTERRUPTED)
