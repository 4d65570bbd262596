"""States in the content of a file: those that a model can start from, and their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from bench.learning.data.images import Normalisation
from bench.learning.weights.checkpoints.names import Renaming, Shape, beside, renamings, simple

_DEPTH = 4
"""Depth of nested dictionaries in which states are looked for."""
_LATER = ("ema", "swa", "average", "student", "encoder_k", "momentum", "target")
"""Words in the names of states that are taken only on request, or if they fit best.

They are averages of weights, and of two networks that teach each other the one that is not meant for use.
"""
_NEVER = ("optim", "scheduler", "scaler")
_HALF = 0.5
_SHOWN = 4


@dataclass(frozen=True)
class State:
    """Tensors of a file by the names that a model has for them."""

    tensors: dict[str, torch.Tensor]
    versions: dict[str, Any] = field(default_factory=dict)
    """Versions of the state by module name; empty where the file has lost them."""
    label: str = ""
    """Keys and prefix of the state in the file."""
    others: tuple[str, ...] = ()
    """Labels of the other states that would fit."""
    unused: tuple[str, ...] = ()
    """Names of the file's tensors that belong to none of the model's."""
    normalisation: Normalisation | None = None
    """Normalisation from our own checkpoints, which store it."""


@dataclass(frozen=True)
class _Candidate:
    keys: tuple[str, ...]
    tensors: Mapping[str, torch.Tensor]
    versions: Mapping[str, Any]
    renaming: Renaming

    @property
    def label(self) -> str:
        return ".".join((*self.keys, *filter(None, self.renaming.taken.split("."))))

    @property
    def rank(self) -> tuple[int, int]:
        """Sort key among states: the smallest is taken."""
        return -self.renaming.fits, sum(word in self.label.lower() for word in _LATER)

    def is_called(self, wanted: str) -> bool:
        """Whether the given parts are consecutive parts of the label."""
        return any(f".{wanted}." in f".{label}." for label in (self.label, simple(self.label)))


def choose(content: Any, own: Mapping[str, Shape], wanted: str = "") -> State:
    """Choose the state that fits most of a model's tensors; among equals one that is not an average, then the
    first.

    Args:
        content: content of a file.
        own: shapes of the model's tensors by their names.
        wanted: key or prefix of another state; empty takes the usual one.

    Raises:
        ValueError: there are no tensors, none of them is the model's, or no state is called as wanted.
    """
    candidates, starts = [], dict[str, None]()
    for keys, tensors, versions in _mappings(content):
        starts |= dict.fromkeys(".".join((*keys, name.partition(".")[0])) for name in tensors)
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        candidates += [_Candidate(keys, tensors, versions, item) for item in renamings(shapes, own)]
    if not starts:
        raise ValueError("holds no tensors by name, so that it is not a state dict")
    if not candidates:
        raise ValueError(f"is of another network: what it holds begins with {_listed(list(starts))}")
    ranked = sorted(candidates, key=lambda item: item.rank)
    usual = [item for item in ranked if item.renaming.fits > _HALF * ranked[0].renaming.fits]
    found = [item for item in ranked if item.is_called(wanted)] if wanted else usual
    if not found:
        raise ValueError(f"has no state '{wanted}' that fits: it has {_listed([item.label for item in usual])}")
    taken = found[0]
    others = dict.fromkeys(item.label for item in usual if item.label != taken.label)
    return _state(taken, own, tuple(others), _normalisation(content))


def _state(
    taken: _Candidate, own: Mapping[str, Shape], others: tuple[str, ...], normalisation: Normalisation | None
) -> State:
    shapes = {name: tuple(tensor.shape) for name, tensor in taken.tensors.items()}
    ways = (taken.renaming, *beside(taken.renaming, shapes, own))
    tensors: dict[str, torch.Tensor] = {}
    unused = []
    for name, tensor in taken.tensors.items():
        new = next((new for way in ways if (new := way(name)) in own), None)
        if new is None or new in tensors:
            # under its new name it may still be one that a module renames on loading
            new = taken.renaming(name)
            if new is None or new in own or new in tensors:
                unused.append(name)
                continue
        tensors[new] = tensor
    return State(tensors, _by_module(taken), taken.label, others, tuple(unused), normalisation)


def _by_module(taken: _Candidate) -> dict[str, Any]:
    """Versions by the names of the model's modules: the parents of its tensors, and their parents."""
    way, simplify = taken.renaming, taken.renaming.simplify
    modules: dict[str, str] = {}
    for name in way.own.values():
        parts = name.split(".")[:-1]
        modules |= {simplify(".".join(parts[:end])): ".".join(parts[:end]) for end in range(len(parts) + 1)}
    found: dict[str, Any] = {}
    for name, version in taken.versions.items():
        path = f"{simplify(name)}." if simplify(name) else ""
        if path.startswith(way.taken) and isinstance(version, Mapping):
            new = f"{way.added}{path.removeprefix(way.taken)}".removesuffix(".")
            found[modules.get(new, new)] = version
    return found


def _mappings(
    content: Any, keys: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, torch.Tensor], Mapping[str, Any]]]:
    """Keys, tensors and versions of every dictionary that has tensors by name."""
    if not isinstance(content, Mapping) or len(keys) > _DEPTH:
        return
    tensors = {name: item for name, item in content.items() if _is_tensor(name, item)}
    if tensors:
        versions = getattr(content, "_metadata", None)
        yield keys, tensors, versions if isinstance(versions, Mapping) else {}
    for name, inner in content.items():
        if isinstance(name, str) and not any(word in name.lower() for word in _NEVER):
            yield from _mappings(inner, (*keys, name))


def _is_tensor(name: object, item: object) -> bool:
    return isinstance(name, str) and isinstance(item, torch.Tensor)


def _listed(names: list[str]) -> str:
    different = list(dict.fromkeys(name or "its names as they are" for name in names))
    return ", ".join(different[:_SHOWN]) + (", ..." if len(different) > _SHOWN else "")


def _normalisation(content: Any) -> Normalisation | None:
    if isinstance(content, Mapping) and {"state", "mean", "std"} <= content.keys():
        return Normalisation(tuple(content["mean"]), tuple(content["std"]))
    return None
