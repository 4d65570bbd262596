"""What the files of a tree ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.gate.environment.dependencies import Asked, asked_in, projects_around
from tests.bench.gate.environment.packages import write
from tests.bench.gate.environment.test_locks import POETRY, UV

PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["torch"]\n'


def asked(root: Path, files: dict[str, str], *folders: str) -> Asked:
    write(root, files)
    return asked_in(root, map(Path, folders or (".",)))


def test_a_project_asks_for_its_dependencies(tmp_path: Path) -> None:
    assert ("torch",) == asked(tmp_path, {"pyproject.toml": PROJECT}).requirements


@pytest.mark.parametrize("old", ['version = "1"', 'name = "x"'])
def test_what_installs_nothing_else_asks_for_the_same(tmp_path: Path, old: str) -> None:
    one = asked(tmp_path, {"pyproject.toml": PROJECT}).requirements
    assert one == asked(tmp_path, {"pyproject.toml": PROJECT.replace(old, old[:-1] + '2"')}).requirements


def test_a_project_and_its_requirement_file_are_asked_for_together(tmp_path: Path) -> None:
    found = asked(tmp_path, {"pyproject.toml": PROJECT, "requirements-dev.txt": "six\n"})
    assert {"torch", "six"} == set(found.requirements)


def test_a_constraint_file_constrains(tmp_path: Path) -> None:
    assert ("six==1.16.0",) == asked(tmp_path, {"constraints.txt": "six==1.16.0\n"}).constraints


def test_a_lock_says_the_version_of_what_the_project_asks_for(tmp_path: Path) -> None:
    found = asked(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": UV})
    assert (("torch",), ("six==1.16.0",)) == (found.requirements, found.locked)


def test_what_poetry_asks_for_has_the_versions_of_its_lock(tmp_path: Path) -> None:
    project = '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.11"\nsix = "^1.16"\n'
    found = asked(tmp_path, {"pyproject.toml": project, "poetry.lock": POETRY})
    assert (("six",), ("six==1.16.0",), ()) == (found.requirements, found.locked, found.built)


def test_requirements_that_a_project_reads_from_a_file_are_those_of_the_file(tmp_path: Path) -> None:
    dynamic = '[tool.setuptools.dynamic]\ndependencies = {file = ["deps.in"]}\n'
    project = PROJECT.replace('dependencies = ["torch"]', 'dynamic = ["dependencies"]') + dynamic
    assert ("six",) == asked(tmp_path, {"pyproject.toml": project, "deps.in": "six\n"}).requirements


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "from setuptools import setup\nsetup(install_requires=['six'])\n"},
        {"setup.cfg": "[options]\ninstall_requires = six\n"},
        {"pyproject.toml": '[tool.poetry.dependencies]\nsix = "^1.16"\n'},
    ],
)
def test_what_only_a_build_tells_is_built(tmp_path: Path, files: dict[str, str]) -> None:
    assert (".",) == asked(tmp_path, files).built


def test_settings_of_other_tools_are_no_project(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
        "setup.cfg": "[flake8]\nmax-line-length = 100\n",
    }
    assert Asked() == asked(tmp_path, files)


def test_a_package_of_the_repository_is_not_asked_for_but_what_it_asks_for_is(tmp_path: Path) -> None:
    sources = '[tool.uv.sources]\ninner = {path = "inner"}\n'
    project = PROJECT.replace('"torch"', '"inner"') + sources
    inner = PROJECT.replace('"x"', '"inner"').replace("torch", "six")
    found = asked(tmp_path, {"pyproject.toml": project, "inner/pyproject.toml": inner})
    assert ("six",) == found.requirements


def test_where_uv_finds_a_package_is_handed_on_to_pip(tmp_path: Path) -> None:
    index = '[[tool.uv.index]]\nname = "own"\nurl = "https://example.org/simple"\n'
    source = '[tool.uv.sources]\nsix = {git = "https://example.org/six", tag = "v1"}\n'
    found = asked(tmp_path, {"pyproject.toml": PROJECT + index + source})
    assert ("--extra-index-url https://example.org/simple",) == found.options
    assert "six @ git+https://example.org/six@v1" in found.requirements


def test_the_lock_of_the_nearest_project_stands(tmp_path: Path) -> None:
    files = {"apps/uv.lock": UV, "uv.lock": UV.replace("1.16.0", "1.17.0")}
    assert ("six==1.16.0",) == asked(tmp_path, files, "apps", ".").locked


def test_a_folder_of_requirement_files_is_read(tmp_path: Path) -> None:
    files = {"requirements/base.txt": "six\n", "requirements/constraints.txt": "six==1.16.0\n"}
    found = asked(tmp_path, files)
    assert (("six",), ("six==1.16.0",)) == (found.requirements, found.constraints)


def test_evobench_is_this_one_whatever_is_asked_for(tmp_path: Path) -> None:
    assert ("six",) == asked(tmp_path, {"requirements.txt": "evobench==0.0.1\nsix\n"}).requirements


WORKSPACE = "[tool.uv.workspace]\nmembers = "


@pytest.mark.parametrize(
    "text",
    ["project = 1", "tool = 1", '[tool]\npoetry = "a"', "[", f"{WORKSPACE}['']", f"{WORKSPACE}['/all/*']"],
)
def test_a_project_file_that_makes_no_sense_is_told(tmp_path: Path, text: str) -> None:
    (found,) = asked(tmp_path, {"pyproject.toml": text}).left_out
    assert "pyproject.toml cannot be read: what it asks for is not installed" == found.line


def test_a_file_that_git_ignores_asks_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"requirements-mine.txt": "six\n"})
    assert Asked() == asked_in(tmp_path, [Path()], {tmp_path / "requirements-mine.txt"})


def test_the_nearest_project_counts_beside_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"apps/vision/pyproject.toml": PROJECT, "apps/vision/src/net.py": ""})
    assert [Path("apps/vision"), Path()] == projects_around(tmp_path, tmp_path / "apps/vision/src")


def test_without_a_project_there_is_the_root(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    assert [Path()] == projects_around(tmp_path, tmp_path / "deep")


def test_files_that_name_each_other_without_end_are_refused(tmp_path: Path) -> None:
    files = {f"r{i}.txt": f"-r r{i + 1}.txt\n" for i in range(1500)}
    with pytest.raises(UsageError, match="name each other in too long a row"):
        asked(tmp_path, {"requirements.txt": "-r r0.txt\n", **files})


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "uv.lock"])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="bytes, which none may have"):
        asked(tmp_path, {})


@pytest.mark.parametrize("member", ["../theirs", "in/../../theirs", "link"])
def test_a_member_of_a_workspace_lies_in_its_tree(tmp_path: Path, member: str) -> None:
    write(tmp_path, {"theirs/pyproject.toml": PROJECT})
    root = tmp_path / "work"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "theirs")
    found = asked(root, {"in/x": "", "pyproject.toml": f"[tool.uv.workspace]\nmembers = ['{member}']\n"})
    assert () == found.requirements
