"""A run whose processes are stopped, or that is interrupted again and again: it ends, and leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.clock import Stopwatch
from bench.store.database import Store
from tests.processes import PATIENCE, start

CATALOG = str(Path(__file__).parents[3] / "catalogs" / "tiny.py")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="forks lanes on Linux only"),
]


def begun(store: Path, *options: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A run whose second cell never ends, and its server, its lane and the job of that cell."""
    what = ["--catalog", CATALOG, "--suite", "endless", "--threads", "1", "--no-report"]
    driver = start([sys.executable, "-m", "evobench", "run", "--store", str(store), *what, *options])
    watch = Stopwatch()
    while len(found := chain(driver.pid)) < 3 or records(store) < 1:
        assert watch.seconds < PATIENCE
        assert driver.poll() is None, driver.communicate()[1]
        time.sleep(0.02)
    return driver, found


def chain(pid: int) -> list[psutil.Process]:
    """Its only child, that one's only child, and so on."""
    found: list[psutil.Process] = []
    try:
        while children := psutil.Process(found[-1].pid if found else pid).children():
            found.append(children[0])
    except psutil.NoSuchProcess:
        return []
    return found


def records(store: Path) -> int:
    return len(statuses(store)[1]) if store.exists() else 0


def statuses(store: Path) -> tuple[str, list[str]]:
    """State of the newest run, and the status of each record; nothing where there is none yet."""
    try:
        with Store.open(store) as kept:
            run = kept.run("latest")
            return run.state, [row.status for row in kept.records(run.id)]
    except Exception:  # noqa: BLE001 - another process makes it at this very moment
        return "", []


def left_over(family: list[psutil.Process]) -> list[psutil.Process]:
    return list(psutil.wait_procs(family, timeout=PATIENCE)[1])


@pytest.mark.parametrize("who", [(0,), (1,), (2,), (0, 1, 2)], ids=["server", "lane", "job", "all"])
def test_what_was_stopped_ends_at_the_time_limit_of_its_cell(tmp_path: Path, who: tuple[int, ...]) -> None:
    driver, family = begun(tmp_path / "runs.sqlite", "--timeout", "8s")
    for number in who:
        family[number].send_signal(signal.SIGSTOP)
    _, said = driver.communicate(timeout=PATIENCE)
    assert (3, ("complete", ["ok", "timeout"]), []) == (
        driver.returncode,
        statuses(tmp_path / "runs.sqlite"),
        left_over(family),
    ), said


def test_what_was_stopped_ends_with_the_budget(tmp_path: Path) -> None:
    driver, family = begun(tmp_path / "runs.sqlite", "--budget", "30s")
    for process in family:
        process.send_signal(signal.SIGSTOP)
    _, said = driver.communicate(timeout=PATIENCE)
    assert (3, ("budget", ["ok"]), []) == (
        driver.returncode,
        statuses(tmp_path / "runs.sqlite"),
        left_over(family),
    ), said


@pytest.mark.parametrize("stops", [False, True], ids=["runs", "is stopped"])
@pytest.mark.parametrize(
    "numbers",
    [[signal.SIGHUP], [signal.SIGINT] * 3, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]],
    ids=["a closed terminal", "Ctrl-C three times", "all of them"],
)
def test_an_interrupted_run_says_so_and_keeps_what_it_has(
    tmp_path: Path, numbers: list[signal.Signals], stops: bool
) -> None:
    driver, family = begun(tmp_path / "runs.sqlite")
    if stops:
        for process in family:
            process.send_signal(signal.SIGSTOP)
    for number in numbers:
        driver.send_signal(number)
    _, said = driver.communicate(timeout=PATIENCE)
    assert (130, ("interrupted", ["ok"]), True, []) == (
        driver.returncode,
        statuses(tmp_path / "runs.sqlite"),
        said.endswith("evobench: interrupted\n"),
        left_over(family),
    ), said


def test_a_terminal_that_is_gone_is_an_interruption_though_nothing_can_be_said(tmp_path: Path) -> None:
    driver, family = begun(tmp_path / "runs.sqlite")
    assert driver.stderr is not None
    driver.stderr.close()
    driver.send_signal(signal.SIGHUP)
    code = driver.wait(PATIENCE)
    assert (130, ("interrupted", ["ok"]), []) == (code, statuses(tmp_path / "runs.sqlite"), left_over(family))
