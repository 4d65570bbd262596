"""What base runs with, decided from real repositories; environments are not made."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bench.gate.base.checkout import Repository
from bench.gate.environment.interpreter import WantedEnvironment, site_of
from bench.gate.environment.pip import python_of
from bench.gate.environment.preparing import Ground, Prepared, prepare
from tests.bench.gate.environment.packages import commit, git, install, write
from tests.bench.gate.environment.test_locks import UV

HERE = version("pluggy")
"""Of a package that the tests have."""
OLDER = "0.1"
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["{}"]\n'


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[WantedEnvironment]:
    """What environments are asked for; each is pretended to hold an old pluggy."""
    asked: list[WantedEnvironment] = []

    def _made(wanted: WantedEnvironment, revision: str, folder: Path) -> Path:
        asked.append(wanted)
        home = tmp_path / "env-made"
        install(site_of(home), "pluggy", OLDER)
        return python_of(home)

    monkeypatch.setattr("bench.gate.environment.preparing.interpreter_for", _made)
    return asked


def prepared(tmp_path: Path, base: dict[str, str], head: dict[str, str], inside: str = ".") -> Prepared:
    """Base is a commit with the given files; head changes some in the working tree."""
    root = tmp_path / "work"
    commit(root, base)
    git(root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    write(root, head)
    here = (root / inside).resolve()
    ground = Ground(Repository(root), tmp_path / "tree", here, "main (abc)", tmp_path / "kept", lambda _: None)
    return prepare(ground, [root], None)


def test_where_both_ask_for_the_same_base_runs_with_this_interpreter(
    tmp_path: Path, made: list[WantedEnvironment]
) -> None:
    found = prepared(tmp_path, {"requirements.txt": "pluggy\n"}, {"requirements.txt": "# words\npluggy\n"})
    assert (Path(sys.executable), [], ()) == (found.interpreter, made, found.notes)


def test_a_lower_bound_that_changes_nothing_takes_no_environment_and_is_told(
    tmp_path: Path, made: list[WantedEnvironment]
) -> None:
    found = prepared(tmp_path, {"requirements.txt": "pluggy\n"}, {"requirements.txt": "pluggy>=1\n"})
    assert (Path(sys.executable), []) == (found.interpreter, made)
    assert (f"main (abc) asks for the same packages in other words: pluggy {HERE}",) == found.notes


def test_another_version_takes_an_environment_which_is_told(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    base, head = (f"pluggy=={number}\n" for number in (OLDER, HERE))
    found = prepared(tmp_path, {"requirements.txt": base}, {"requirements.txt": head})
    assert (f"pluggy=={OLDER}",) == made[0].asked.requirements
    assert any(line.startswith("torch") for line in made[0].beside)
    assert f"main (abc) runs with packages of its own: pluggy {OLDER} (head: {HERE})" in found.notes


def test_beside_it_lies_this_evobench(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    found = prepared(tmp_path, {"requirements.txt": f"pluggy=={OLDER}\n"}, {"requirements.txt": "pluggy>=1\n"})
    (beside,) = found.paths
    assert (beside / "bench/remote.py").is_file()


def lock(number: str) -> str:
    return UV.replace("six", "pluggy").replace("1.16.0", number)


def test_a_lock_that_changes_alone_decides_the_version_of_base(
    tmp_path: Path, made: list[WantedEnvironment]
) -> None:
    base = {"pyproject.toml": PROJECT.format("pluggy"), "uv.lock": lock(OLDER)}
    prepared(tmp_path, base, {"uv.lock": lock(HERE)})
    assert (f"pluggy=={OLDER}",) == made[0].asked.locked


def test_a_lock_that_cannot_be_installed_is_told(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    base = {"pyproject.toml": PROJECT.format("pluggy"), "uv.lock": lock(HERE)}
    found = prepared(
        tmp_path, {**base, "uv.lock": lock(OLDER).replace("registry", "git")}, {"uv.lock": lock(HERE)}
    )
    assert "pluggy is not installed as uv.lock says: it comes from git" in found.notes


def test_that_head_does_not_hold_what_its_lock_says_is_told(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    base = {"pyproject.toml": PROJECT.format("pluggy"), "uv.lock": lock(OLDER)}
    found = prepared(tmp_path, base, {})
    expected = f"head runs with other packages than its files ask for: pluggy {HERE}, not =={OLDER}"
    assert ((expected,), []) == (found.notes, made)


def test_the_project_of_the_folder_one_stands_in_counts(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    file = "apps/vision/pyproject.toml"
    base, head = ({file: PROJECT.format(f"pluggy=={number}")} for number in (OLDER, HERE))
    prepared(tmp_path, base, head, "apps/vision")
    assert (f"pluggy=={OLDER}",) == made[0].asked.requirements


def test_the_project_of_another_folder_does_not_count(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    file = "apps/vision/pyproject.toml"
    base, head = ({file: PROJECT.format(f"pluggy=={number}")} for number in (OLDER, HERE))
    prepared(tmp_path, base, head)
    assert [] == made


def test_a_module_that_git_ignores_and_base_lacks_is_known(tmp_path: Path, made: list[WantedEnvironment]) -> None:
    found = prepared(
        tmp_path, {".gitignore": "_version.py\n", "net/__init__.py": ""}, {"net/_version.py": "V = 1\n"}
    )
    assert (("net/_version.py",), ("net._version",)) == (found.unbuilt.files, found.unbuilt.modules)
