"""`evobench regress` where base lacks what git ignores, and nothing builds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.gate.environment.packages import commit, git, write

MODELS = """import my_pkg._version
from evobench import architecture


@architecture(family="Mine", year=2026, paper="none yet", resolution=64, min_resolution=8)
def my_net(num_classes: int):
    from torch import nn

    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, num_classes))
"""
FILES = {".gitignore": "_version.py\nruns/\n", "models.py": MODELS, "src/my_pkg/__init__.py": ""}


@pytest.mark.slow  # starts two servers: 15 s
def test_a_module_that_git_ignores_and_nothing_builds_is_told_and_is_no_verdict(tmp_path: Path) -> None:
    commit(tmp_path, FILES)
    git(tmp_path, "switch", "--quiet", "--create", "pr")
    commit(tmp_path, {"notes.txt": "words"})
    write(tmp_path, {"src/my_pkg/_version.py": "WIDTH = 4\n"})
    command = [sys.executable, "-m", "evobench", "regress", "--base", "main", "--catalog", "models.py"]
    done = subprocess.run(
        [*command, "--arch", "my_net", "--measure", "parameters"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
    )
    told = "ignored by git, not in base: src/my_pkg/_version.py" in done.stderr
    assert (4, True) == (done.returncode, told), done.stderr
