"""The interpreter of the base: this one, one that the user names, or one made for what the base asks for."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from bench.errors import NotComparable, UsageError
from bench.gate.checkout import DEPENDENCIES, PROJECT, packages_asked

_DONE = "evobench-installed"
"""A file in an environment that was installed to the end."""


def named_interpreter(environment: Path) -> Path:
    """The interpreter of a virtual environment, or the one that is named itself.

    Raises:
        UsageError: there is none.
    """
    if environment.is_file() and os.access(environment, os.X_OK):
        return environment.absolute()
    for place in ("bin/python", "Scripts/python.exe"):
        if (environment / place).is_file():
            return (environment / place).absolute()
    raise UsageError(f"'{environment}' is no virtual environment: it has no bin/python")


def interpreter_for(tree: Path, revision: str, folder: Path) -> Path:
    """The interpreter of an environment that holds what a worktree asks for; installed where it is not there yet.

    Args:
        tree: the worktree.
        revision: what it is of, for messages.
        folder: where environments are kept.

    Raises:
        NotComparable: it cannot be installed; the line has pip's last words.
    """
    home = folder / f"env-{_digest(tree)}"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (home / _DONE).is_file() and python.exists():
        return python
    try:
        venv.create(home, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotComparable(f"no environment for {revision} can be made in '{home}': {error}") from error
    done = subprocess.run(_pip(python, tree), capture_output=True, text=True, errors="replace")
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        words = next((line for line in lines if line.startswith("ERROR:")), lines[-1] if lines else "pip failed")
        raise NotComparable(f"{revision} does not install: {words.removeprefix('ERROR: ')}")
    (home / _DONE).touch()
    return python


def _pip(python: Path, tree: Path) -> list[str]:
    """What installs the dependencies of a tree; its own code is found by its path, not installed."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for constraints in sorted(tree.glob("*constraints*.txt")):
        command += ["--constraint", str(constraints)]
    if (tree / "pyproject.toml").is_file() or (tree / "setup.py").is_file():
        return [*command, str(tree)]
    requirements = sorted(tree.glob("*requirements*.txt"))
    return [*command, *(part for file in requirements for part in ("--requirement", str(file)))]


def _digest(tree: Path) -> str:
    """Of all that decides what is installed: the files of dependencies, and this Python."""
    content = hashlib.sha256(sys.version.encode())
    for file in sorted({file for pattern in DEPENDENCIES for file in tree.glob(pattern)}):
        content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    if (tree / PROJECT).is_file():
        content.update(repr(packages_asked((tree / PROJECT).read_text(encoding="utf-8"))).encode())
    return content.hexdigest()[:12]
