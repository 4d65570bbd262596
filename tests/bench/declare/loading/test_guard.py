"""A catalogue ends in time, whatever it does while it is imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bench.declare.loading.discovery import load_catalogs
from bench.errors import UsageError
from tests.processes import PATIENCE, start

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs an alarm")
STUBBORN = "while True:\n    try:\n        {}\n    except {}:\n        print('caught', flush=True)\n"
ENDLESS = {
    "loops": "while True: pass",
    "sleeps": "import time\ntime.sleep(1000)",
    "opens a FIFO": "import os\nopen(os.path.join(os.path.dirname(__file__), 'fifo'))",
    "reads": "import os\nos.read(os.pipe()[0], 1)",
    "waits for a program": "import subprocess\nsubprocess.run(['sleep', '1000'])",
    "catches every error": STUBBORN.format("import time; time.sleep(1000)", "Exception"),
    "catches all once": "try:\n    while True: pass\nexcept:\n    while True: pass",
}
COMMAND = """
import sys
from bench.declare.loading.discovery import load_catalogs
from bench.declare.loading.guard import owned
from bench.text.stdout import kept_for_data
load_catalogs()
with owned(), kept_for_data():
    load_catalogs([sys.argv[1]], float(sys.argv[2]))
"""


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    load_catalogs()


def catalogue(folder: Path, text: str) -> str:
    (folder / "mine.py").write_text(text)
    return str(folder / "mine.py")


@posix
@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_catalogue_that_does_not_end_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match=r"catalogue '.*mine\.py' failed to import at .*mine\.py:\d.*longer than"):
        load_catalogs([catalogue(tmp_path, text)], 0.2)


@posix
def test_one_that_catches_every_end_of_its_time_ends_the_command_with_one_line(tmp_path: Path) -> None:
    name = catalogue(tmp_path, STUBBORN.format("import time; time.sleep(1000)", "BaseException"))
    done = subprocess.run([sys.executable, "-c", COMMAND, name, "0.1"], capture_output=True, text=True)
    said = done.stderr.replace("caught\n", "")
    assert (2, "", True) == (done.returncode, done.stdout, said.endswith("does not let itself be ended\n"))


@posix
def test_one_that_catches_ctrl_c_is_ended_by_the_second(tmp_path: Path) -> None:
    text = STUBBORN.format("print('here', flush=True); import time; time.sleep(1000)", "BaseException")
    with start([sys.executable, "-c", COMMAND, catalogue(tmp_path, text), str(PATIENCE)]) as process:
        assert process.stderr is not None
        for expected in (["here\n"], ["caught\n", "here\n"]):
            assert expected == [process.stderr.readline() for _ in expected]
            process.send_signal(signal.SIGINT)
        assert (130, "evobench: interrupted, while catalogue 'mine.py' was imported\n") == (
            process.wait(PATIENCE),
            process.stderr.read(),
        )


@posix
def test_an_alarm_that_was_set_before_is_set_again(tmp_path: Path) -> None:
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    load_catalogs([catalogue(tmp_path, "")], 1)
    assert PATIENCE >= signal.setitimer(signal.ITIMER_REAL, 0)[0] > 0


def test_another_thread_than_the_main_one_imports_as_well(tmp_path: Path) -> None:
    thread = threading.Thread(target=load_catalogs, args=([catalogue(tmp_path, "import sys\nsys.found = 1")],))
    thread.start()
    thread.join()
    assert 1 == sys.found  # type: ignore[attr-defined]


def test_what_python_calls_when_something_fails_is_as_it_was(tmp_path: Path) -> None:
    before = sys.excepthook, sys.unraisablehook, threading.excepthook, sys.getrecursionlimit()
    gone = "sys.excepthook = sys.unraisablehook = threading.excepthook = None\nsys.setrecursionlimit(60)\n"
    load_catalogs([catalogue(tmp_path, f"import sys, threading\n{gone}")])
    assert before == (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.getrecursionlimit())


@posix
def test_a_fork_of_a_catalogue_ends_as_it_says(tmp_path: Path) -> None:
    forks = "import os, sys\npid = os.fork()\nif not pid: os._exit(3)\nsys.ended = os.waitpid(pid, 0)[1] >> 8"
    load_catalogs([catalogue(tmp_path, forks)])
    assert 3 == sys.ended  # type: ignore[attr-defined]
