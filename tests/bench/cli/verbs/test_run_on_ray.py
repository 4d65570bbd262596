"""`run --executor ray`: the line where that cannot be, and a run whose driver or whose Ray is killed."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.store.database import Store
from tests.processes import DOOR, PATIENCE

CATALOG = Path(__file__).parents[3] / "catalogs" / "gated.py"
CELLS = 6
"""Cells of its suite `gated`."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where the cells wait."""
    monkeypatch.setenv(DOOR, str(tmp_path / "door"))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "door"))
        listener.listen(CELLS)
        listener.settimeout(PATIENCE)
        yield listener


def command(store: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "evobench", "run", "--store", str(store), "--no-report", *options]


def let_all_in(door: socket.socket) -> None:
    """Answer whoever comes, until somebody comes who says nothing."""
    while True:
        line, _ = door.accept()
        with line:
            if not line.recv(16):
                return
            line.sendall(b"x")


def engine_of(driver: int) -> list[int]:
    """The actor of the driver's own node, and all that it has started; of Ray's own only that one is ours."""
    there = psutil.Process(driver).children(recursive=True)
    (actor,) = (process for process in there if process.cmdline()[0].startswith("ray::Node"))
    return [process.pid for process in (actor, *actor.children(recursive=True))]


def statuses(store: Path) -> Counter[tuple[str, str]]:
    """How often each cell has which status."""
    with Store.open(store) as kept:
        return Counter((row.cell_key, row.status) for run in kept.runs() for row in kept.records(run.id))


@pytest.mark.ray
def test_a_run_whose_driver_is_killed_leaves_nothing_running_and_goes_on(
    tmp_path: Path, door: socket.socket, one_ray: None
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    store = tmp_path / "runs.sqlite"
    planned = ("--executor", "ray", "--catalog", str(CATALOG), "--suite", "gated", "--lanes", "2")
    with subprocess.Popen(command(store, *planned), stderr=subprocess.DEVNULL) as driver:
        first, second = door.accept()[0], door.accept()[0]
        first.sendall(b"x")
        third, _ = door.accept()
        waiting = [int(line.recv(16)) for line in (second, third)]
        ends = [os.pidfd_open(pid) for pid in {*waiting, *engine_of(driver.pid)}]
        os.kill(driver.pid, signal.SIGKILL)
    for end in ends:
        assert [end] == select.select([end], [], [], PATIENCE)[0]
        os.close(end)
    for line in (first, second, third):
        line.close()
    assert 1 == statuses(store).total()
    answers = threading.Thread(target=let_all_in, args=(door,), daemon=True)
    answers.start()
    again = subprocess.run(
        command(store, "--executor", "ray", "--resume"), capture_output=True, text=True, check=False
    )
    with socket.socket(socket.AF_UNIX) as last:
        last.connect(os.environ[DOOR])
    answers.join()
    assert 0 == again.returncode, again.stderr
    found = statuses(store)
    assert (CELLS, {1}, {"ok"}) == (len(found), set(found.values()), {status for _, status in found})


@pytest.mark.ray
@pytest.mark.parametrize("killed", ["raylet", "gcs_server"])
def test_a_run_whose_own_ray_is_killed_ends_as_interrupted_and_leaves_no_job_running(
    tmp_path: Path, door: socket.socket, one_ray: None, killed: str
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    planned = ("--executor", "ray", "--catalog", str(CATALOG), "--suite", "gated", "--lanes", "2")
    asked = command(tmp_path / "runs.sqlite", *planned)
    with subprocess.Popen(asked, stderr=subprocess.PIPE, text=True) as driver:
        lines = [door.accept()[0] for _ in range(2)]
        ends = [os.pidfd_open(pid) for pid in {int(line.recv(16)) for line in lines} | {*engine_of(driver.pid)}]
        there = psutil.Process(driver.pid).children(recursive=True)
        next(process for process in there if process.name() == killed).kill()
        _, said = driver.communicate(timeout=PATIENCE)
    for end in ends:
        assert [end] == select.select([end], [], [], PATIENCE)[0]
        os.close(end)
    for line in lines:
        line.close()
    assert 3 == driver.returncode, said
    assert "host local went away" in said
    assert "no host is left that can run what is open: go on with --resume" in said


@pytest.mark.parametrize(
    ("executor", "told"),
    [
        ("dask", "there is no executor 'dask': write local, ray or ray:HOST:PORT"),
        ("ray:", "there is no executor 'ray:': write local, ray or ray:HOST:PORT"),
        ("ray:127.0.0.1:65536", "with a port up to 65535"),
        ("ray:nowhere", "'nowhere' is not an address of a Ray cluster"),
        ("ray:127.0.0.1:1", "no Ray cluster answers at '127.0.0.1:1'"),
    ],
)
def test_where_there_is_no_such_executor_the_line_says_so(tmp_path: Path, executor: str, told: str) -> None:
    done = subprocess.run(
        command(tmp_path / "runs.sqlite", "--executor", executor, "--suite", "counts", "--arch", "resnet18"),
        capture_output=True,
        text=True,
        check=False,
    )
    *_, line = done.stderr.splitlines()
    assert (2, True) == (done.returncode, told in line)
