"""Runs of a branch, or on top of a commit, in the order of its commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.gate.base.checkout import Repository
from bench.store.database import RunRow

_DIRTY = "+"
_SHORTEST = 7
"""Digits of a commit's name below which a run's commit is not looked up."""


@dataclass(frozen=True)
class KeptRuns:
    """Runs in order, and how many were left out and why."""

    runs: tuple[RunRow, ...]
    left_out: tuple[str, ...] = ()
    """Lines such as `3 runs of no known commit`."""


def repository() -> Repository:
    """The repository that one works in.

    Raises:
        UsageError: there is none.
    """
    here = Path.cwd()
    try:
        return Repository.around(here)
    except UsageError as error:
        raise UsageError(
            f"branches and commits are looked up in the git repository that you are in, and '{here}' is in none"
        ) from error


def on_branch(runs: Sequence[RunRow], name: str) -> KeptRuns:
    """The runs of the commits that a branch went through (first parents), the first commit first.

    Runs of one commit stay in their order. A run of a tree with uncommitted changes is of no commit of the branch.

    Raises:
        UsageError: there is no repository, or nothing of that name in it.
    """
    found = repository()
    commits = found.commits("--first-parent", "--reverse", found.revision(name))
    place = {commit: i for i, commit in enumerate(commits)}
    return _kept(runs, place, f"of no commit on '{name}'", dirty=False)


def from_commit(runs: Sequence[RunRow], name: str) -> KeptRuns:
    """The runs of a commit and of those that have it among their ancestors, in the order that they had.

    Raises:
        UsageError: there is no repository, or no such commit.
    """
    found = repository()
    first = found.revision(name)
    later = found.commits("--all", "HEAD", "--ancestry-path", f"^{first}")
    return _kept(runs, dict.fromkeys((first, *later), 0), "", dirty=True)


def _kept(runs: Sequence[RunRow], place: dict[str, int], elsewhere: str, *, dirty: bool) -> KeptRuns:
    """Runs whose commit has a place, in the order of the commits; an empty reason is not told."""
    beginnings: dict[str, list[str]] = {}
    for known in place:
        beginnings.setdefault(known[:_SHORTEST], []).append(known)
    kept: list[tuple[int, RunRow]] = []
    reasons: Counter[str] = Counter()
    for run in runs:
        said = str(run.host.get("git") or "")
        name = said.removesuffix(_DIRTY)
        commit = next((c for c in beginnings.get(name[:_SHORTEST], ()) if c.startswith(name)), None)
        if len(name) < _SHORTEST:
            reasons["of no known commit"] += 1
        elif said != name and not dirty:
            reasons["with changes that were not committed"] += 1
        elif commit is None:
            reasons[elsewhere] += 1
        else:
            kept.append((place[commit], run))
    ordered = sorted(kept, key=lambda item: item[0])
    return KeptRuns(tuple(run for _, run in ordered), tuple(_words(reasons)))


def _words(reasons: Counter[str]) -> Iterable[str]:
    for reason, number in reasons.items():
        if reason:
            yield f"{'1 run' if number == 1 else f'{number} runs'} {reason}"
