"""The base revision, in real repositories."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from bench.errors import NotComparable, UsageError
from bench.gate.checkout import Repository, import_paths, moved, packages_asked
from bench.gate.environment import interpreter_for, named_interpreter


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit."""
    root = tmp_path / "work"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "models.py").write_text("WIDTH = 1\n")
    (root / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\ndependencies = ["torch"]\n')
    (root / "notes.md").write_text("first\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "first")
    return Repository(root)


def test_the_repository_is_found_from_a_folder_within(repository: Repository) -> None:
    inside = repository.root / "deep"
    inside.mkdir()
    assert repository == Repository.around(inside)


def test_a_folder_outside_any_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a base needs a git repository"):
        Repository.around(tmp_path)


def test_a_branch_stands_for_its_commit(repository: Repository) -> None:
    assert git(repository.root, "rev-parse", "HEAD") == repository.revision("main")


@pytest.mark.parametrize("name", ["nonsense", "--upload-pack=x", "", "main:models.py"])
def test_a_revision_that_is_not_there_is_named(repository: Repository, name: str) -> None:
    with pytest.raises(UsageError, match=f"no commit '{name}'"):
        repository.revision(name)


def test_a_shallow_clone_is_told_how_to_get_the_rest(repository: Repository, tmp_path: Path) -> None:
    (repository.root / "notes.md").write_text("second\n")
    git(repository.root, "commit", "--quiet", "--all", "--message", "second")
    first = git(repository.root, "rev-parse", "HEAD~1")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository.root}", "shallow")
    with pytest.raises(UsageError, match="fetch-depth: 0"):
        Repository(tmp_path / "shallow").revision(first)


def test_the_worktree_has_the_files_of_the_revision_and_is_gone_afterwards(
    repository: Repository, tmp_path: Path
) -> None:
    (repository.root / "models.py").write_text("WIDTH = 2\n")
    with repository.worktree(repository.revision("main"), tmp_path / "tree") as tree:
        assert "WIDTH = 1\n" == (tree / "models.py").read_text()
    assert not (tmp_path / "tree").exists()
    assert 1 == len(git(repository.root, "worktree", "list").splitlines())


def test_a_worktree_that_a_killed_comparison_left_is_replaced(repository: Repository, tmp_path: Path) -> None:
    commit = repository.revision("main")
    git(repository.root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), commit)
    (tmp_path / "tree" / "left.txt").write_text("by a killed one")
    with repository.worktree(commit, tmp_path / "tree") as tree:
        assert not (tree / "left.txt").exists()


def test_changed_files_are_counted_new_ones_among_them(repository: Repository) -> None:
    (repository.root / "models.py").write_text("WIDTH = 2\n")
    (repository.root / "new.py").write_text("")
    assert 2 == repository.changed()


@pytest.mark.parametrize(("file", "differs"), [("models.py", True), ("new.py", True), ("notes.md", False)])
def test_own_code_is_any_python_of_the_repository(repository: Repository, file: str, differs: bool) -> None:
    (repository.root / file).write_text("changed = 1\n")
    assert differs == repository.own_code_differs("HEAD")


def test_other_packages_in_the_project_file_are_other_dependencies(repository: Repository) -> None:
    project = repository.root / "pyproject.toml"
    project.write_text(project.read_text().replace('"torch"', '"torch", "numpy"'))
    assert repository.dependencies_differ("HEAD")


def test_another_version_in_the_project_file_is_no_other_dependency(repository: Repository) -> None:
    project = repository.root / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "1"', 'version = "2"'))
    assert not repository.dependencies_differ("HEAD")


def test_another_lock_is_another_dependency(repository: Repository) -> None:
    (repository.root / "requirements-dev.txt").write_text("numpy\n")
    assert repository.dependencies_differ("HEAD")


def test_a_project_file_that_cannot_be_read_is_compared_as_it_is() -> None:
    assert "not [ toml" == packages_asked("not [ toml")


def test_paths_within_the_repository_move_to_the_worktree(tmp_path: Path) -> None:
    root, tree = tmp_path / "work", tmp_path / "tree"
    assert (tree / "src", tmp_path / "else") == moved([root / "src", tmp_path / "else"], root, tree)


def test_only_what_python_searches_is_on_the_path_of_a_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path / "src"), "/elsewhere", str(tmp_path / ".v/site-packages")])
    monkeypatch.setenv("PYTHONPATH", "")
    assert (tmp_path / "src",) == import_paths(tmp_path)


def test_where_an_editable_install_has_loaded_a_package_from_is_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("loaded_package")
    package.__file__ = str(tmp_path / "src/loaded_package/__init__.py")
    package.__spec__ = ModuleSpec("loaded_package", None)
    monkeypatch.setitem(sys.modules, "loaded_package", package)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("PYTHONPATH", "")
    assert (tmp_path / "src",) == import_paths(tmp_path)


def test_a_catalogue_that_is_a_file_puts_no_folder_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("evobench_catalog_models")
    module.__file__ = str(tmp_path / "models.py")
    module.__spec__ = ModuleSpec("evobench_catalog_models", None)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("PYTHONPATH", "")
    assert () == import_paths(tmp_path)


def test_an_environment_is_named_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").write_text("")
    assert tmp_path / "bin/python" == named_interpreter(tmp_path)


def test_a_folder_without_python_is_no_environment(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no virtual environment"):
        named_interpreter(tmp_path)


@pytest.mark.slow  # makes an environment: 10 s
def test_a_base_that_does_not_install_has_the_last_words_of_pip(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/requirements.txt").write_text("./no-such-folder\n")
    with pytest.raises(NotComparable, match=r"main \(abc\) does not install: .*no-such-folder"):
        interpreter_for(tmp_path / "tree", "main (abc)", tmp_path)


def test_a_staged_change_stays_staged_where_a_hook_hands_on_its_index(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.root / "new.txt").write_text("")
    git(repository.root, "add", "new.txt")
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository.root / ".git/index"))
    with repository.worktree(repository.revision("main"), tmp_path / "tree"):
        pass
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert "A  new.txt" == git(repository.root, "status", "--porcelain")


def test_a_worktree_of_the_users_own_stays_known_while_its_disk_is_away(
    repository: Repository, tmp_path: Path
) -> None:
    git(repository.root, "worktree", "add", "--quiet", str(tmp_path / "own"))
    (tmp_path / "own").rename(tmp_path / "away")
    with repository.worktree(repository.revision("main"), tmp_path / "tree"):
        pass
    (tmp_path / "away").rename(tmp_path / "own")
    assert "" == git(tmp_path / "own", "status", "--porcelain")


def test_a_folder_that_git_does_not_know_is_in_nobodys_way(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "tree/rest").mkdir(parents=True)
    with repository.worktree(repository.revision("main"), tmp_path / "tree") as tree:
        assert ["models.py", "notes.md", "pyproject.toml"] == sorted(p.name for p in tree.glob("[!.]*"))


def test_a_hook_that_refuses_leaves_no_worktree(repository: Repository, tmp_path: Path) -> None:
    hook = repository.root / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(UsageError, match="no"), repository.worktree("main", tmp_path / "tree"):
        pass
    assert 1 == git(repository.root, "worktree", "list").count("\n") + 1


@pytest.mark.parametrize("name", ["config.json", "kernel.cu", "deep/data.yaml"])
def test_any_file_may_decide_what_a_network_does(repository: Repository, name: str) -> None:
    (repository.root / name).parent.mkdir(exist_ok=True)
    (repository.root / name).write_text("8")
    assert repository.own_code_differs("main")


@pytest.mark.parametrize("name", ["notes.md", "deep/README.rst", ".github/workflows/ci.yml", "docs/x.py"])
def test_words_for_people_decide_nothing(repository: Repository, name: str) -> None:
    (repository.root / name).parent.mkdir(exist_ok=True, parents=True)
    (repository.root / name).write_text("8")
    assert not repository.own_code_differs("main")


def test_the_folder_of_the_store_is_no_change(repository: Repository) -> None:
    runs = repository.root / "runs"
    runs.mkdir()
    (runs / "x.log").write_text("")
    assert (1, 0) == (repository.changed(), repository.changed(repository.aside(runs)))
    assert not repository.own_code_differs("main", repository.aside(runs))


def test_a_submodule_is_there_in_the_worktree_at_its_own_commit(repository: Repository, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet", "--initial-branch=main")
    (inner / "width.py").write_text("8")
    git(inner, "add", ".")
    git(inner, "commit", "--quiet", "--message", "inner")
    git(repository.root, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(inner), "net")
    git(repository.root, "commit", "--quiet", "--message", "with a submodule")
    with repository.worktree(repository.revision("main"), tmp_path / "tree") as tree:
        assert "8" == (tree / "net/width.py").read_text()


@pytest.mark.parametrize("text", ["project = 1", "tool = 1", '[tool]\npoetry = "a"', "["])
def test_a_project_file_that_makes_no_sense_is_compared_as_text(text: str) -> None:
    assert text == packages_asked(text)


def test_a_link_to_the_repository_is_moved_with_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(repository.root)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "link"))
    monkeypatch.setattr(sys, "path", [])
    assert repository.root in import_paths(repository.root)
