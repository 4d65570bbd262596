"""Changes to a model for transfer: replacing its heads, finding its upper stage, freezing what lies below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches

import torch
from torch import nn

from bench.declare.declarations import Architecture
from bench.errors import Unsupported
from bench.learning.seeds import seeded
from bench.network.precision import SIXTEEN_BITS

WHOLE = 0.9
"""Share of the trunk's parameters above which a module is taken apart: it is not a stage but contains them."""
TAIL = 0.05
"""Least share of the trunk's parameters in the last stage."""


def replace_heads(model: nn.Module, names: tuple[str, ...], classes: int, seed: int) -> None:
    """Put freshly initialised layers for the target's classes in place of the heads."""
    with seeded(seed):
        for name in names:
            model.set_submodule(name, _alike(model.get_submodule(name), classes))


def _alike(head: nn.Module, classes: int) -> nn.Module:
    if isinstance(head, nn.Linear):
        return nn.Linear(head.in_features, classes)
    if isinstance(head, nn.Conv2d):
        return nn.Conv2d(head.in_channels, classes, 1)
    raise TypeError(f"a head is a linear layer or a convolution, not {type(head).__name__}")


def upper_names(model: nn.Module, architecture: Architecture, heads: tuple[str, ...]) -> tuple[str, ...]:
    """Dotted names of the upper stage: as declared, else the last stage before the heads.

    That is the shortest tail of the trunk, in the order of registration, that holds a twentieth of its parameters.
    """
    if architecture.upper:
        return architecture.upper
    total = sum(_count(module) for module in _blocks(model, heads))
    tail: list[str] = []
    held = 0
    for name, module in reversed(list(_stages(model, "", heads, total))):
        tail.append(name)
        held += _count(module)
        if held >= TAIL * total:
            break
    return tuple(reversed(tail))


def module_at(model: nn.Module, stage: str, architecture: Architecture) -> nn.Module:
    """The module that a scenario names as a stage.

    Raises:
        Unsupported: the model has no module of that name; the nearest one and the stages are told.
    """
    names = [name for name, _ in model.named_modules() if name]
    if stage not in names:
        near = get_close_matches(stage, names, n=1)
        guess = f"; did you mean '{near[0]}'?" if near else ""
        stages = ", ".join(name for name, _ in model.named_children())
        raise Unsupported(f"{architecture.name} has no stage '{stage}'{guess} (its parts are {stages})")
    return model.get_submodule(stage)


def names_from(
    model: nn.Module, stage: str, architecture: Architecture, heads: tuple[str, ...]
) -> tuple[str, ...]:
    """Dotted names of a stage and of all modules that are registered after it, and of the heads.

    Raises:
        Unsupported: the model has no such stage.
    """
    module_at(model, stage, architecture)
    names, place = [stage], stage
    while place:
        parent, _, last = place.rpartition(".")
        siblings = [name for name, _ in model.get_submodule(parent).named_children()]
        later = siblings[siblings.index(last) + 1 :]
        names += [f"{parent}.{name}" if parent else name for name in later]
        place = parent
    return (*names, *(head for head in heads if not inside(head, tuple(names))))


def _blocks(model: nn.Module, heads: tuple[str, ...]) -> list[nn.Module]:
    """The leaves of the trunk."""
    leaves = [(name, m) for name, m in model.named_modules() if not list(m.children())]
    return [module for name, module in leaves if name not in heads]


def _stages(module: nn.Module, prefix: str, heads: tuple[str, ...], total: int) -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        if path in heads or _count(child) == 0:
            continue
        around = any(head.startswith(f"{path}.") for head in heads)
        holds = bool(list(child.children())) and (_count(child) > WHOLE * total or around)
        if holds:
            yield from _stages(child, f"{path}.", heads, total)
        else:
            yield path, child


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def freeze_below(model: nn.Module, trained: tuple[str, ...]) -> None:
    """Freeze all parameters outside the named modules; what the builder froze inside stays frozen."""
    for name, parameter in model.named_parameters():
        if not inside(name, trained):
            parameter.requires_grad_(False)


class ModuleModes:
    """Mode of each module of a model while it learns: train for the named ones, eval for all others.

    So frozen BatchNorm keeps its statistics. What is asked for at every step walks through the model only once.
    """

    def __init__(self, model: nn.Module, trained: tuple[str, ...]) -> None:
        self._modules = [(module, inside(name, trained)) for name, module in model.named_modules()]

    def set(self) -> None:
        """Put each module into its mode, where it is in the other one."""
        for module, trains in self._modules:
            if module.training is not trains:
                module.training = trains


def set_train(model: nn.Module, trained: tuple[str, ...]) -> None:
    """Put the named modules into train mode, all others into eval mode, once."""
    ModuleModes(model, trained).set()


def inside(name: str, trained: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the roots or lies beneath one."""
    return any(root == "" or name == root or name.startswith(f"{root}.") for root in trained)


def place(model: nn.Module, device: str, precision: str = "fp32") -> nn.Module:
    """Move the model to its device, in channels_last where it is convolutional, has three channels and gains by
    it.

    It is on CPUs; on GPUs tensor cores want it in 16 bits, and convolutions of 32 bits are slower for it.
    """
    convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    faster = not device.startswith("cuda") or precision in SIXTEEN_BITS
    last = faster and bool(convolutions) and convolutions[0].in_channels == 3
    move: Callable[..., nn.Module] = model.to  # its stub lacks memory_format
    return move(device, memory_format=torch.channels_last if last else torch.contiguous_format)
