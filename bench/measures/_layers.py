"""The layers of a model as a table: name, type, output shape, parameters, multiply-adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


@dataclass(frozen=True)
class Layer:
    """A module that ran, or one with parameters that did not."""

    name: str
    """Dotted; empty for the model itself."""
    type: str
    output: tuple[int, ...]
    """Shape of its last output, the batch first; empty where it did not run."""
    parameters: int
    """Its own, and those of its modules that did not run by themselves."""
    macs: int
    """Multiply-adds of all its calls, without those of its modules that have a row of their own."""
    calls: int


class Watch:
    """Context that notes which modules of a model run, in which order, and the shapes that they return."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._hooks: list[RemovableHandle] = []
        self.outputs: dict[str, tuple[int, ...]] = {}
        """By module, in the order in which they first finished."""
        self.calls: dict[str, int] = {}

    def __enter__(self) -> Watch:
        for name, module in self._model.named_modules():
            self._hooks.append(module.register_forward_hook(self._noting(name)))
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _noting(self, name: str) -> Any:
        def note(module: nn.Module, given: object, output: object) -> None:
            self.outputs[name] = _shape(output)
            self.calls[name] = self.calls.get(name, 0) + 1

        return note


def table(model: nn.Module, watch: Watch, macs: Mapping[str, int]) -> tuple[Layer, ...]:
    """The rows: modules without parts, and what has parameters or multiply-adds beside those of its parts.

    Args:
        model: the model that was watched.
        watch: what ran.
        macs: multiply-adds by dotted name, those of a module's parts included.

    Returns:
        Rows in the order in which modules first finished; after them what did not run (auxiliary heads in eval
        mode). Parameters and multiply-adds add up to those of the model, since each tensor counts where it is met
        first.
    """
    modules = dict(model.named_modules())
    seen: set[int] = set()
    rows = [_row(name, modules[name], watch, macs, seen) for name in watch.outputs]
    left = [_unrun(name, module, seen) for name, module in modules.items() if name not in watch.outputs]
    return tuple(row for row in (*rows, *left) if row is not None)


def _row(name: str, module: nn.Module, watch: Watch, macs: Mapping[str, int], seen: set[int]) -> Layer | None:
    parts = {f"{name}.{part}".lstrip("."): child for part, child in module.named_children()}
    run = [part for part in parts if _ran(part, parts[part], watch)]
    idle = [parts[part] for part in parts if part not in run and not _is_auxiliary(name)]
    tensors = [*module.parameters(recurse=False), *(p for child in idle for p in child.parameters())]
    parameters = _count(tensors, seen)
    own = macs.get(name, 0) - sum(macs.get(part, 0) for part in parts)
    if run and not parameters and own <= 0:
        return None
    return Layer(name, type(module).__name__, watch.outputs[name], parameters, max(0, own), watch.calls[name])


def _ran(name: str, module: nn.Module, watch: Watch) -> bool:
    """Whether the module or one of its parts ran."""
    return any(f"{name}.{part}".rstrip(".") in watch.outputs for part, _ in module.named_modules())


def _is_auxiliary(name: str) -> bool:
    """Of the model itself, what did not run is listed apart."""
    return not name


def _unrun(name: str, module: nn.Module, seen: set[int]) -> Layer | None:
    parameters = _count(module.parameters(recurse=False), seen)
    return Layer(name, type(module).__name__, (), parameters, 0, 0) if parameters else None


def _count(tensors: Iterable[torch.Tensor], seen: set[int]) -> int:
    new = {id(tensor): tensor.numel() for tensor in tensors if id(tensor) not in seen}
    seen.update(new)
    return sum(new.values())


def _shape(output: object) -> tuple[int, ...]:
    first = output[0] if isinstance(output, tuple | list) and output else output
    return tuple(first.shape) if isinstance(first, torch.Tensor) else ()
