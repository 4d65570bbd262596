"""State dicts of users' files: read without running anything, unwrapped, and fitted to a model."""

from __future__ import annotations

import pickle
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.lazy import lazy
from bench.learning.data.images import Normalisation
from bench.learning.weights.files import SAFETENSORS

safetensors = lazy("safetensors.torch")

WRAPPERS = ("state_dict", "model_state_dict", "model", "state")
"""Under which training programs put the state dict beside other things; the last one is our own checkpoints'."""
PREFIXES = ("module.", "_orig_mod.", "model.")
"""What DataParallel, `torch.compile` and Lightning put before every name."""
LEAST_SHARE = 0.9
"""Of the parameters outside the heads, by number of elements, that a file must have."""
_NAMED = 3


@dataclass(frozen=True)
class State:
    """The tensors of a file by the names that a model has for them."""

    tensors: dict[str, torch.Tensor]
    stripped: tuple[str, ...] = ()
    """Wrappers and prefixes that were taken off, the outermost first."""
    normalisation: Normalisation | None = None
    """Of our own checkpoints, which carry it."""


@dataclass(frozen=True)
class Match:
    """What of a state fits a model; the heads are apart, since they are replaced or not used."""

    fitting: dict[str, torch.Tensor]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    other_shape: tuple[str, ...]
    share: float
    """Of the parameters outside the heads, by number of elements."""

    def to_dict(self) -> dict[str, Any]:
        """Counts and first names, as plain data for a record."""
        found: dict[str, Any] = {"matched": len(self.fitting), "share": round(self.share, 6)}
        for name in ("missing", "unexpected", "other_shape"):
            names = getattr(self, name)
            if names:
                found[name] = {"count": len(names), "first": list(names[:_NAMED])}
        return found


def read_state(path: Path, own: Container[str]) -> State:
    """The tensors of a file of `torch.save` or of safetensors.

    Args:
        path: of the file; `.safetensors` is read as such.
        own: the names that the model has: a prefix that one of them begins with is not taken off.

    Raises:
        ValueError: it holds more than tensors and plain data, which would have to be run, or no tensors.
    """
    content = safetensors.load_file(path) if path.suffix == SAFETENSORS else _unpickled(path)
    normalisation = _normalisation(content)
    content, wrappers = _unwrapped(content)
    tensors = {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise ValueError(f"'{path}' holds no tensors by name, so that it is no state dict")
    tensors, prefixes = _without_prefixes(tensors, own)
    return State(tensors, (*wrappers, *prefixes), normalisation)


def match(model: nn.Module, tensors: Mapping[str, torch.Tensor], apart: Iterable[str]) -> Match:
    """Compare a state with what the model has.

    Args:
        model: of any number of classes.
        tensors: by names.
        apart: dotted names of the modules that need not fit: the head, and auxiliary heads.
    """
    heads = tuple(f"{name}." for name in apart)
    own = model.state_dict()
    fitting = {name: t for name, t in tensors.items() if name in own and own[name].shape == t.shape}
    outside = {name: p.numel() for name, p in model.named_parameters() if not name.startswith(heads)}
    held = sum(size for name, size in outside.items() if name in fitting)
    return Match(
        fitting=fitting,
        missing=tuple(name for name in own if name not in tensors and not name.startswith(heads)),
        unexpected=tuple(name for name in tensors if name not in own and not name.startswith(heads)),
        other_shape=tuple(name for name in tensors if name in own and name not in fitting),
        share=held / max(1, sum(outside.values())),
    )


def unused(found: Match) -> tuple[str, ...]:
    """A warning where much of the file has no place in the model: it may be of a larger network."""
    number = len(found.unexpected)
    if number <= (1 - LEAST_SHARE) * (number + len(found.fitting)):
        return ()
    first = found.unexpected[0]
    return (
        f"{number} tensors of the file have no place in the model ('{first}', ...): is it of another network?",
    )


def require_share(found: Match, path: Path, architecture: str) -> None:
    """Refuse a file that is of another architecture.

    Raises:
        ValueError: it has less than `LEAST_SHARE` of the parameters.
    """
    if found.share >= LEAST_SHARE:
        return
    lacking = (*found.missing, *found.other_shape)[:_NAMED]
    raise ValueError(
        f"'{path}' has {found.share:.1%} of the parameters of {architecture} outside its head, less than"
        f" {LEAST_SHARE:.0%}: it lacks {', '.join(lacking)}, ..."
    )


def _unpickled(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # torch's own message has 20 lines, and tells how to load the file all the same
        raise ValueError(
            f"'{path}' is refused: it holds more than tensors, which loading would run; save the state dict alone"
        ) from error


def _normalisation(content: Any) -> Normalisation | None:
    if isinstance(content, Mapping) and {"state", "mean", "std"} <= content.keys():
        return Normalisation(tuple(content["mean"]), tuple(content["std"]))
    return None


def _unwrapped(content: Any) -> tuple[Mapping[Any, Any], list[str]]:
    taken: list[str] = []
    while isinstance(content, Mapping):
        inner = [name for name in WRAPPERS if isinstance(content.get(name), Mapping)]
        if not inner:
            return content, taken
        taken.append(inner[0])
        content = content[inner[0]]
    return {}, taken


def _without_prefixes(
    tensors: dict[str, torch.Tensor], own: Container[str]
) -> tuple[dict[str, torch.Tensor], list[str]]:
    taken: list[str] = []
    while not any(name in own for name in tensors):
        common = [prefix for prefix in PREFIXES if all(name.startswith(prefix) for name in tensors)]
        if not common:
            break
        taken.append(common[0])
        tensors = {name.removeprefix(common[0]): tensor for name, tensor in tensors.items()}
    return tensors, taken
