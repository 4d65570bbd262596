"""What all inputs begin with: a sound store of two runs, pictures, a list, checkpoints, a repository."""

from __future__ import annotations

import io
import sqlite3
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.bench.picturing import photos
from tests.fuzz.running import Ended, ended, said
from tests.fuzz.sandbox import Attempt, Sandbox
from tests.rooms import ROOT

CATALOG = '''"""A small network."""

from evobench import architecture, lazy

torch = lazy("torch")


@architecture(family="Small", year=2026, paper="none", resolution=16, min_resolution=3)
def small(num_classes: int):
    """A convolution and a layer."""
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))
'''
CLAIMS = """[[slide]]
title = "Arithmetic"

[[claim]]
id = "weights"
slide = "Arithmetic"
words = "61,706 weights"
printed = 61706
unit = "parameters"
check = "parameters"
with = { architecture = "lenet5" }

[[left_out]]
slide = "Arithmetic"
words = "A picture of a cat"
reason = "no figure"

[[missing]]
slide = "Arithmetic"
words = "Nine lives"
reason = "the book is out of print"
"""
STUDY = """suite = "evolution"
arch = ["lenet5"]
profile = "smoke"
dry-run = true
resolution = 32
budget = "5m"
"""
MADE = "made"
"""File that says that all is there."""
LIMIT = 300.0
"""Seconds that a sound run may take."""


@dataclass(frozen=True)
class Base:
    """Sound inputs, made once."""

    root: Path

    @property
    def store(self) -> Path:
        """A store with two runs and a baseline."""
        return self.root / "above/parent/own/base.sqlite"

    @property
    def photos(self) -> Path:
        """Pictures of cats and dogs, 24 in all."""
        return self.root / "photos"

    @property
    def reference(self) -> Path:
        """The file of a reference run: one of those that others have sent."""
        return min((ROOT / "docs/reference-runs").glob("*.json"), key=lambda path: path.stat().st_size)

    @property
    def is_made(self) -> bool:
        """Whether a session before has made them, and kept them."""
        return (self.root / MADE).is_file()

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """Ids of the runs, the oldest first."""
        with sqlite3.connect(self.store) as connection:
            return tuple(name for (name,) in connection.execute("SELECT id FROM run ORDER BY started"))

    @cached_property
    def checkpoints(self) -> dict[str, bytes]:
        """Weights of lenet5 in each form of file, by the suffix of the form."""
        from safetensors.torch import save

        state = lenet5_state()
        return {".pth": saved(state), ".legacy.pth": saved(state, zipped=False), ".safetensors": save(state)}

    def make(self) -> None:
        """Make them.

        Raises:
            RuntimeError: the sound command itself has failed.
        """
        place = Sandbox(self.root)
        place.make()
        photos(self.photos, "cats", "dogs", count=12)
        learned = f"run --arch lenet5 --suite evolution,transfer --mode scratch --target folder:{self.photos}"
        for line in (
            f"{learned} --profile smoke --no-report",
            "run --arch lenet5 --suite evolution --profile smoke --fresh --no-report",
            "baseline save main",
        ):
            self._run(place, f"{line} --store {self.store}")
        with sqlite3.connect(self.store) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        (self.root / MADE).touch()

    def _run(self, place: Sandbox, line: str) -> None:
        done: Ended = ended(Attempt(tuple(line.split())), place, limit=LIMIT)
        if done.code:
            raise RuntimeError(f"evobench {said(line.split())} ended with {done.code}: {done.err}")


def lenet5_state() -> dict[str, Any]:
    """Weights of lenet5, all 0, under the names that it has here."""
    import torch

    shapes = {"c1": (6, 1, 5, 5), "c3": (16, 6, 5, 5), "c5": (120, 400), "f6": (84, 120), "output": (10, 84)}
    weights = {f"{name}.weight": torch.zeros(shape) for name, shape in shapes.items()}
    return {**weights, **{f"{name}.bias": torch.zeros(shape[0]) for name, shape in shapes.items()}}


def saved(tree: Any, zipped: bool = True) -> bytes:
    """What torch writes of it, as an archive or in the form before."""
    import torch

    file = io.BytesIO()
    torch.save(tree, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def hostile_repository(folder: Path) -> None:
    """Make a folder a git repository whose settings name programs of its own."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    (folder / ".git/config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch PWNED; false\n\tpager = touch PWNED\n"
        "\thooksPath = .\n[diff]\n\texternal = touch PWNED\n[alias]\n\tstatus = !touch PWNED\n"
    )
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (folder / hook).write_text("#!/bin/sh\ntouch PWNED\n")
        (folder / hook).chmod(0o755)
