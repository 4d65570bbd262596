"""Git reads the user's repository, and nothing that the repository names is run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.gate.base.checkout import Repository
from bench.machine.git import GitFailed, compare, head_of, read
from tests.bench.gate.repositories import git

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are shell lines")


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """A file that is there once a program of the repository has run."""
    return tmp_path / "ran"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one commit and a file that changed since."""
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "models.py").write_text("WIDTH = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    (folder / "models.py").write_text("WIDTH = 2\n")
    return folder


Trap = Callable[[Path, str], None]


def _fsmonitor(root: Path, program: str) -> None:
    git(root, "config", "core.fsmonitor", program)


def _hooks(root: Path, program: str) -> None:
    for name in ("post-index-change", "post-checkout", "reference-transaction", "pre-auto-gc"):
        hook = root / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{program}\n")
        hook.chmod(0o755)


def _filter_of(name: str) -> Trap:
    def trap(root: Path, program: str) -> None:
        (root / ".git" / "info" / "attributes").write_text(f"* filter={name}\n")
        for part in ("clean", "process"):
            git(root, "config", f"filter.{name}.{part}", f"{program}; cat")
        git(root, "config", f"filter.{name}.required", "true")

    return trap


def _included(root: Path, program: str) -> None:
    (root / ".git" / "more").write_text(f'[filter "evil"]\n\tclean = "{program}; cat"\n')
    (root / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    git(root, "config", "include.path", "more")


def _differ(root: Path, program: str) -> None:
    (root / ".git" / "info" / "attributes").write_text("* diff=evil\n")
    for name in ("diff.external", "diff.evil.command", "diff.evil.textconv"):
        git(root, "config", name, program)


def _words(root: Path, program: str) -> None:
    for name in ("core.pager", "pager.status", "gpg.program", "core.sshCommand", "core.alternateRefsCommand"):
        git(root, "config", name, program)
    git(root, "config", "log.showSignature", "true")
    for name in ("status", "describe", "diff", "rev-parse"):
        git(root, "config", f"alias.{name}", f"!{program}")


def _promised(root: Path, program: str) -> None:
    """A partial clone that lacks a tree, and names the program that is to fetch it."""
    tree = git(root, "rev-parse", "HEAD^{tree}")
    git(root, "config", "extensions.partialClone", "origin")
    git(root, "config", "core.repositoryFormatVersion", "1")
    git(root, "config", "remote.origin.url", str(root))
    git(root, "config", "remote.origin.promisor", "true")
    git(root, "config", "remote.origin.uploadpack", f"{program}; false")
    (root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()


def _submodule(root: Path, program: str) -> None:
    inner = root / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    (inner / "part.py").write_text("DEPTH = 1\n")
    git(inner, "add", ".")
    git(inner, "commit", "--quiet", "--message", "inner")
    git(root, "add", "inner")
    git(root, "commit", "--quiet", "--message", "with inner")
    (inner / "part.py").write_text("DEPTH = 2\n")
    _filter_of("within")(inner, program)
    _fsmonitor(inner, program)


def _elsewhere(root: Path, program: str) -> None:
    """A repository whose settings name a tree outside, in which git would find none."""
    tree = root.parent / "tree"
    tree.mkdir()
    (tree / "models.py").write_text("WIDTH = 3\n")
    _filter_of("outside")(root, program)
    git(root, "config", "core.worktree", str(tree))


def _submodule_elsewhere(root: Path, program: str) -> None:
    _submodule(root, "true")
    tree = root.parent / "tree"
    tree.mkdir()
    (tree / "part.py").write_text("DEPTH = 3\n")
    _filter_of("outside")(root / "inner", program)
    git(root / "inner", "config", "core.worktree", str(tree))


TRAPS: dict[str, Trap] = {
    "fsmonitor": _fsmonitor,
    "hooks": _hooks,
    "filter": _filter_of("evil"),
    "filter of a strange name": _filter_of("a=b.c"),
    "filter of an included file": _included,
    "external diff": _differ,
    "pagers, signatures, aliases": _words,
    "partial clone": _promised,
    "submodule": _submodule,
    "submodule elsewhere": _submodule_elsewhere,
    "tree elsewhere": _elsewhere,
}


@pytest.mark.parametrize("name", TRAPS)
def test_looking_at_a_repository_runs_nothing_of_it(root: Path, ran: Path, name: str) -> None:
    TRAPS[name](root, f"touch '{ran}'")
    head_of(root)
    repository = Repository(root)
    for look in (
        lambda: repository.changed(),
        lambda: repository.own_code_differs("HEAD"),
        lambda: repository.text_of("HEAD", "models.py"),
        lambda: repository.commits("HEAD"),
        lambda: repository.ignored(),
    ):
        try:
            look()
        except UsageError:  # what a partial clone lacks is not fetched
            assert "partial clone" == name
    assert not ran.exists()


@pytest.mark.parametrize(
    "name",
    ["filter", "submodule", "submodule elsewhere", "tree elsewhere", "partial clone", "fsmonitor"],
)
def test_git_itself_would_run_it(root: Path, ran: Path, name: str) -> None:
    TRAPS[name](root, f"touch '{ran}'")
    subprocess.run(["git", "-C", str(root), "status"], check=False, capture_output=True)
    assert ran.exists()


def test_a_checkout_of_the_gate_runs_no_hooks(root: Path, ran: Path, tmp_path: Path) -> None:
    _hooks(root, f"touch '{ran}'")
    with Repository(root).worktree("HEAD", tmp_path / "tree") as tree:
        assert (True, False) == ((tree / "models.py").is_file(), ran.exists())


def test_a_changed_tree_has_a_plus_behind_its_commit(root: Path) -> None:
    assert f"{git(root, 'rev-parse', '--short=12', 'HEAD')}+" == head_of(root)


def test_a_folder_in_no_repository_has_no_commit(tmp_path: Path) -> None:
    assert None is head_of(tmp_path)


def test_a_git_that_hangs_ends_with_what_it_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = root.parent / "bin"
    programs.mkdir()
    (programs / "git").write_text("#!/bin/sh\nsleep 1000 &\nwait\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with pytest.raises(GitFailed, match="took longer than"):
        read(root, "rev-parse", "HEAD", seconds=0.5)


def test_names_that_are_not_utf_8_come_back_as_they_are(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (root / name).touch()
    assert f"{name}\0" == compare(root, "ls-files", "--others", "-z")


def _commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "more")


def _flagged(flag: str) -> Callable[[Path], Path]:
    def hide(root: Path) -> Path:
        _commit(root)
        git(root, "update-index", flag, "models.py")
        return root / "models.py"

    return hide


def _ignored_by(*setting: str) -> Callable[[Path], Path]:
    def hide(root: Path) -> Path:
        inner = root / "inner"
        inner.mkdir()
        git(inner, "init", "--quiet")
        (inner / "part.py").write_text("DEPTH = 1\n")
        _commit(inner)
        (root / ".gitmodules").write_text('[submodule "in"]\n\tpath = inner\n\turl = ./inner\n')
        git(root, "config", *setting)
        _commit(root)
        return inner / "part.py"

    return hide


def _in_a_submodule(root: Path) -> Path:
    file = _ignored_by("user.name", "T")(root)
    git(file.parent, "update-index", "--assume-unchanged", file.name)
    return file


HIDDEN: dict[str, Callable[[Path], Path]] = {
    "assumed unchanged": _flagged("--assume-unchanged"),
    "left out of a checkout that is whole": _flagged("--skip-worktree"),
    "in an ignored submodule": _ignored_by("submodule.in.ignore", "all"),
    "in a submodule that its own file ignores": _ignored_by("--file", ".gitmodules", "submodule.in.ignore", "all"),
    "in submodules that are all ignored": _ignored_by("diff.ignoreSubmodules", "all"),
    "assumed unchanged in a submodule": _in_a_submodule,
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_change_that_git_was_told_to_pass_over_counts(root: Path, name: str) -> None:
    file = HIDDEN[name](root)
    file.write_text("SIZE = 1000\n")
    commit = git(root, "rev-parse", "--short=12", "HEAD")
    assert (f"{commit}+", True) == (head_of(root), Repository(root).own_code_differs("HEAD"))


def test_a_file_that_a_sparse_checkout_leaves_out_is_no_change(root: Path) -> None:
    (root / "other.py").touch()
    _commit(root)
    git(root, "sparse-checkout", "set", "--no-cone", "/models.py")
    assert ([], False) == (Repository(root).passed_over(), Repository(root).own_code_differs("HEAD"))


def test_a_new_file_in_a_submodule_differs(root: Path) -> None:
    file = _ignored_by("user.name", "T")(root)
    assert not Repository(root).own_code_differs("HEAD")
    git(file.parent, "config", "status.showUntrackedFiles", "no")
    (file.parent / "new.py").touch()
    assert Repository(root).own_code_differs("HEAD")


def test_patterns_mean_the_same_within_a_hook_of_an_editor(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert (1, True) == (Repository(root).changed(), Repository(root).own_code_differs("HEAD"))


def test_filters_are_found_where_a_variable_names_other_settings(
    root: Path, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _filter_of("evil")(root, f"touch '{ran}'")
    monkeypatch.setenv("GIT_CONFIG", os.devnull)
    head_of(root)
    assert not ran.exists()


def test_base_is_what_its_commit_says_and_not_what_the_repository_puts_in_its_place(
    root: Path, tmp_path: Path
) -> None:
    first = git(root, "rev-parse", "HEAD")
    _commit(root)
    git(root, "replace", first, "HEAD")
    with Repository(root).worktree(first, tmp_path / "tree") as tree:
        assert "WIDTH = 1\n" == (tree / "models.py").read_text()


def test_a_repository_whose_files_are_elsewhere_is_no_base(root: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(root, "config", "core.worktree", str(tree))
    with pytest.raises(UsageError, match=r"has its files elsewhere, in '.*tree': go there"):
        Repository.around(root)
