"""The base revision as a git worktree, and what differs between it and the tree that one works in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.declare.loading.discovery import BESIDE
from bench.errors import NotComparable, UsageError
from bench.foreign import real_path
from bench.machine import git
from bench.machine.git import GitFailed, GitMissing
from bench.text.plain import in_brief

PACKAGES = ("evobench", "bench", "suites", "reports")
"""evobench's own packages; which of their files decide a figure is known, file by file."""
ACCEPTED = "evobench-accepted.toml"
"""The file at the top of a repository that lists changes which are meant: it decides no figure."""
WORDS = (
    "**/*.md",
    "**/*.rst",
    "**/LICENSE*",
    "docs/**",
    ".github/**",
    "**/.gitignore",
    "**/.gitattributes",
    "**/*.sqlite*",
    "**/__pycache__/**",
    ACCEPTED,
)
"""Files for people, for a forge, for git itself, stores of evobench, what Python caches, and what is accepted."""
_LINK = "120000 "
"""Mode of a link in the index."""
FETCH = "git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'; in CI fetch-depth: 0"
"""Command that gives a shallow clone its history, with branches that it was cloned without."""


@dataclass(frozen=True)
class Repository:
    """The repository that one works in."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The repository that a folder lies in.

        Raises:
            UsageError: it lies in none, or in one whose files are elsewhere, or git is not installed.
        """
        with _told("a base needs a git repository"):
            top = real_path(git.read(folder, "rev-parse", "--show-toplevel"))
        if not real_path(folder).is_relative_to(top):
            raise UsageError(f"the repository around '{folder}' has its files elsewhere, in '{top}': go there")
        return cls(top)

    def revision(self, name: str) -> str:
        """The commit that a name stands for.

        Raises:
            UsageError: there is none.
        """
        try:
            return self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except UsageError:
            pass
        shallow = self.ask("rev-parse", "--is-shallow-repository") == "true"
        hint = f": this clone is shallow; fetch its history first ({FETCH})"
        raise UsageError(f"no commit '{name}' in '{self.root}'" + (hint if shallow else ""))

    def short(self, revision: str) -> str:
        """The beginning of a commit's name that is enough to tell it."""
        return self.ask("rev-parse", "--short=10", revision)

    def ask(self, *arguments: str) -> str:
        """Answer of git in the repository, to what reads no files of the working tree.

        Raises:
            UsageError: git refuses; the line has its words.
        """
        with _told():
            return git.read(self.root, *arguments)

    def cut(self) -> frozenset[str]:
        """Commits whose parents a shallow clone lacks."""
        file = self.root / self.ask("rev-parse", "--git-path", "shallow")
        return frozenset(file.read_text(encoding="ascii").split()) if file.is_file() else frozenset()

    def text_of(self, revision: str, name: str) -> str:
        """The content of a file at the top of a revision; empty where it has none."""
        return self.ask("cat-file", "blob", f"{revision}:{name}") if self._lines("ls-tree", revision, name) else ""

    def contains(self, revision: str, commit: str) -> bool:
        """Whether a commit is a revision or one of its ancestors.

        Raises:
            UsageError: there is no such commit here.
        """
        ancestor = self.revision(commit)
        return self.ask("merge-base", ancestor, revision) == ancestor

    def commits(self, *wanted: str) -> tuple[str, ...]:
        """The commits that `git rev-list` lists, in its order."""
        return tuple(self._lines("rev-list", *wanted, "--"))

    def changed(self, aside: Sequence[str] = ()) -> int:
        """Files of the working tree that are not as committed, those that git does not know yet included.

        Args:
            aside: patterns of git's that leave files out.
        """
        with _told():
            found = git.compare(
                self.root, "status", "--porcelain", "--untracked-files=normal", "--", ":(top)", *aside
            )
        return len(found.splitlines())

    def passed_over(self) -> list[str]:
        """Files whose changes git does not look for, relative to the root."""
        return [os.path.relpath(file, self.root) for file in git.passed_over(self.root)]

    def ignored(self) -> list[Path]:
        """Files that git ignores, relative to the root, but for what is installed and what Python caches."""
        # tens of thousands in an environment that lies in the repository
        aside = [f":(top,exclude,glob)**/{name}/**" for name in ("site-packages", "__pycache__")]
        found = self.ask("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", ":(top)", *aside)
        return [Path(name) for name in found.split("\0") if name]

    def own_code_differs(self, revision: str, aside: Sequence[str] = ()) -> bool:
        """Whether a file differs that is not evobench's own: which figures it decides is not known file by file.

        A network may read its width from any file and a submodule may hold its code; documents for people decide
        nothing. What git does not look at may differ.
        """
        ours = [f":(top,exclude){name}" for name in (*PACKAGES, "tests")] if is_evobench(self.root) else []
        words = [f":(top,exclude,glob){name}" for name in WORDS]
        return bool(self._differing(revision, [":(top)", *ours, *words, *aside]) or self.passed_over())

    def aside(self, folder: Path) -> tuple[str, ...]:
        """The pattern that leaves a folder out, where it lies in the repository."""
        inside = real_path(folder)
        if not inside.is_relative_to(self.root):
            return ()
        return (f":(top,exclude,literal){inside.relative_to(self.root).as_posix()}",)

    @contextmanager
    def worktree(self, revision: str, folder: Path) -> Iterator[Path]:
        """The files of a revision in `folder`, for as long as the context lasts.

        Raises:
            UsageError: git cannot write them.
            NotComparable: its submodules cannot be had, or a link of it leads to a file of the working tree.
        """
        self._leave(folder)  # of one who was killed
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _told():
                git.write(
                    self.root,
                    *("worktree", "add", "--quiet", "--detach", "--force", "--force", str(folder), revision),
                )
            if (folder / ".gitmodules").is_file():
                _add_submodules(folder, self.root)
            _refuse_shared(folder, self.root)
            yield folder
        finally:
            self._leave(folder)

    def _leave(self, folder: Path) -> None:
        """Remove the worktree at a folder, and what else lies there; those of others stay, wherever they are."""
        if f"worktree {folder}" in self._lines("worktree", "list", "--porcelain"):
            self.ask("worktree", "remove", "--force", "--force", str(folder))
        if folder.is_dir():
            shutil.rmtree(folder)

    def _differing(self, revision: str, patterns: Sequence[str]) -> list[str]:
        with _told():
            changed = git.compare(
                self.root, *("diff", "--name-only", "--no-ext-diff", "--no-textconv", revision, "--", *patterns)
            )
        return changed.splitlines() + self._lines("ls-files", "--others", "--exclude-standard", "--", *patterns)

    def _lines(self, *arguments: str) -> list[str]:
        return self.ask(*arguments).splitlines()


def _add_submodules(tree: Path, root: Path) -> None:
    """Check out the submodules of a worktree, from those of the repository where they are there."""
    local = ["-c", "protocol.file.allow=always"]
    with _told():
        listed = git.read(root, "config", "--file", str(tree / ".gitmodules"), "--get-regexp", r"\.path$")
    for line in listed.splitlines():
        key, _, path = line.partition(" ")
        name = key.removeprefix("submodule.").removesuffix(".path")
        if (root / path / ".git").exists():  # what is here needs no network
            local += ["-c", f"submodule.{name}.url={root / path}"]
    try:
        with _told():
            git.write(tree, *local, "submodule", "update", "--init", "--checkout", "--recursive", "--quiet")
    except UsageError as error:
        raise NotComparable(f"the submodules of base cannot be had: {error}") from error


def _refuse_shared(tree: Path, root: Path) -> None:
    """Make sure that no link of a worktree leads to a file of the repository that the worktree has itself.

    Raises:
        NotComparable: one does, so that both sides would read the same file.
    """
    with _told():
        listed = git.read(tree, "ls-files", "--stage", "-z")
    for line in listed.split("\0"):
        if not line.startswith(_LINK):
            continue
        name = line.partition("\t")[2]
        target = real_path(tree / name)
        inside = target.is_relative_to(root) and not target.is_relative_to(tree)
        if inside and (tree / target.relative_to(root)).exists():
            raise NotComparable(
                f"base's link '{name}' leads to '{target}' of the working tree, so that both sides would read the"
                " same: make it a relative one"
            )


def is_evobench(tree: Path) -> bool:
    """Whether a folder is a checkout of evobench itself."""
    return all((tree / name / "__init__.py").is_file() for name in PACKAGES)


def moved(paths: Sequence[Path], root: Path, tree: Path) -> tuple[Path, ...]:
    """Paths within the repository as those of the worktree; others as they are."""
    return tuple(tree / path.relative_to(root) if path.is_relative_to(root) else path for path in paths)


def import_paths(root: Path) -> tuple[Path, ...]:
    """Where Python finds modules of the repository, and what PYTHONPATH adds, in order.

    An editable install may find modules without the path: where what is loaded lies is on it, too. No folder else,
    though: one called `bench` must not be taken for ours.
    """
    # resolved as the root is: by another name of the same folder, head would be compared with itself
    asked = [real_path(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    known = [real_path(entry) for entry in sys.path if entry and entry not in BESIDE]
    loaded = [place for name, module in list(sys.modules.items()) if (place := _found_in(name, module))]
    own = [
        path
        for path in [*known, *loaded]
        if path.is_relative_to(root) and "site-packages" not in path.parts and str(path) not in BESIDE
    ]
    return tuple(dict.fromkeys([*own, *asked]))


def _found_in(name: str, module: object) -> Path | None:
    """The folder in which Python looked for a module; None of one that is within another, or was run as a file."""
    file = getattr(module, "__file__", None)
    if file is None or "." in name or getattr(module, "__spec__", None) is None:
        return None
    path = real_path(file)
    if path.stem == "__init__":
        return path.parent.parent
    return path.parent if path.stem == name else None


@contextmanager
def _told(fault: str = "") -> Iterator[None]:
    """Have what git complains of as an error for the user."""
    try:
        yield
    except GitMissing:
        raise UsageError("git is not installed, which a base revision needs") from None
    except GitFailed as error:
        said = in_brief(str(error))
        raise UsageError(f"{fault}: {said}" if fault else said) from error
