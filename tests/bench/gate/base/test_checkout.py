"""The base revision, in real repositories."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from bench.errors import NotComparable, UsageError
from bench.gate.base.checkout import Repository, import_paths, moved
from tests.bench.gate.repositories import git


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


def test_what_a_partial_clone_lacks_is_fetched_by_no_program_of_an_address(
    repository: Repository, tmp_path: Path
) -> None:
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::sh -c touch% '{tmp_path / 'ran'}'",
        "protocol.ext.allow": "always",
    }
    for name, value in settings.items():
        git(repository.root, "config", name, value)
    tree = git(repository.root, "rev-parse", "HEAD^{tree}")
    (repository.root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(UsageError), repository.worktree("HEAD", tmp_path / "tree"):
        pass
    assert not (tmp_path / "ran").exists()


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


def test_a_filter_that_refuses_leaves_no_worktree(repository: Repository, tmp_path: Path) -> None:
    (repository.root / ".git/info/attributes").write_text("* filter=refusing\n")
    git(repository.root, "config", "filter.refusing.smudge", "echo no >&2; false")
    git(repository.root, "config", "filter.refusing.required", "true")
    with pytest.raises(UsageError, match="no"), repository.worktree("main", tmp_path / "tree"):
        pass
    assert 1 == git(repository.root, "worktree", "list").count("\n") + 1


@pytest.mark.parametrize("name", ["config.json", "kernel.cu", "deep/data.yaml"])
def test_any_file_may_decide_what_a_network_does(repository: Repository, name: str) -> None:
    (repository.root / name).parent.mkdir(exist_ok=True)
    (repository.root / name).write_text("8")
    assert repository.own_code_differs("main")


@pytest.mark.parametrize(
    "name", ["notes.md", "deep/README.rst", ".github/workflows/ci.yml", "docs/x.py", "__pycache__/x.pyc"]
)
def test_words_for_people_decide_nothing(repository: Repository, name: str) -> None:
    (repository.root / name).parent.mkdir(exist_ok=True, parents=True)
    (repository.root / name).write_text("8")
    assert not repository.own_code_differs("main")


def test_ignored_files_are_found_wherever_they_lie(repository: Repository) -> None:
    (repository.root / ".gitignore").write_text("made/\n_version.py\n")
    for name in ("made/a.py", "deep/_version.py", "deep/kept.py"):
        (repository.root / name).parent.mkdir(exist_ok=True)
        (repository.root / name).write_text("")
    assert {Path("made/a.py"), Path("deep/_version.py")} == set(repository.ignored())


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


def test_a_link_to_the_repository_is_moved_with_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(repository.root)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "link"))
    monkeypatch.setattr(sys, "path", [])
    assert repository.root in import_paths(repository.root)


@pytest.mark.parametrize("target", ["models.py", "data/kept.bin"])
def test_a_link_of_base_to_what_base_has_itself_is_refused(
    repository: Repository, tmp_path: Path, target: str
) -> None:
    root = repository.root
    (root / "data").mkdir()
    (root / "data" / "kept.bin").touch()
    (root / ".gitignore").write_text("data/\n")
    (root / "net.py").symlink_to(root / target)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "second")
    refused = pytest.raises(NotComparable, match=r"link 'net\.py' leads to '.*models\.py' of the working tree")
    # data that git does not keep has one version, which both sides are to read
    with refused if target == "models.py" else nullcontext(), repository.worktree("HEAD", tmp_path / "tree"):
        pass
