"""Loading of weights into a model by its own modules, and the parts of the model that they do not reach."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bench.learning.weights.checkpoints.states import State

_NAMED = 3


@dataclass(frozen=True)
class Fit:
    """Parts of a model that a state reached, by the model's names; heads are listed apart, since they are
    replaced."""

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    """Parameters and statistics, outside the heads, that the state lacks."""
    computed: tuple[str, ...]
    """Integer tensors that the state lacks, such as tables of positions: the model has computed its own."""
    other_shape: tuple[str, ...]
    """Tensors of another shape, with both shapes in words."""
    unexpected: tuple[str, ...]
    parts: dict[str, float]
    """Loaded share of the tensors of each part of the model, statistics included, heads not."""
    share: float
    """Loaded share of all these tensors."""
    left: tuple[str, ...]
    """All parameters and statistics that were not loaded, those of heads included."""
    converted: tuple[str, ...] = ()
    """Number formats of the state that differ from the model's."""

    @property
    def whole(self) -> bool:
        """Whether all of the model outside its heads has been loaded."""
        return not self.missing and not self.other_shape

    @property
    def surplus(self) -> tuple[str, ...]:
        """Names of the state that lie in the model's parts, where the model has no such layer."""
        inside = {f"{part}." for part in self.parts} | {f"{part.rpartition('.')[0]}." for part in self.parts}
        return tuple(name for name in self.unexpected if name.startswith(tuple(inside - {"."})))

    def to_dict(self) -> dict[str, Any]:
        """Counts, shares and first names as plain data for a record."""
        shares = {name: round(share, 6) for name, share in self.parts.items()}
        found: dict[str, Any] = {
            "fits": self.told(),
            "matched": len(self.loaded),
            "share": round(self.share, 6),
            "parts": shares,
        }
        for name in ("missing", "computed", "unexpected", "other_shape"):
            if names := getattr(self, name):
                found[name] = {"count": len(names), "first": list(names[:_NAMED])}
        return found | ({"converted": list(self.converted)} if self.converted else {})

    def told(self) -> str:
        """Shares of the incomplete parts, in words."""
        short = [f"{name} {share:.0%}" for name, share in self.parts.items() if share < 1]
        whole = len(self.parts) - len(short)
        return ", ".join((*([f"{whole} of {len(self.parts)} parts whole"] if whole else []), *short))


def load(model: nn.Module, state: State, heads: Collection[str] = ()) -> Fit:
    """Load a state into a model; tensors of another shape are left out.

    Args:
        model: is changed.
        state: tensors by the model's names, or by older ones that its modules know.
        heads: names of the model's tensors that need not be reached.

    Raises:
        ValueError: a tensor of the state is not finite, where the model's own is; a module refuses the state.
    """
    loading = _Loading(model.state_dict())
    hooks = [module.register_load_state_dict_pre_hook(loading) for module in model.modules()]
    try:
        missing, unexpected = _load(model, state)
    finally:
        for hook in hooks:
            hook.remove()
    if loading.broken:
        raise ValueError(f"holds NaN or infinite values in {_first(loading.broken)}: its training had failed")
    own = {name: item for name, item in model.state_dict(keep_vars=True).items() if isinstance(item, torch.Tensor)}
    reached = {id(item) for name, item in own.items() if name not in missing}
    absent = [name for name in own if id(own[name]) not in reached and name not in loading.other]
    counted = [name for name in own if name not in heads and not _is_whole_number(own[name])]
    loaded = tuple(name for name in own if id(own[name]) in reached)
    parts = {name: _share(names, loaded) for name, names in parts_of(counted).items()}
    return Fit(
        loaded=loaded,
        missing=tuple(name for name in absent if name in counted),
        computed=tuple(name for name in absent if name not in heads and name not in counted),
        other_shape=tuple(text for name, text in loading.other.items() if name not in heads),
        unexpected=(*unexpected, *state.unused),
        parts=parts,
        share=_share(counted, loaded),
        left=tuple(name for name in own if not _is_whole_number(own[name]) and id(own[name]) not in reached),
        converted=tuple(sorted(loading.formats)),
    )


def parts_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of tensors by the parts of a model: its outermost modules of which there are several."""
    found = {"": list(names)}
    while len(found) == 1:
        (prefix, inner), *_ = found.items()
        if prefix in inner:
            break
        start = len(prefix) + 1 if prefix else 0
        found = {}
        for name in inner:
            end = name.find(".", start)
            found.setdefault(name if end < 0 else name[:end], []).append(name)
        if not found:
            break
    return found


class _Loading:
    """Hook of every module that sees the tensors which it is about to load, under its own names."""

    def __init__(self, kept: Collection[str]) -> None:
        self._kept = kept
        self.other: dict[str, str] = {}
        self.broken: dict[str, None] = {}
        self.formats: set[str] = set()

    def __call__(self, module: nn.Module, state: dict[str, Any], prefix: str, *_: object) -> None:
        held = (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False))
        for name, own in held:
            path = prefix + name
            given = state.get(path) if path in self._kept else None
            if given is None:
                continue
            if why := _unlike(given, own):
                self.other[path] = f"{path} ({why})"
                del state[path]
            elif _is_broken(given, own):
                self.broken[path] = None
            elif given.dtype != own.dtype and own.is_floating_point():
                self.formats.add(str(given.dtype).removeprefix("torch."))


def _load(model: nn.Module, state: State) -> tuple[set[str], list[str]]:
    """Load the state; returns the names that the state lacks, and those that the model lacks."""
    try:
        return _given(model, state.tensors, state.versions)
    except ValueError:
        # a module may insist on its state's version, which is lost where the names were written to a plain
        # dictionary: what such a file was written from is today's version, or its shapes will tell
        known = {name: m for name, m in model.named_modules() if not type(m).__module__.startswith("torch.nn.")}
        lost = {name: {"version": getattr(m, "_version", None)} for name, m in known.items()}
        if lost.keys() <= state.versions.keys():
            raise
        return _given(model, state.tensors, lost | dict(state.versions))


def _given(
    model: nn.Module, tensors: Mapping[str, torch.Tensor], versions: Mapping[str, Any]
) -> tuple[set[str], list[str]]:
    content = OrderedDict(tensors)
    setattr(content, "_metadata", dict(versions))  # noqa: B010 - where torch itself keeps it
    try:
        found = model.load_state_dict(content, strict=False)
    except RuntimeError as error:
        raise ValueError(f"does not fit: {' '.join(str(error).split())}") from error
    return set(found.missing_keys), list(found.unexpected_keys)


def _unlike(given: torch.Tensor, own: torch.Tensor) -> str:
    """Reason why a tensor cannot be copied; empty where it can. torch accepts one value for a number."""
    shape, wanted = tuple(given.shape), tuple(own.shape)
    if shape != wanted and not (wanted == () and shape == (1,)):
        return f"{_sides(shape)}, not {_sides(wanted)}"
    floating = given.is_floating_point() or given.is_complex()
    if given.is_quantized or given.is_complex() != own.is_complex() or (own.is_floating_point() and not floating):
        return f"{given.dtype}, not {own.dtype}".replace("torch.", "")
    return ""


def _is_broken(given: torch.Tensor, own: torch.Tensor) -> bool:
    return not _is_finite(given.to(own.dtype)) and _is_finite(own)


def _is_finite(tensor: torch.Tensor) -> bool:
    return bool(tensor.isfinite().all())


def _is_whole_number(tensor: torch.Tensor) -> bool:
    return not tensor.is_floating_point() and not tensor.is_complex()


def _share(names: Collection[str], loaded: Collection[str]) -> float:
    reached = set(loaded)
    return sum(name in reached for name in names) / len(names) if names else 1.0


def _sides(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"


def _first(names: Collection[str]) -> str:
    return ", ".join(list(names)[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
