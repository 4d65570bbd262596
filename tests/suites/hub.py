"""A cache of the Hugging Face hub, laid out as its library does, with small networks in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process, and those that it starts, look into `home/hub` alone."""
    from huggingface_hub import constants

    for name, value in {"HF_HOME": home, "HF_HUB_CACHE": home / "hub", "HF_HUB_OFFLINE": 1}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def lay_out(home: Path, repository: str, write: Callable[[Path], object], commit: str = COMMIT) -> Path:
    """A snapshot of a repository, its files written into the folder that `write` is given."""
    folder = home / "hub" / f"models--{repository.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs" / "main").write_text(commit)
    write(snapshot)
    return snapshot
