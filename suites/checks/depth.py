"""Depth as papers count it: the layers with weights on the longest way from input to output."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.utils import _python_dispatch as dispatch
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")
    dispatch = lazy("torch.utils._python_dispatch")

PRODUCTS = ("aten::convolution", "aten::addmm", "aten::mm", "aten::bmm", "aten::baddbmm")
"""Operators that convolutions and linear layers end in; of two feature maps, they are attention's products."""


@check(kind="counted")
def weight_layers(*, architecture: str) -> Evidence:
    """Convolutions and linear layers on the longest way from input to output."""
    found = depth(architecture)
    return Evidence(found, f"convolutions and linear layers on the longest way through {architecture}")


@check(kind="counted")
def deeper(*, architecture: str, than: str) -> Evidence:
    """Whether an architecture has more weight layers in a row than another."""
    first, second = depth(architecture), depth(than)
    return Evidence(first > second, f"{architecture} has {first} weight layers in a row, {than} has {second}")


@cache
def depth(architecture: str) -> int:
    """Convolutions and linear layers on the longest way through the architecture, shortcuts included."""
    return longest_way(models.built(architecture), models.picture(architecture))


def longest_way(model: nn.Module, image: torch.Tensor) -> int:
    """Products of feature maps with weights on the longest way from `image` to what `model` returns."""
    weights = {id(parameter) for parameter in model.parameters()}
    depths: dict[int, int] = {}
    alive: list[object] = []
    """Keeps every tensor, so that no identity is given twice."""

    class Following(dispatch.TorchDispatchMode):
        """Hands each operator's result the depth of its deepest input, one more for a product with weights."""

        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            result = func(*args, **(kwargs or {}))
            given = _tensors((*args, *(kwargs or {}).values()))
            met = [depths[id(tensor)] for tensor in given if id(tensor) in depths]
            weighted = any(id(tensor) in weights for tensor in given)
            for tensor in _tensors((result,)):
                alive.append(tensor)
                if met:
                    depths[id(tensor)] = max(met) + (weighted and func._schema.name in PRODUCTS)
                elif weighted:
                    weights.add(id(tensor))
            return result

    depths[id(image)] = 0
    following = Following()  # type: ignore[no-untyped-call]  # torch annotates no constructor of a mode
    with torch.no_grad(), following:
        output = model(image)
    return depths[id(output)]


def _tensors(values: tuple[Any, ...]) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, list | tuple):
            found += _tensors(tuple(value))
        elif isinstance(value, torch.Tensor):
            found.append(value)
    return found
