"""What the pages of the documentation have their readers do works, and gives what the pages show."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, Command, codes, commands, follow, shows, steps
from tests.reports.conftest import Plan, write_run
from tests.rooms import ROOT
from tests.workflows import parsed

PAGES = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))}
FOLLOWED = [
    name for name, path in PAGES.items() if any(isinstance(step, Command) for step in steps(path.read_text()))
]


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLLOWED)
def test_a_page_shows_what_its_commands_print(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    for command, printed in follow(PAGES[name], folder):
        assert shows(command.shown, printed), f"$ {command.line}\n{printed}"


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_has_the_options_of_evobench(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for line in commands(PAGES[name].read_text()):
        assert parsed(shlex.split(line, comments=True)), line


def test_text_that_a_page_leaves_out_may_be_anything() -> None:
    assert shows("a\n...\nd\n", "a\nb\nc\nd\n")


TIMES = ("12.5 s", "3 min 20 s", "under 1 s", "900 ms (noisy)")


@pytest.mark.parametrize("time", TIMES)
def test_times_are_not_compared(time: str) -> None:
    assert shows("took 7 s\n", f"took {time}\n")


@pytest.mark.parametrize("printed", ["9 of 10 cells, 11.7 M\n", "9 of 9 cells, 11.8 M\n", "9 of 9 cells\n"])
def test_counts_are_compared(printed: str) -> None:
    assert not shows("9 of 9 cells, 11.7 M\n", printed)


@pytest.mark.parametrize("name", [name for name, path in PAGES.items() if codes(path.read_text())])
def test_the_python_of_a_page_runs(name: str, tmp_path: Path) -> None:
    write_run(tmp_path / "runs/evobench.sqlite", Plan())
    (tmp_path / "page.py").write_text("\n\n".join(codes(PAGES[name].read_text())))
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (0, "") == (done.returncode, done.stderr)
