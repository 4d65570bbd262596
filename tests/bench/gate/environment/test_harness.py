"""This evobench, laid out for an environment that lacks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.errors import NotComparable
from bench.gate.environment.harness import lay_harness, lay_projects, refuse_bare
from bench.gate.environment.installed import installed_in
from tests.bench.gate.environment.packages import write


def test_its_packages_are_there_and_nothing_that_is_installed_beside_them(tmp_path: Path) -> None:
    lay_harness(tmp_path)
    folders = {path.name for path in tmp_path.iterdir() if not path.name.endswith(".dist-info")}
    assert {"evobench", "bench", "suites", "reports"} == folders


def test_an_interpreter_with_nothing_else_imports_it_and_knows_its_catalogues(tmp_path: Path) -> None:
    lay_harness(tmp_path)
    code = (
        "import evobench, bench; from importlib.metadata import entry_points;"
        " print(bench.__file__, *entry_points(group='evobench.catalogs'))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path))
    assert "value='suites'" in done.stdout


def test_the_catalogue_that_a_project_declares_is_known(tmp_path: Path) -> None:
    project = (
        '[project]\nname = "my-net"\nversion = "1"\n[project.entry-points."evobench.catalogs"]\nmine = "my_net"\n'
    )
    write(tmp_path / "tree", {"pyproject.toml": project})
    lay_projects(tmp_path / "laid", tmp_path / "tree", [Path()])
    (point,) = installed_in(tmp_path / "laid")["my-net"].entry_points
    assert ("evobench.catalogs", "my_net") == (point.group, point.value)


def test_an_interpreter_that_finds_no_evobench_is_told_how_to_get_it(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(
        NotComparable, match=r"lacks evobench, .*: install this one into it \(.*-m pip install '.+'\)"
    ):
        refuse_bare(bare, [])


def test_an_interpreter_that_finds_it_is_fine(tmp_path: Path) -> None:
    lay_harness(tmp_path)
    refuse_bare(Path(sys.executable), [tmp_path])
