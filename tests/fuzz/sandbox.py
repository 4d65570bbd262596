"""The place of one input: its own folder, and around it all that it must leave alone."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

CANARY = "PWNED"
"""A file of this name is made by nothing but code that an input carries and nobody asked to run."""
FAULTS = "evobench-fault-*.txt"
"""Files in which evobench keeps the details of its own faults: they are found as such."""
KEPT = ("home/*/evobench", "home/.cache/Microsoft", "tmp/torchinductor_*")
"""Folders that evobench, onnxruntime and torch keep for later commands."""


@dataclass(frozen=True)
class Sandbox:
    """Folders of one input: `own` is where it works, and home, temporary files and parents are around it."""

    root: Path

    @cached_property
    def own(self) -> Path:
        """The folder that the input may write into: two folders deep, so that `..` and `../..` are seen."""
        return self.root / "above" / "parent" / "own"

    @property
    def home(self) -> Path:
        """What the command takes for the user's home."""
        return self.root / "home"

    @property
    def temporary(self) -> Path:
        """What the command takes for the folder of temporary files."""
        return self.root / "tmp"

    @property
    def streams(self) -> tuple[Path, Path]:
        """Files of stdout and of stderr."""
        return self.root / "stdout", self.root / "stderr"

    @property
    def canary(self) -> Path:
        """The whole path of a canary, for code that does not know where it runs."""
        return self.root / CANARY

    def make(self) -> None:
        """Make the folders anew, with files around that an input would like to have."""
        self.remove()
        usual = (self.home / name for name in (".config", ".cache", ".local/state", ".local/share"))
        for folder in (self.own, *usual, self.temporary):
            folder.mkdir(parents=True)
        for victim in (self.home / ".bashrc", self.own.parent / "report.html", self.root / "victim"):
            victim.write_text("as it was\n")

    def remove(self) -> None:
        """Remove all, whatever its rights and its depth are."""
        if self.root.exists():  # Python's own removal goes no deeper than its stack
            subprocess.run(["chmod", "-R", "u+rwx", str(self.root)], check=True, stderr=subprocess.DEVNULL)
            subprocess.run(["rm", "-rf", str(self.root)], check=True)

    def outside(self) -> dict[str, tuple[int, ...]]:
        """What lies around the input's own folder: kind, size and time of change by path."""
        found = {}
        for path in self._around():
            told = path.lstat()
            changed = () if stat.S_ISDIR(told.st_mode) else (told.st_size, told.st_mtime_ns)
            found[str(path.relative_to(self.root))] = (stat.S_IFMT(told.st_mode), *changed)
        return found

    def canaries(self) -> list[str]:
        """Paths of the canaries that are there, own folder included."""
        found = (path for path in self._all(into=lambda _: True) if path.name.startswith(CANARY))
        return sorted(str(path.relative_to(self.root)) for path in found)

    def _around(self) -> Iterator[Path]:
        for path in self._all(into=lambda folder: folder != self.own and not self._is_kept(folder)):
            if path not in (self.own, *self.streams) and not path.match(FAULTS) and not self._is_kept(path):
                yield path

    def _all(self, into: Callable[[Path], bool]) -> Iterator[Path]:
        """All that is there, of the folders that it goes into: without recursion, as an input may be deep."""
        waiting = [self.root]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    path = Path(entry.path)
                    yield path
                    if entry.is_dir(follow_symlinks=False) and into(path):
                        waiting.append(path)

    def _is_kept(self, folder: Path) -> bool:
        return any(fnmatch(str(folder.relative_to(self.root)), pattern) for pattern in KEPT)


@dataclass(frozen=True)
class Attempt:
    """One command, as an input has it: its files lie in the sandbox already."""

    words: tuple[str, ...]
    """The command line behind `evobench`."""
    environment: dict[str, str] = field(default_factory=dict)
