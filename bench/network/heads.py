"""The layers whose outputs become a network's scores, found by running it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import nn

from bench.declare.declarations import Architecture
from bench.errors import Unsupported
from bench.network.outputs import NetworkOutputs
from bench.network.subject import pictures

_SAME = {"rtol": 1e-4, "atol": 1e-5}
_ALONE = 1e-3
"""Share of the largest value above which a difference between values of a picture is more than rounding."""
_NAMED = 3
_Call = tuple[str, int]
"""Dotted name of a layer, and which of its calls it is."""


@dataclass(frozen=True)
class Heads:
    """Heads that were found in a network."""

    architecture: str
    names: tuple[str, ...]
    """Dotted names of the layers whose outputs alone decide the scores, in the order of registration; empty: none
    found."""
    why: str
    """Reason why no heads were found."""

    def required(self) -> tuple[str, ...]:
        """Names of the heads, or an error where there are none.

        Raises:
            Unsupported: there are none.
        """
        if not self.names:
            raise Unsupported(
                f"{self.architecture} has no linear head to replace: {self.why}; declare the layer whose output"
                " becomes the scores, @architecture(head=NAME), or take a stage's features (features@STAGE)"
            )
        return self.names


def heads_of(model: nn.Module, architecture: Architecture, resolution: int) -> Heads:
    """Find a network's heads with two batches of two pictures of noise; the network is left in eval mode.

    A head is a linear layer, or a convolution of 1x1, that gives a number for each class. All such layers are made
    to answer with noise: those that the scores then depend on are the heads, if nothing else of the picture
    reaches the scores. So normalisation, a mean of two heads or a softmax may follow.

    Args:
        model: model on any device.
        architecture: declaration of the architecture. A declared head counts if it ran and scores depend on it.
        resolution: side of the pictures, in pixels.
    """
    outputs = NetworkOutputs(architecture.build, None, architecture.scores)
    one, other = _batches(model, architecture, resolution)
    layers = {name: module for name, module in model.eval().named_modules() if width_of(module)}
    ran: Counter[str] = Counter()
    with torch.no_grad(), _answering(model, layers, lambda call, output: ran.update([call[0]]) or output):
        scores = outputs.scores(model(one))
    wide = [name for name, module in layers.items() if width_of(module) == scores[0].numel()]
    found = _found(model, [name for name in wide if ran[name]], outputs, (one, other))
    heads = Heads(architecture.name, found, "" if found else _why(wide, ran, scores[0].numel()))
    return _as_declared(heads, architecture.head, layers, ran) if architecture.head else heads


def width_of(module: nn.Module) -> int:
    """Numbers that a layer that could be a head gives for each place; 0 for other layers."""
    if isinstance(module, nn.Linear):
        return module.out_features
    if isinstance(module, nn.Conv2d) and (module.kernel_size, module.stride, module.groups) == ((1, 1), (1, 1), 1):
        return module.out_channels
    return 0


@torch.no_grad()
def depends_on_neighbours(
    model: nn.Module, architecture: Architecture, resolution: int, heads: Collection[str]
) -> bool:
    """Whether a network's output for a picture depends on the other pictures of the batch.

    The network runs in eval mode, which it is left in. What the heads are given is looked at, and the scores: a
    head may be all zeros.
    """
    (picture, usual), (strange, _) = _batches(model, architecture, resolution)
    outputs = NetworkOutputs(architecture.build, None, architecture.scores)
    seen: list[list[torch.Tensor]] = []
    for beside in (usual, 3 * strange + 1):
        caught: list[torch.Tensor] = []
        with _given(model.eval(), heads, caught):
            caught.append(outputs.scores(model(torch.stack([picture, beside]))))
        seen.append([values[0] for values in caught])
    return not all(
        torch.allclose(a, b, rtol=0, atol=_ALONE * float(a.nan_to_num().abs().max()), equal_nan=True)
        for a, b in zip(*seen, strict=True)
    )


def _batches(model: nn.Module, architecture: Architecture, resolution: int) -> tuple[torch.Tensor, ...]:
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    one, other = pictures(architecture, resolution, 4).to(device).chunk(2)
    return one, other


def _found(
    model: nn.Module, wide: list[str], outputs: NetworkOutputs, batches: tuple[torch.Tensor, ...]
) -> tuple[str, ...]:
    """The layers that the scores depend on; none where the scores depend on something else, too."""
    noise: dict[_Call, torch.Tensor] = {}
    generator = torch.Generator().manual_seed(0)

    def noisy(call: _Call, output: torch.Tensor) -> torch.Tensor:
        if call not in noise:
            noise[call] = torch.randn(output.shape, generator=generator).to(output).requires_grad_()
        return noise[call].clone()  # which the network may change in place

    layers = {name: model.get_submodule(name) for name in wide}
    with torch.enable_grad(), _answering(model, layers, noisy):
        one, other = (outputs.scores(model(batch)) for batch in batches)
    if not one.requires_grad or not torch.allclose(one, other, **_SAME, equal_nan=True):
        return ()
    weights = torch.randn(one.shape, generator=generator).to(one)
    gradients = torch.autograd.grad((one * weights).sum(), list(noise.values()), allow_unused=True)
    reach = {name for (name, _), found in zip(noise, gradients, strict=True) if found is not None and found.any()}
    return tuple(name for name in wide if name in reach)


def _why(wide: list[str], ran: Collection[str], classes: int) -> str:
    active, idle = ([name for name in wide if (name in ran) == runs] for runs in (True, False))
    found = [
        *([f"the scores do not come from {_listed(active)} alone"] if active else []),
        *([f"{_listed(idle)} never ran"] if idle else []),
    ]
    return ", and ".join(found) or f"no linear layer gives {classes} scores"


def _as_declared(heads: Heads, declared: str, layers: Collection[str], ran: Collection[str]) -> Heads:
    if declared not in layers:
        why = f"the declared head '{declared}' is not a linear layer"
    elif declared not in ran:
        why = f"the declared head '{declared}' never ran"
    elif heads.names and declared not in heads.names:
        why = f"the scores come from {_listed(heads.names)}, not from the declared head '{declared}'"
    else:
        return replace(heads, names=heads.names or (declared,), why="")
    return replace(heads, names=(), why=why)


def _listed(names: Collection[str]) -> str:
    return ", ".join(list(names)[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


@contextmanager
def _answering(
    model: nn.Module, layers: dict[str, nn.Module], answer: Callable[[_Call, torch.Tensor], torch.Tensor]
) -> Iterator[None]:
    """Context in which layers return what `answer` makes of a call and its output; calls are counted from a pass's
    start."""
    calls: Counter[str] = Counter()

    def hook(name: str) -> Callable[..., torch.Tensor]:
        def answered(_: nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
            calls[name] += 1
            return answer((name, calls[name]), output)

        return answered

    hooks = [model.register_forward_pre_hook(lambda _, __: calls.clear())]
    hooks += [module.register_forward_hook(hook(name)) for name, module in layers.items()]
    try:
        yield
    finally:
        for handle in hooks:
            handle.remove()


@contextmanager
def _given(model: nn.Module, names: Collection[str], caught: list[torch.Tensor]) -> Iterator[None]:
    """Context in which the inputs of the named layers are captured."""
    hooks = [
        model.get_submodule(name).register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
        for name in names
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
