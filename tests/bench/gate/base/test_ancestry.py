"""Which commit is the base, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.gate.base.ancestry import base_commit
from bench.gate.base.checkout import Repository
from tests.bench.gate.repositories import commit, diverged, git, merge


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose branch `pr`, which is checked out, left `main` before that moved on."""
    return diverged(tmp_path)


def clone(root: Path, branch: str, depth: int) -> Path:
    """A shallow clone with all branches, on one of them."""
    folder = root.parent / "clone"
    how = ["--quiet", f"--depth={depth}", "--no-single-branch", f"--branch={branch}"]
    git(root.parent, "clone", *how, f"file://{root}", str(folder))
    return folder


def found(root: Path, name: str, exact: bool = False) -> tuple[str, str]:
    """The commit, and why it is that one."""
    base = base_commit(Repository(root), name, exact)
    assert base.id.startswith(base.short)
    return base.id, base.why


def test_a_branch_is_compared_with_the_commit_at_which_it_left_a_base_that_moved_on(root: Path) -> None:
    assert (git(root, "rev-parse", "main~1"), "the merge base of main and HEAD") == found(root, "main")


def test_the_tip_is_the_base_where_exactly_that_is_asked_for(root: Path) -> None:
    assert (git(root, "rev-parse", "main"), "main itself, by --exact-base") == found(root, "main", exact=True)


def test_the_merge_commit_of_a_pull_request_is_compared_with_its_first_parent(root: Path) -> None:
    git(root, "switch", "--quiet", "--detach", "main")
    first = git(root, "rev-parse", "HEAD")
    merge(root, "pr")
    assert (first, "main, an ancestor of HEAD") == found(root, "main")


def test_the_merge_commit_of_a_pull_request_keeps_its_first_parent_when_the_base_moves_on(root: Path) -> None:
    git(root, "switch", "--quiet", "--detach", "main")
    first = git(root, "rev-parse", "HEAD")
    merged = merge(root, "pr")
    git(root, "switch", "--quiet", "main")
    commit(root, "later on main", other="2\n")
    git(root, "switch", "--quiet", "--detach", merged)
    assert (first, "the merge base of main and HEAD") == found(root, "main")


def test_an_ancestor_of_head_is_the_base_itself(root: Path) -> None:
    assert (git(root, "rev-parse", "HEAD^"), "HEAD^, an ancestor of HEAD") == found(root, "HEAD^")


@pytest.mark.parametrize(("name", "why"), [("HEAD", "HEAD"), ("pr", "pr, the commit of HEAD")])
def test_head_is_the_base_where_it_is_named(root: Path, name: str, why: str) -> None:
    assert (git(root, "rev-parse", "HEAD"), why) == found(root, name)


def test_head_is_the_base_where_the_named_branch_has_all_that_it_has(root: Path) -> None:
    git(root, "switch", "--quiet", "--detach", "main~1")
    assert (git(root, "rev-parse", "HEAD"), "the merge base of main and HEAD") == found(root, "main")


def test_of_several_merge_bases_the_newest_is_taken_and_said_to_be_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2090-01-01T00:00:00Z")
    newest = commit(root, "newest on pr", own="2\n")
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    tip = git(root, "rev-parse", "main")
    merge(root, "main")
    git(root, "switch", "--quiet", "main")
    merge(root, newest)
    git(root, "switch", "--quiet", "pr")
    assert {newest, tip} == set(git(root, "merge-base", "--all", "main", "HEAD").splitlines())
    assert (newest, "the newest of 2 merge bases of main and HEAD") == found(root, "main")


def test_unrelated_histories_have_no_base_but_an_exact_one(root: Path) -> None:
    git(root, "switch", "--quiet", "--orphan", "other")
    commit(root, "unrelated", own="3\n")
    with pytest.raises(
        UsageError, match=r"^main and HEAD have no commit in common: --exact-base compares with main"
    ):
        found(root, "main")
    assert git(root, "rev-parse", "main") == found(root, "main", exact=True)[0]


def test_a_shallow_clone_that_lacks_the_merge_base_is_told_how_to_get_it(root: Path) -> None:
    folder = clone(root, "pr", depth=1)
    with pytest.raises(UsageError) as error:
        found(folder, "origin/main")
    expected = (
        "this shallow clone does not show where origin/main and HEAD part: fetch its history first (git fetch"
    )
    assert (2, True) == (error.value.exit_code, str(error.value).startswith(expected))
    assert "fetch-depth: 0" in str(error.value)


def test_a_shallow_clone_that_shows_an_older_common_ancestor_alone_is_not_believed(tmp_path: Path) -> None:
    root = diverged(tmp_path, before=3)
    old = git(root, "rev-parse", "main~3")
    git(root, "switch", "--quiet", "--create", "side", old)
    commit(root, "on side", aside="1\n")
    git(root, "switch", "--quiet", "pr")
    for number in range(3):
        commit(root, "more on pr", own=f"more {number}\n")
    merge(root, "side")
    git(root, "switch", "--quiet", "main")
    merge(root, "side")
    folder = clone(root, "pr", depth=3)
    git(folder, "fetch", "--quiet", "--depth=3", "origin", "main")
    true = git(root, "merge-base", "--all", "main", "pr").splitlines()
    seen = git(folder, "merge-base", "--all", "origin/main", "HEAD").splitlines()
    assert seen
    assert set(true) != set(seen)
    with pytest.raises(UsageError, match="does not show where origin/main and HEAD part"):
        found(folder, "origin/main")


def test_a_shallow_clone_is_believed_where_it_reaches_the_merge_base_from_both_sides(tmp_path: Path) -> None:
    root = diverged(tmp_path, before=3)
    folder = clone(root, "pr", depth=2)
    assert Repository(folder).cut()
    assert git(root, "rev-parse", "main~1") == found(folder, "origin/main")[0]


def test_a_shallow_clone_is_believed_where_the_base_is_an_ancestor_of_head(root: Path) -> None:
    folder = clone(root, "pr", depth=2)
    assert (git(root, "rev-parse", "pr^"), "HEAD^, an ancestor of HEAD") == found(folder, "HEAD^")


def test_what_a_shallow_clone_of_one_branch_is_told_to_fetch_gives_it_the_base(root: Path) -> None:
    folder = root.parent / "clone"
    git(root.parent, "clone", "--quiet", "--depth=1", "--branch=pr", f"file://{root}", str(folder))
    with pytest.raises(UsageError, match="no commit 'origin/main'") as error:
        found(folder, "origin/main")
    told = str(error.value).partition("(git ")[2].partition(";")[0].replace("'", "").split()
    git(folder, *told)
    assert git(root, "rev-parse", "main~1") == found(folder, "origin/main")[0]
