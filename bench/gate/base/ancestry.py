"""Choice of the base commit: the one that a named revision and HEAD both come from, or that revision itself."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import UsageError
from bench.gate.base.checkout import FETCH, Repository


@dataclass(frozen=True)
class BaseCommit:
    """The commit that is compared with."""

    id: str
    """Full id of the commit."""
    short: str
    why: str
    """Reason for this commit, fit to stand behind its name: `the merge base of main and HEAD`."""

    def __str__(self) -> str:
        return f"{self.short} ({self.why})"


def base_commit(repository: Repository, name: str, exact: bool = False) -> BaseCommit:
    """The commit that stands for a base that is named.

    It is the merge base: what others committed since is not in HEAD, and would be told as if HEAD took it back.

    Args:
        repository: repository of the working tree.
        name: a revision of it.
        exact: take that revision itself.

    Raises:
        UsageError: there is no such revision, it has nothing in common with HEAD, or the clone is too shallow to
            tell what.
    """
    named, head = repository.revision(name), repository.revision("HEAD")
    if exact:
        found, why = named, f"{name} itself, by --exact-base"
    elif named == head:
        found, why = named, "HEAD" if name == "HEAD" else f"{name}, the commit of HEAD"
    elif not repository.ask("rev-list", "--max-count=1", named, f"^{head}"):
        found, why = named, f"{name}, an ancestor of HEAD"
    else:
        bases = _merge_bases(repository, name, named, head)
        found = repository.ask("rev-list", "--no-walk=sorted", *bases).splitlines()[0]
        which = "the merge base" if len(bases) == 1 else f"the newest of {len(bases)} merge bases"
        why = f"{which} of {name} and HEAD"
    return BaseCommit(found, repository.short(found), why)


def _merge_bases(repository: Repository, name: str, named: str, head: str) -> list[str]:
    """Best common ancestors of two commits, the first not being an ancestor of the other; at least one."""
    between = f"{named}...{head}"
    bases = [line[1:] for line in repository.ask("rev-parse", between).splitlines() if line.startswith("^")]
    # below a commit whose parents the clone lacks there may be a better one, unless both sides reach that commit
    if bases != [head] and repository.cut() & set(repository.ask("rev-list", between).splitlines()):
        raise UsageError(
            f"this shallow clone does not show where {name} and HEAD part: fetch its history first ({FETCH}), or"
            f" compare with {name} itself (--exact-base)"
        )
    if not bases:
        raise UsageError(f"{name} and HEAD have no commit in common: --exact-base compares with {name} itself")
    return bases
