"""Weights of timm in caches that were changed, are damaged, or hold what would run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bench.errors import Unsupported, UsageError
from tests.suites.test_timm_weights import home, kept, same, started

__all__ = ["home"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_in_the_cache_is_the_one_that_its_blob_is_named_after(home: Path, whole: bool) -> None:
    state = kept(home)
    file = next(home.glob("hub/*/snapshots/*/model.safetensors"))
    named = hashlib.sha256(file.read_bytes()).hexdigest()
    blob = file.parents[2] / "blobs" / named
    blob.parent.mkdir()
    save_file(state if whole else {name: value + 1 for name, value in state.items()}, blob)
    file.unlink()
    file.symlink_to(blob)
    damaged = pytest.raises(ValueError, match=rf"not {named[:8]}\.\.\. as the cache says: it is damaged")
    with nullcontext() if whole else damaged:
        assert same(state, started().model)


def test_whatever_a_file_of_torch_is_called_it_runs_nothing(home: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
            return print, ("run",)

    folder = home / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save({"x": Evil()}, folder / "IN1K-vit.h.14-300e.pth.tar")
    with pytest.raises(UsageError, match=r"loading it would run builtins\.print"):
        started(name="vit_huge_patch14_gap_224.in1k_ijepa")


def test_a_cache_that_is_damaged_has_no_file(home: Path) -> None:
    kept(home)
    next(home.glob("hub/*/refs/main")).write_bytes(b"\xff")
    with pytest.raises(Unsupported, match="are not in"):
        started()
