"""Small networks, and what is counted of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from bench.measures.counting.multiply_adds import MacCount
from bench.measures.counts import count_macs


class Net(nn.Module):
    """Modules by name, and a function of them and a picture."""

    def __init__(self, forward: Callable[[Any, torch.Tensor], torch.Tensor], **parts: Any) -> None:
        super().__init__()
        self.function = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.function(self, images)


def counted(net: nn.Module, *shape: int) -> MacCount:
    return count_macs(net, torch.zeros(shape or (1, 3, 32, 32)))


def agreed(net: nn.Module, *shape: int) -> int:
    """The multiply-adds, where both counters give them and the layers add up to them."""
    count = counted(net, *shape)
    assert ("yes", True, ()) == (count.agreement, count.counters_agree, count.incomplete)
    assert count.total == sum(layer.macs for layer in count.layers)
    return count.total
