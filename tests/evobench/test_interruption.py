"""Ctrl-C shows no traceback from the command's first moment to its last."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evobench import interruption

SCRIPT = """
import atexit, importlib.abc, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may have been started to ignore it
class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["WHEN"]:
            signal.raise_signal(getattr(signal, os.environ["WHAT"]))
sys.meta_path.insert(0, Interrupting())
if os.environ["WHEN"] == "end":
    atexit.register(signal.raise_signal, signal.SIGINT)
from evobench.__main__ import main
sys.exit(main())
"""
"""The script of the command, which is interrupted while a module is looked for."""
LIST = "bench.cli.verbs.list"
MODULES = ("evobench.own", "evobench.__main__", "bench.cli", "bench.cli.main", "rich.console", LIST)
LATER = ("bench.measures.timing", "suites.lecture")
"""Modules that a verb loads while it runs."""
posix = pytest.mark.skipif(sys.platform == "win32", reason="raises signals")


def listed(folder: Path, when: str, what: str = "SIGINT") -> subprocess.CompletedProcess[str]:
    """The command that lists the suites, interrupted then."""
    script = folder / "evobench"
    script.write_text(SCRIPT)
    environment = {**os.environ, "WHEN": when, "WHAT": what}
    command = [sys.executable, "-P", str(script), "list", "suites", "--format", "csv"]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@posix
@pytest.mark.parametrize("module", MODULES + LATER)
def test_an_interruption_while_a_module_is_loaded_is_one_line_and_130(tmp_path: Path, module: str) -> None:
    done = listed(tmp_path, module)
    assert (130, "", "evobench: interrupted\n") == (done.returncode, done.stdout, done.stderr)


@posix
@pytest.mark.parametrize("what", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("module", ["rich.console", "suites.lecture"])
def test_the_other_signals_that_end_a_program_are_answered_alike(tmp_path: Path, module: str, what: str) -> None:
    done = listed(tmp_path, module, what)
    assert (130, "evobench: interrupted\n") == (done.returncode, done.stderr)


@posix
def test_an_interruption_when_all_is_done_changes_nothing(tmp_path: Path) -> None:
    done = listed(tmp_path, "end")
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "original", "expected"),
    [
        (["/usr/bin/evobench", "run"], [], True),
        (["evobench.exe"], [], True),
        (["-m", "run"], ["python", "-m", "evobench", "run"], True),
        (["-m"], ["python", "-m", "pytest"], False),
        (["notebook.py"], [], False),
        ([""], [], False),
        ([], [], False),
    ],
)
def test_whoever_imports_evobench_keeps_its_own_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], original: list[str], expected: bool
) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setattr(sys, "orig_argv", original)
    assert expected == interruption.is_command()
