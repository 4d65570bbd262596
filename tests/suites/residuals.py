"""What the tests of residual networks share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from bench.lazy import lazy

resnet = lazy("torchvision.models.resnet")
Build = Callable[[int], nn.Module]
WIDTHS = (64, 128, 256, 512)
"""Of the four stages, in channels."""


def shapes(build: Build) -> nn.Module:
    """The model on the meta device, in eval mode."""
    with torch.device("meta"):
        return build(1000).eval()


def parameters(model: nn.Module) -> int:
    """All of them."""
    return sum(p.numel() for p in model.parameters())


def macs(build: Build) -> int:
    """Multiply-adds of one picture of 224 pixels, as torch counts them."""
    counter = FlopCounterMode(display=False)
    with counter:
        shapes(build)(torch.empty(1, 3, 224, 224, device="meta"))
    return int(counter.get_total_flops()) // 2


def tensors(model: nn.Module) -> dict[str, torch.Size]:
    """Shapes of all parameters and buffers, by name."""
    return {name: tensor.shape for name, tensor in model.state_dict().items()}


def torchvision_blocks(model: nn.Module) -> Iterator[Any]:
    """torchvision's basic blocks or bottlenecks, which it gives no types."""
    return (m for m in model.modules() if isinstance(m, resnet.BasicBlock | resnet.Bottleneck))


def with_statistics(model: nn.Module) -> nn.Module:
    """The model in eval mode, its batch normalisation no identity any more."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                assert tensor is not None
                nn.init.uniform_(tensor, 0.5, 1.5)
    return model.eval()
