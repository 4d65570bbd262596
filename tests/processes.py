"""Processes that tests start, wait for and interrupt."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence

PATIENCE = 300
"""Seconds after which a process that should have ended is taken for stuck, however busy the machine is."""


def start(command: Sequence[str], heeds_ctrl_c: bool = True) -> subprocess.Popen[str]:
    """Start a command whose stderr the test reads.

    Args:
        command: the program and its arguments.
        heeds_ctrl_c: whether SIGINT interrupts it. What a script starts in the background ignores SIGINT, and so
            may these tests.
    """
    # a process begins with what its parent ignores, and with the default of all else
    before = signal.signal(signal.SIGINT, signal.default_int_handler if heeds_ctrl_c else signal.SIG_IGN)
    try:
        return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
