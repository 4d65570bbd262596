"""One kill costs one thing: a run whose data are being made when something of it is killed."""

import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.run.driver import LOSSES
from bench.store.database import Store
from tests.processes import DOOR, PATIENCE, start

CATALOG = Path(__file__).parents[3] / "catalogs" / "gated.py"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


class Door:
    """Where what makes the data waits; lines stay open, since a closed one would let it go on."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._lines: list[socket.socket] = []

    def maker(self) -> psutil.Process:
        """The process that makes the data, as soon as it waits."""
        line, _ = self._listener.accept()
        self._lines.append(line)
        return psutil.Process(int(line.recv(16)))

    def let_in(self) -> None:
        """Let what makes the data go on, as soon as it waits."""
        self.maker()
        self._lines[-1].sendall(b"x")

    def close(self) -> None:
        """Close all lines."""
        for line in self._lines:
            line.close()


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Where what makes the data waits."""
    monkeypatch.setenv(DOOR, str(tmp_path / "door"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "door"))
        listener.listen()
        listener.settimeout(PATIENCE)
        found = Door(listener)
        yield found
        found.close()


def begin(folder: Path) -> subprocess.Popen[str]:
    """Begin the run, or go on with it."""
    chosen = ("--catalog", str(CATALOG), "--suite", "gated_data", "--lanes", "2", "--threads", "1")
    options = ("--store", str(folder / "runs.sqlite"), "--no-report", "--resume")
    return start([sys.executable, "-m", "evobench", "run", *chosen, *options])


def ended(run: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and stderr of a run that comes to its end."""
    _, said = run.communicate(timeout=PATIENCE)
    return run.returncode, said


def records(folder: Path) -> Counter[str]:
    """How many records have which status."""
    with Store.open(folder / "runs.sqlite") as kept:
        (run,) = kept.runs()
        return Counter(row.status for row in kept.records(run.id))


def test_a_maker_and_a_server_that_are_killed_cost_a_run_nothing(tmp_path: Path, door: Door) -> None:
    run = begin(tmp_path)
    door.maker().send_signal(signal.SIGTERM)
    server = door.maker().parent().parent()
    server.kill()
    door.let_in()
    code, said = ended(run)
    assert (0, {"ok": 3}) == (code, records(tmp_path)), said


def test_what_was_killed_time_and_again_is_left_to_resume_and_so_is_what_ended_with_the_driver(
    tmp_path: Path, door: Door
) -> None:
    run = begin(tmp_path)
    for _ in range(LOSSES):
        door.maker().kill()
    code, said = ended(run)
    assert (3, {"ok": 1}) == (code, records(tmp_path)), said
    assert "2 to measure with it are left to --resume" in said
    run = begin(tmp_path)
    making = door.maker()
    run.kill()
    psutil.wait_procs([making], timeout=PATIENCE)
    assert (-signal.SIGKILL, {"ok": 1}) == (ended(run)[0], records(tmp_path))
    run = begin(tmp_path)
    door.let_in()
    assert (0, {"ok": 3}) == (ended(run)[0], records(tmp_path))
