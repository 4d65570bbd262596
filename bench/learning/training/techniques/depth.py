"""Layer-wise decay of the learning rate: the layer of a network that each parameter belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from bench.learning.surgery import inside

LEAST = 4
"""Least number of blocks in a stack."""
MOST = 24
"""Most layers of a network: those of ViT-L, the deepest that MAE fine-tunes with ViT-B's decay. In a deeper stack,
consecutive blocks form one layer, or its lower half would not learn at all."""
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


@dataclass(frozen=True)
class LayerDepths:
    """Layer of each parameter of a network: 0 for the stem, the last for the part after the last block."""

    layers: int = 0
    """Number of layers in the stack of blocks; 0: there is none, and all parameters are in one layer."""
    stack: str = ""
    """Description of the stack."""
    _of: Mapping[torch.Tensor, int] = field(default_factory=dict)

    def share(self, parameter: torch.Tensor, decay: float) -> float:
        """Share of the learning rate: `decay` to the power of the number of layers above the parameter's own.

        The head and what else comes after the last block have all of it, the last block `decay`, the stem least
        (BEiT, arXiv:2106.08254, as MAE's published code numbers the layers).
        """
        top = self.layers + 1
        return decay ** (top - self._of.get(parameter, top)) if self.layers else 1.0

    def groups(
        self, parameters: Sequence[torch.Tensor], decay: float, *, spares_vectors: bool
    ) -> list[dict[str, Any]]:
        """Parameter groups for an optimizer, each with its `share` of the learning rate.

        Args:
            parameters: parameters that learn.
            decay: factor from a layer to the one below it.
            spares_vectors: whether those of one axis or none have no weight decay.
        """
        found: dict[tuple[float, bool], list[torch.Tensor]] = defaultdict(list)
        for parameter in parameters:
            found[self.share(parameter, decay), spares_vectors and parameter.ndim < 2].append(parameter)
        return [
            {"params": some, "share": share, **({"weight_decay": 0.0} if spared else {})}
            for (share, spared), some in found.items()
        ]

    def told(self, decay: float) -> dict[str, Any]:
        """Details for the record; empty where all layers have the same rate because the recipe says so."""
        return {} if decay == 1 else {"stack": self.stack or "none: all layers learn alike"}

    def warnings(self, decay: float) -> tuple[str, ...]:
        """One line where a decay is requested for a network without layers."""
        if decay == 1 or self.layers:
            return ()
        return ("it has no stack of blocks that layer-wise decay could go by: all its layers learn at one rate",)


ALIKE = LayerDepths()
"""Depth with all parameters in one layer."""


def depth_of(model: nn.Module) -> LayerDepths:
    """Layers of a network by its stack of blocks, in the order in which modules are registered.

    What comes before the first block is the stem; what lies between two blocks belongs to the lower one.
    """
    blocks = blocks_of(model)
    if not blocks:
        return ALIKE
    layers = min(len(blocks), MOST)
    home = {name: i for i, root in enumerate(blocks) for name in _names(model, root)}
    end = max(home.values(), default=0)
    of: dict[torch.Tensor, int] = {}
    block = -1
    for name, parameter in model.named_parameters():
        block = home.get(name, len(blocks) if block >= end else block)
        of[parameter] = 1 + block * layers // len(blocks)
    kind = type(model.get_submodule(blocks[0])).__name__
    joined = "" if layers == len(blocks) else f" in {layers} layers"
    return LayerDepths(layers, f"{len(blocks)} blocks of {kind}{joined}", of)


def blocks_of(model: nn.Module) -> tuple[str, ...]:
    """Dotted names of the blocks that a network stacks, in order of registration; empty without a stack.

    Those are the modules of one class, `LEAST` or more, made of others and none within another, that hold half of
    the network's parameters or more; of several such classes the one of the fewest modules, or else the largest.
    """
    found: dict[type[nn.Module], list[str]] = defaultdict(list)
    for name, module in model.named_modules():
        own = found[type(module)]
        if name and _is_block(module) and not inside(name, tuple(own[-1:])):
            own.append(name)
    total = sum(parameter.numel() for parameter in model.parameters())
    sizes = {kind: _size(model, names) for kind, names in found.items()}
    stacks = [kind for kind, names in found.items() if len(names) >= LEAST and 2 * sizes[kind] >= total]
    best = min(stacks, key=lambda kind: (len(found[kind]), -sizes[kind]), default=None)
    return tuple(found[best]) if best else ()


def has_layers(model: nn.Module) -> bool:
    """Whether a network is a transformer with a stack of blocks, for which layer-wise decay is tuned."""
    blocks = blocks_of(model)
    return any(_is_attention(module) for name in blocks[:1] for module in model.get_submodule(name).modules())


def _is_attention(module: nn.Module) -> bool:
    return isinstance(module, nn.MultiheadAttention) or "attention" in type(module).__name__.lower()


def _is_block(module: nn.Module) -> bool:
    return not isinstance(module, _CONTAINERS) and next(module.children(), None) is not None


def _names(model: nn.Module, root: str) -> list[str]:
    return [f"{root}.{name}" for name, _ in model.get_submodule(root).named_parameters()]


def _size(model: nn.Module, names: Sequence[str]) -> int:
    return sum(p.numel() for name in names for p in model.get_submodule(name).parameters())
