"""Small repositories for the tests: commits, branches, clones."""

from __future__ import annotations

import subprocess
from pathlib import Path

WHO = ("-c", "user.name=T", "-c", "user.email=t@example.org")


def git(folder: Path, *arguments: str) -> str:
    """What git says."""
    command = ["git", "-C", str(folder), *WHO, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, message: str, **files: str) -> str:
    """Write files of Python, commit all that is changed, and return the name of the commit."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def merge(folder: Path, other: str) -> str:
    """Merge another revision by a commit of its own, and return that commit's name."""
    git(folder, "merge", "--quiet", "--no-ff", "--message", f"merge {other}", other)
    return git(folder, "rev-parse", "HEAD")


def diverged(folder: Path, before: int = 1) -> Path:
    """A repository in `folder/work` whose branch `pr` left `main`, which has moved on; `pr` is checked out.

    Args:
        folder: of the test.
        before: commits on `main` before they part.
    """
    root = folder / "work"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    for number in range(before):
        commit(root, f"before {number}", shared=f"{number}\n")
    git(root, "switch", "--quiet", "--create", "pr")
    commit(root, "on pr", own="1\n")
    git(root, "switch", "--quiet", "main")
    commit(root, "on main", other="1\n")
    git(root, "switch", "--quiet", "pr")
    return root
