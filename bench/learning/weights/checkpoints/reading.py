"""Reading of a file of weights without running any of its code."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from bench.lazy import lazy
from bench.learning.weights.checkpoints.forms import INDEX, SAFETENSORS, files_at, weight_map
from bench.learning.weights.checkpoints.safe import PLAIN

safetensors = lazy("safetensors")

_DAMAGED = (AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""Errors of torch's reader when a file is damaged."""


def read_content(path: Path) -> Any:
    """The object that a file, an index or a folder of weights holds; tensors of an archive stay on the disk.

    Raises:
        ValueError: the file is damaged, or holds more than tensors and plain data, which would have to be run.
    """
    files = files_at(path)
    if not files[0].name.endswith(INDEX):
        return _read(files[0])
    index, *shards = files
    found: dict[str, Any] = {}
    for shard in shards:
        found.update(_read(shard))
    if absent := [name for name in weight_map(index) if name not in found]:
        raise ValueError(f"'{path}': its index names '{absent[0]}', which none of its files holds")
    return found


def _read(path: Path) -> Any:
    return _safetensors(path) if path.suffix == SAFETENSORS else _unpickled(path)


def _safetensors(path: Path) -> dict[str, torch.Tensor]:
    """Tensors of a safetensors file, including the names that share a tensor: the format stores one and lists the
    others."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            aliases = file.metadata() or {}
    except safetensors.SafetensorError as error:
        raise ValueError(f"'{path}' is damaged: {error}") from error
    shared = {name: tensors[kept] for name, kept in aliases.items() if kept in tensors and name not in tensors}
    return tensors | shared


def _unpickled(path: Path) -> Any:
    try:
        with torch.serialization.safe_globals([(made, name) for name, made in PLAIN.items()]):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        # torch's own message has 20 lines, and tells how to load the file all the same
        raise ValueError(
            f"'{path}' is refused: it holds more than tensors, which loading would run; save the state dict alone"
        ) from error
    except _DAMAGED as error:
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise ValueError(f"'{path}' is damaged, or cannot be read: {why}") from error
