"""Commands in forks of a process that has all loaded: starting torch takes four seconds, a fork 30 ms."""

from __future__ import annotations

import atexit
import ctypes
import faulthandler
import importlib
import os
import pkgutil
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil

from tests.fuzz.sandbox import Attempt, Sandbox

LIMIT = 30.0
"""Seconds that a command may take on a machine that does nothing else."""
_MOST = 10_000_000
"""Bytes of a command's output that are looked at."""
GRACE = 10.0
"""Seconds that what a command has started may take to end after it."""
SPEECH = 0.5
"""Seconds that a command that hangs has to say where."""
MEMORY = 6 << 30
"""Bytes that a command may allocate: an input that asks for all must not take the machine."""
FILE = 1 << 30
"""Bytes that a file of a command may have."""
_ADOPT = 36
"""PR_SET_CHILD_SUBREAPER of Linux: what a command leaves behind becomes a child of this process."""
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "ONEDNN_MAX_CPU_ISA", "OMP_NUM_THREADS")
"""Variables that a command has of this process; all others could be of anybody."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int | None
    """Exit code, below 0 the signal that ended it; None where it took longer than its limit."""
    out: str
    err: str
    seconds: float
    left: tuple[str, ...]
    """Command lines of processes that did not end with it."""


def load_all() -> None:
    """Load all that any verb does, once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in ("evobench", "bench", "reports", "suites"):
            for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
                if not module.name.endswith("__main__") and ".cluster" not in module.name:
                    importlib.import_module(module.name)
        for name in (
            "torch",
            "torchvision",
            "pandas",
            "scipy.stats",
            "plotly.graph_objects",
            "PIL.Image",
            "pyarrow",
        ):
            importlib.import_module(name)


def command() -> int:
    """Run evobench as its program does."""
    from evobench.__main__ import main

    return main()


def ended(attempt: Attempt, sandbox: Sandbox, entry: Callable[[], int] = command, limit: float = LIMIT) -> Ended:
    """Run a command in a fork, and see how it ends.

    Args:
        attempt: its words and environment.
        sandbox: where it works; holds its files.
        entry: what is run; returns the exit code.
        limit: seconds after which it is killed, on a machine that does nothing else.
    """
    ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)
    sys.stdout.flush()
    sys.stderr.flush()
    begin = time.monotonic()
    pid = os.fork()
    if not pid:
        _become(attempt, sandbox, entry)
    handle = os.pidfd_open(pid)
    try:
        is_in_time = _ends(handle, begin, limit)
    finally:
        os.close(handle)
    if not is_in_time:
        os.kill(pid, signal.SIGUSR2)
        time.sleep(SPEECH)
        os.killpg(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    seconds = time.monotonic() - begin
    left = _end_what_is_left(GRACE if is_in_time else 0.0)
    out, err = map(_text_of, sandbox.streams)
    code = os.waitstatus_to_exitcode(status) if is_in_time else None
    return Ended(code, out, err, seconds, left if is_in_time else ())


def _text_of(path: Path) -> str:
    """What was printed, as far as anybody looks at it: a catalogue may print until its time is over."""
    with path.open("rb") as file:
        return file.read(_MOST).decode(errors="backslashreplace")


def _ends(handle: int, begin: float, limit: float) -> bool:
    """Whether a process ends within its limit, which is longer where others want the same cores."""
    while not select.select([handle], [], [], 1.0)[0]:
        if time.monotonic() - begin > limit * max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0))):
            return False
    return True


def _end_what_is_left(grace: float) -> tuple[str, ...]:
    """Wait for processes that the command has left behind, then kill them; returns the lines of those killed."""
    until, found = time.monotonic() + grace, _living()
    while found and time.monotonic() < until:
        psutil.wait_procs(found, timeout=0.1)
        found = _living()
    lines = tuple(" ".join(process.cmdline()[:6])[:100] for process in found)
    for process in found:
        process.kill()
    psutil.wait_procs(found, timeout=GRACE)
    return lines


def _living() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    living = []
    for process in children:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
            else:
                process.wait(timeout=0.1)
        except (psutil.NoSuchProcess, psutil.TimeoutExpired):
            continue
    return living


def _become(attempt: Attempt, sandbox: Sandbox, entry: Callable[[], int]) -> NoReturn:
    """Be the command, in this forked process, and end with its exit code."""
    code = 1
    try:
        atexit._clear()
        os.setsid()
        _stand(sandbox)
        _limit()
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        places = {"HOME": str(sandbox.home), "TMPDIR": str(sandbox.temporary), "COLUMNS": "100"}
        os.environ.clear()
        os.environ.update({**kept, **places, **attempt.environment})
        tempfile.tempdir = None
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        faulthandler.register(signal.SIGUSR2, file=2, all_threads=False)
        os.chdir(sandbox.own)
        sys.argv = ["evobench", *attempt.words]
        code = _code(entry)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end, and never back into the caller
        traceback.print_exc()
        sys.stderr.flush()
        code = 1
    finally:
        os._exit(code)


def _code(entry: Callable[[], int]) -> int:
    try:
        return entry()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1


def _stand(sandbox: Sandbox) -> None:
    """Give the process streams of its own, as a shell would that sends them to files."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for number, path in enumerate(sandbox.streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - streams live as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _limit() -> None:
    for kind, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))


def said(words: Sequence[str]) -> str:
    """Words as a shell takes them, for a person to see what was run."""
    return " ".join(
        word if word and all(c.isalnum() or c in "-_./=:,+" for c in word) else repr(word) for word in words
    )
