"""A small repository with a network, a branch `main` and a pull request's branch `pr`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clock import Stopwatch

_AUTHOR = ("-c", "user.name=someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Answer:
    """What `evobench regress` said."""

    code: int
    """Its exit code."""
    rows: tuple[Mapping[str, Any], ...]
    """One a verdict."""
    told: str
    """Notes and errors, as they were printed."""
    seconds: float

    def verdicts(self) -> tuple[str, ...]:
        """The verdicts without repetition, in alphabetical order."""
        return tuple(sorted({str(row["verdict"]) for row in self.rows}))

    def row(self, measure: str, architecture: str = "") -> Mapping[str, Any]:
        """The verdict on a measure, where there is one alone."""
        (found,) = (row for row in self.rows if row["measure"] == measure and architecture in row["cell"])
        return found


@dataclass
class Repository:
    """A repository that a pull request is made in."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    """Of the environment in which the two sides are compared."""

    @classmethod
    def begin(cls, root: Path, files: Mapping[str, str]) -> Repository:
        """With these files committed on `main`, and `pr` checked out."""
        root.mkdir(parents=True)
        self = cls(root)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("base", files)
        self.git("switch", "--quiet", "--create", "pr")
        return self

    def git(self, *arguments: str) -> None:
        """Run git in it."""
        subprocess.run(["git", *_AUTHOR, "-C", str(self.root), *arguments], check=True, capture_output=True)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, by their path in it."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, subject: str, files: Mapping[str, str]) -> None:
        """Write files and commit them."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)

    def regress(self, *arguments: str, inside: str = ".") -> Answer:
        """Compare the branch with `main` from one of its folders, as a person would."""
        command = [sys.executable, "-m", "evobench", "regress", "--base", "main", "--format", "json"]
        watch = Stopwatch()
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.root / inside,
            capture_output=True,
            text=True,
            env={**os.environ, **self.variables},
            check=False,
        )
        rows: Sequence[Mapping[str, Any]] = json.loads(done.stdout) if done.stdout.strip() else ()
        return Answer(done.returncode, tuple(rows), done.stderr, watch.seconds)


def wheel(folder: Path, name: str, version: str, source: str) -> None:
    """Write a wheel of one module, which pip finds by PIP_FIND_LINKS."""
    folder.mkdir(parents=True, exist_ok=True)
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", source)
        file.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{about}/RECORD", "")
