"""What locks say for this Python, and what of them is not installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.gate.environment.locks import Locked, locked
from tests.bench.gate.environment.packages import write

UV = """version = 1
requires-python = ">=3.11"

[[package]]
name = "six"
version = "1.16.0"
source = { registry = "https://example.org/simple" }
"""
POETRY = """[[package]]
name = "six"
version = "1.16.0"
groups = ["main"]

[metadata]
lock-version = "2.1"
"""
PDM = """[metadata]
lock_version = "4.5.0"

[[package]]
name = "six"
version = "1.16.0"
"""
PIPFILE = json.dumps({"_meta": {"pipfile-spec": 6}, "default": {"six": {"version": "==1.16.0"}}})
PYLOCK = """lock-version = "1.0"
created-by = "tests"

[[packages]]
name = "six"
version = "1.16.0"

[[packages.wheels]]
name = "six-1.16.0-py2.py3-none-any.whl"
url = "https://example.org/six-1.16.0-py2.py3-none-any.whl"
hashes = { sha256 = "00" }
"""
LOCKS = {"uv.lock": UV, "poetry.lock": POETRY, "pdm.lock": PDM, "Pipfile.lock": PIPFILE, "pylock.toml": PYLOCK}


def read(folder: Path, name: str, text: str) -> Locked:
    write(folder, {name: text})
    return locked(folder)


def lines(found: Locked) -> list[str]:
    return [item.line for item in found.left_out]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_gives_the_exact_version(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, name, LOCKS[name])
    assert ({"six": "1.16.0"}, []) == (found.versions, found.left_out)


@pytest.mark.parametrize(("name", "asks"), [("uv.lock", []), ("Pipfile.lock", ["six"]), ("pylock.toml", ["six"])])
def test_a_lock_without_a_project_asks_for_what_it_locks(tmp_path: Path, name: str, asks: list[str]) -> None:
    assert asks == read(tmp_path, name, LOCKS[name]).roots


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("uv.lock", "version = 1\n", "version = 2\n"),
        ("poetry.lock", '"2.1"', '"3.0"'),
        ("pdm.lock", '"4.5.0"', '"5.0"'),
        ("Pipfile.lock", "6", "7"),
        ("pylock.toml", 'lock-version = "1.0"', 'lock-version = "2.0"'),
        ("uv.lock", "[[", "["),
    ],
)
def test_a_lock_of_another_schema_is_told_and_not_guessed(tmp_path: Path, name: str, old: str, new: str) -> None:
    found = read(tmp_path, name, LOCKS[name].replace(old, new, 1))
    assert {} == found.versions
    assert lines(found)[0].startswith(f"what {name} locks is not installed: ")


def test_a_package_from_git_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, "uv.lock", UV.replace("registry", "git"))
    assert ({}, ["six is not installed as uv.lock says: it comes from git"]) == (found.versions, lines(found))


def test_another_commit_of_a_package_from_git_is_another_thing_left_out(tmp_path: Path) -> None:
    one = read(tmp_path, "uv.lock", UV.replace("registry", "git")).left_out
    other = read(tmp_path, "uv.lock", UV.replace("registry", "git").replace("/simple", "/simple#1")).left_out
    assert one != other


def test_a_package_of_the_repository_is_not_installed_and_not_told(tmp_path: Path) -> None:
    found = read(tmp_path, "uv.lock", UV.replace("registry", "editable"))
    assert ({}, []) == (found.versions, found.left_out)


FORK = UV + UV.partition("\n\n")[2].replace("1.16.0", "1.17.0")


def test_a_fork_that_no_marker_decides_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, "uv.lock", FORK)
    expected = ["six is not installed as uv.lock says: it has 1.16.0 and 1.17.0 for this Python"]
    assert ({}, expected) == (found.versions, lines(found))


def test_the_marker_of_a_fork_decides(tmp_path: Path) -> None:
    old = 'version = "1.16.0"\n'
    text = FORK.replace(old, f"{old}resolution-markers = [\"python_full_version < '3'\"]\n")
    assert {"six": "1.17.0"} == read(tmp_path, "uv.lock", text).versions


def test_a_folder_that_is_called_as_a_lock_locks_nothing(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").mkdir()
    assert Locked() == locked(tmp_path)


def test_of_two_locks_that_disagree_the_second_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"uv.lock": UV.replace("1.16.0", "1.17.0"), "poetry.lock": POETRY})
    found = locked(tmp_path)
    told = "six is not installed as poetry.lock says: another lock has 1.17.0"
    assert ({"six": "1.17.0"}, [told]) == (found.versions, [item.line for item in found.left_out])
