"""Layers of built models: their kinds, shapes and numbers of parameters, as tables print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models
from suites.checks._models import Leaf

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_NAMES = {"Conv2d": "convolutions (Conv2d)", "BatchNorm2d": "batch normalisations (BatchNorm2d)"}
"""Common names of the modules of a class."""


@check(kind="counted")
def parameters(*, architecture: str, auxiliary: bool = True) -> Evidence:
    """All parameters of an architecture, with or without its heads that only training runs."""
    found = models.parameters(architecture, auxiliary=auxiliary)
    apart = "" if auxiliary else " without its auxiliary heads"
    return Evidence(found, f"{architecture}{apart} has {found:,} parameters")


@check(kind="counted")
def frozen_parameters(*, architecture: str) -> Evidence:
    """Parameters of a freshly built architecture that no training would change."""
    found = sum(p.numel() for p in models.built(architecture).parameters() if not p.requires_grad)
    return Evidence(found, f"parameters of {architecture} that need no gradient")


@check(kind="counted")
def trainable_parameters(*, architecture: str) -> Evidence:
    """Parameters of a freshly built architecture that training changes."""
    found = sum(p.numel() for p in models.built(architecture).parameters() if p.requires_grad)
    return Evidence(found, f"parameters of {architecture} that need a gradient")


@check(kind="counted")
def learnable(*, architecture: str, kind: str) -> Evidence:
    """Whether training changes every parameter of all modules of one class (`Conv2d`)."""
    found = [
        parameter.requires_grad
        for leaf in models.shapes(architecture)
        if type(leaf.module).__name__ == kind
        for parameter in leaf.module.parameters()
    ]
    return Evidence(
        bool(found) and all(found), f"{sum(found)} of {len(found)} tensors of {kind} in {architecture}"
    )


@check(kind="counted")
def macs(*, architecture: str, resolution: int = 0) -> Evidence:
    """Multiply-adds of one picture, which He et al. and others call FLOPs.

    Args:
        architecture: name of the architecture.
        resolution: side of the input in pixels; 0: the architecture's own.
    """
    found = models.macs(architecture, resolution)
    return Evidence(
        found, f"{found:,} multiply-adds in the convolutions, linear layers and products of {architecture}"
    )


@check(kind="counted")
def layer_parameters(*, architecture: str, layer: int) -> Evidence:
    """Parameters of one layer, counted from 1 in the order in which they run, activations and pooling included."""
    leaf = _leaf(architecture, layer)
    return Evidence(leaf.parameters, f"layer {layer} is {leaf.name}: {leaf.module}")


@check(kind="counted")
def layer_shape(*, architecture: str, layer: int, resolution: int = 0) -> Evidence:
    """Output shape of one layer, counted from 1, with -1 for the size of the batch."""
    leaf = _leaf(architecture, layer, resolution)
    return Evidence([-1, *leaf.output[1:]], f"layer {layer} is {leaf.name}: {leaf.module}")


@check(kind="counted")
def layer_kind(*, architecture: str, layer: int) -> Evidence:
    """Kind and number of one layer, counted from 1, as summaries print it: `Conv2d-1`."""
    leaf = _leaf(architecture, layer)
    return Evidence(f"{type(leaf.module).__name__}-{layer}", f"layer {layer} is {leaf.name}")


@check(kind="counted")
def printed_module(*, architecture: str, module: str) -> Evidence:
    """What PyTorch prints for one module, named with dots."""
    return Evidence(
        repr(models.built(architecture).get_submodule(module)), f"{architecture}.{module} as it prints"
    )


@check(kind="counted")
def children(*, architecture: str) -> Evidence:
    """Names of the modules that a model consists of."""
    return Evidence(", ".join(name for name, _ in models.built(architecture).named_children()), "in order")


@check(kind="counted")
def count_children(*, architecture: str) -> Evidence:
    """Number of modules that a model consists of: the levels that its paper names, the input not counted."""
    names = [name for name, _ in models.built(architecture).named_children()]
    return Evidence(len(names), f"{architecture}: {', '.join(names)}")


@check(kind="counted")
def in_features(*, architecture: str, layer: int) -> Evidence:
    """Inputs of one linear layer, counted from 1 among all layers in the order in which they run."""
    leaf = _leaf(architecture, layer)
    if not isinstance(leaf.module, torch.nn.Linear):
        raise ValueError(f"layer {layer} of {architecture} is not a linear layer, but {leaf.module}")
    return Evidence(leaf.module.in_features, f"layer {layer} is {leaf.name}: {leaf.module}")


@check(kind="counted")
def count_modules(*, architecture: str, kind: str) -> Evidence:
    """How many modules of one class (`Conv2d`) run in one forward pass."""
    found = [leaf.name for leaf in models.shapes(architecture) if type(leaf.module).__name__ == kind]
    return Evidence(len(found), f"{architecture} runs {len(found)} {_NAMES.get(kind, kind)}")


@check(kind="counted")
def kinds_present(*, architecture: str, kinds: list[str]) -> Evidence:
    """Which of some classes of modules run in one forward pass, joined by commas."""
    met = {type(leaf.module).__name__ for leaf in models.shapes(architecture)}
    return Evidence(
        ", ".join(kind for kind in kinds if kind in met), f"{architecture} runs {', '.join(sorted(met))}"
    )


@check(kind="counted")
def has_kind(*, architecture: str, kind: str) -> Evidence:
    """Whether a module of one class (`BatchNorm2d`) runs in one forward pass."""
    found = count_modules(architecture=architecture, kind=kind)
    return Evidence(bool(found.value), found.note)


def _leaf(architecture: str, layer: int, resolution: int = 0) -> Leaf:
    leaves = models.shapes(architecture, resolution)
    if not 1 <= layer <= len(leaves):
        raise ValueError(f"{architecture} has the layers 1 to {len(leaves)}, but no layer {layer}")
    return leaves[layer - 1]
