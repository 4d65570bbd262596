"""However a driver ends, nothing is left running: no job in a lane, and nothing that a job has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bench.clock import Stopwatch
from tests.processes import PATIENCE, await_end

CATALOGS = Path(__file__).parents[2] / "catalogs"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


def await_stop(pid: int) -> None:
    """Stop it, and wait until it is."""
    os.kill(pid, signal.SIGSTOP)
    watch = Stopwatch()
    while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
        assert watch.seconds < PATIENCE
        time.sleep(0.01)


SCRIPT = """
import sys
from bench.cell import Cell, Cost
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import Underway

catalog, architecture, measure, *names = sys.argv[1:]
executor = LocalExecutor([catalog], lanes=3)
underway = Underway(executor)
for _ in range(3):
    where = Cost(mode="infer", resolution=16, threads=1)
    underway.begin(Measure(Cell(architecture, measure, where), 0.01), "local")
try:
    while event := underway.next():
        print(*(event.frame[name] for name in names), flush=True)
finally:
    executor.close()
"""


STAYING = (str(CATALOGS / "tiny.py"), "tiny", "stay", "process", "lane")
LEAVING = (str(CATALOGS / "messy.py"), "outliving", "linger", "left", "lane")


@pytest.mark.parametrize(
    ("begun", "number"), [(STAYING, signal.SIGINT), (LEAVING, signal.SIGINT), (LEAVING, signal.SIGKILL)]
)
def test_a_driver_that_is_ended_leaves_nothing_running(number: signal.Signals, begun: tuple[str, ...]) -> None:
    with driver_of(*begun) as (driver, pids):
        driver.send_signal(number)
        driver.wait(PATIENCE)
        await_end(*pids)


def test_a_driver_that_is_killed_leaves_nothing_running_where_server_and_lane_are_stopped() -> None:
    with driver_of(*LEAVING) as (driver, pids):
        *_, lane, server = pids
        for stopped in (lane, server):
            await_stop(stopped)
        driver.kill()
        driver.wait(PATIENCE)
        await_end(*pids)


@contextmanager
def driver_of(*begun: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A driver of three jobs in lanes; process ids: of each job and its lane, then of the server."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *begun],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as driver:
        assert driver.stdout is not None
        pids = [int(pid) for _ in range(3) for pid in driver.stdout.readline().split()]
        assert 6 == len(pids)
        yield driver, [*pids, psutil.Process(pids[1]).ppid()]
