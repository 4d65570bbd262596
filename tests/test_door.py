"""The door: what is public, and that `bench`, `suites` and `reports` are evobench's whatever else is called so."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import evobench

ROOT = Path(__file__).parents[1]
NAMESAKES = ("bench", "suites", "reports")
COMMAND = Path(sys.executable).with_name("evobench")
TRIAL = ("run", "--suite", "trial", "--arch", "tiny", "--measure", "nap", "--no-report", "--threads", "1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project with packages of these names, and a catalogue."""
    for name in NAMESAKES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not of evobench')\n")
    shutil.copy(ROOT / "tests/catalogs/tiny.py", tmp_path)
    return tmp_path


def run(folder: Path, *command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    everything = {**os.environ, **environment}
    return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, env=everything)


def test_the_public_names_are_those_that_are_written_down() -> None:
    text = (ROOT / "docs/reference/public-names.md").read_text(encoding="utf-8")
    assert sorted(evobench.__all__) == sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_every_public_name_is_there() -> None:
    assert {} == {name: None for name in evobench.__all__ if getattr(evobench, name, None) is None}


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Store' from 'evobench'"):
        exec("from evobench import Store")


@pytest.mark.parametrize("command", [(COMMAND,), (sys.executable, "-m", "evobench")], ids=["script", "module"])
def test_the_command_is_not_led_astray_by_packages_of_the_same_name(project: Path, command: tuple[object]) -> None:
    done = run(project, *command, "list", "measures", "--format", "csv", PYTHONPATH=".")
    assert (0, "") == (done.returncode, done.stderr)
    assert "name,unit,better,about" == done.stdout.splitlines()[0]


def test_processes_that_measure_and_reports_are_not_either(project: Path) -> None:
    done = run(project, COMMAND, *TRIAL, "--catalog", "tiny.py", PYTHONPATH=".")
    assert (0, True) == (done.returncode, ": 12 measured, 0 taken over" in done.stderr), done.stderr
    done = run(project, COMMAND, "show", "--table", "coverage", "--format", "csv", PYTHONPATH=".")
    assert (0, 2) == (done.returncode, len(done.stdout.splitlines())), done.stderr


@pytest.mark.parametrize("asked", [{"PYTHONPATH": "."}, {}], ids=["on the path", "beside it"])
def test_a_catalogue_that_imports_a_package_of_the_users_is_refused_in_one_line(
    project: Path, asked: dict[str, str]
) -> None:
    (project / "nets.py").write_text("\n\ndef width():\n    from bench.layers import WIDTH\n\n    return WIDTH\n")
    (project / "mine.py").write_text("import nets\n")
    done = run(project, COMMAND, *TRIAL, "--catalog", "mine.py", **asked)
    told = f"'bench' at {project / 'nets.py'}:4 would be evobench's, not yours ({project / 'bench'}): rename yours"
    assert (2, 1) == (done.returncode, done.stderr.count("\n"))
    assert f"evobench: {told}" in done.stderr


def test_a_package_that_was_imported_before_is_one_line(project: Path) -> None:
    (project / "bench" / "__init__.py").write_text("")
    script = "import bench, sys; from evobench.__main__ import main; sys.exit(main())"
    done = run(project, sys.executable, "-c", script)
    assert (2, 1) == (done.returncode, done.stderr.count("\n"))
    assert f"'bench' was imported from {project / 'bench' / '__init__.py'}" in done.stderr


def test_an_installation_that_another_has_damaged_is_one_line(project: Path) -> None:
    shutil.copytree(ROOT / "evobench", project / "evobench")
    (project / "bench" / "__init__.py").write_text("")
    done = run(project, sys.executable, "-S", "-m", "evobench", "list", "measures")
    assert (2, 1) == (done.returncode, done.stderr.count("\n"))
    assert "evobench: No module named 'bench.cli'" in done.stderr
