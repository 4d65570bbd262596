"""Runs on a branch, and on top of a commit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.compare.history.changes import search
from bench.compare.history.commits import from_commit, on_branch
from bench.compare.history.series import WantedSeries
from bench.errors import UnknownName, UsageError
from bench.store.database import RunRow, Store
from tests.bench.compare.history.days import HOST, days, write
from tests.bench.gate.repositories import git


@dataclass(frozen=True)
class Commits:
    """A repository: `main` went from `first` over `merge`, which brought `side`, to `last`."""

    root: Path
    first: str
    side: str
    merge: str
    last: str


@pytest.fixture
def commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commits:
    root = tmp_path / "work"
    root.mkdir()
    monkeypatch.chdir(root)
    git(root, "init", "--quiet", "--initial-branch=main")

    def commit(*how: str) -> str:
        git(root, *how)
        return git(root, "rev-parse", "HEAD")

    first = commit("commit", "--quiet", "--allow-empty", "-m", "first")
    git(root, "checkout", "--quiet", "-b", "side")
    side = commit("commit", "--quiet", "--allow-empty", "-m", "side")
    git(root, "checkout", "--quiet", "main")
    merge = commit("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    return Commits(root, first, side, merge, commit("commit", "--quiet", "--allow-empty", "-m", "last"))


def runs_of(*revisions: str) -> list[RunRow]:
    """A run of each revision, in that order."""
    return [RunRow(f"run-{i}", f"t{i}", "default", "", {"git": git}, "h", {}) for i, git in enumerate(revisions)]


def names(runs: Sequence[RunRow]) -> list[str]:
    return [run.id for run in runs]


def test_a_branch_keeps_the_runs_of_its_first_parents(commits: Commits) -> None:
    kept = on_branch(runs_of(commits.first[:12], commits.side[:12], commits.merge[:12]), "main")
    assert (["run-0", "run-2"], ("1 run of no commit on 'main'",)) == (names(kept.runs), kept.left_out)


def test_runs_of_a_branch_stand_in_the_order_of_its_commits(commits: Commits) -> None:
    kept = on_branch(runs_of(commits.last, commits.first, commits.merge, commits.first), "main")
    assert ["run-1", "run-3", "run-2", "run-0"] == names(kept.runs)


def test_runs_without_a_commit_or_with_changes_on_top_are_counted(commits: Commits) -> None:
    kept = on_branch(runs_of(commits.first[:12], f"{commits.first[:12]}+", "", "0123456789ab"), "main")
    assert ["run-0"] == names(kept.runs)
    assert (
        "1 run with changes that were not committed",
        "1 run of no known commit",
        "1 run of no commit on 'main'",
    ) == kept.left_out


def test_a_commit_keeps_what_was_built_on_it_in_the_order_of_time(commits: Commits) -> None:
    made = (commits.last, commits.first, f"{commits.merge[:12]}+", commits.side, "")
    kept = from_commit(runs_of(*made), commits.side)
    assert (["run-0", "run-2", "run-3"], ("1 run of no known commit",)) == (names(kept.runs), kept.left_out)


def test_a_branch_that_is_not_there_is_wrong_use(commits: Commits) -> None:
    with pytest.raises(UsageError, match=r"^no commit 'mian' in "):
        on_branch([], "mian")


class TestASearch:
    @pytest.fixture
    def path(self, tmp_path: Path, commits: Commits) -> Path:
        """A store whose first runs are of the newest commit: they were measured before those of the others."""
        revisions = [commits.last] * 8 + [commits.first] * 12
        runs = days(at=8)
        hosts = [HOST | {"git": revision[:12]} for revision in revisions]
        return write(
            tmp_path / "past.sqlite", [replace(day, host=host) for day, host in zip(runs, hosts, strict=True)]
        )

    def test_along_a_branch_follows_the_commits(self, path: Path) -> None:
        with Store.open(path) as store:
            (found,) = search(store, WantedSeries(branch="main")).changes
        assert ("better", "run-19", "run-00") == (found.verdict, found.last_before, found.first_after)

    def test_in_time_follows_the_clock(self, path: Path) -> None:
        with Store.open(path) as store:
            (found,) = search(store).changes
        assert ("worse", "run-07", "run-08") == (found.verdict, found.last_before, found.first_after)

    def test_begins_with_a_commit(self, path: Path, commits: Commits) -> None:
        with Store.open(path) as store:
            result = search(store, WantedSeries(since=commits.merge[:10]))
        assert {8} == {len(item.series.values) for item in result.found}

    def test_that_begins_with_nothing_known_offers_a_run(self, path: Path, commits: Commits) -> None:
        with Store.open(path) as store, pytest.raises(UnknownName, match="unknown run 'run-1x'; did you mean"):
            search(store, WantedSeries(since="run-1x"))
