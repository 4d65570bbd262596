"""Processes that tests start, wait for and interrupt."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence

import psutil

from bench.clock import Stopwatch

PATIENCE = 300
"""Seconds after which a process that should have ended is taken for stuck, however busy the machine is."""

DOOR = "EVOBENCH_TEST_DOOR"
"""Variable that names the socket at which the cells of `tests/catalogs/gated.py` wait."""


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


def await_end(*pids: int) -> None:
    """Wait until none of them runs; what has ended and was not fetched by its parent yet does not."""
    watch = Stopwatch()
    while any(map(runs, pids)):
        assert watch.seconds < PATIENCE, [pid for pid in pids if runs(pid)]
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
