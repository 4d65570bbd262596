"""The block of ResNeXt with its paths written out (arXiv:1611.05431, figure 3a)."""

from __future__ import annotations

from functools import reduce

import torch
from torch import nn


class SplitTransformAggregate(nn.Module):
    """`cardinality` paths from `channels` by way of `width` channels and back; their sum joins the input.

    Batch normalisation of the last convolutions follows their sum: so the block equals the one of a grouped
    convolution (figure 3c), as section 4 of the paper notes. Without `norm` there is none.
    """

    def __init__(self, channels: int, cardinality: int, width: int, norm: bool = True) -> None:
        super().__init__()
        self.paths = nn.ModuleList(_path(channels, width, norm) for _ in range(cardinality))
        self.norm = nn.BatchNorm2d(channels) if norm else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x channels x H x W to the same shape."""
        # one after the other, so that no more than two paths' outputs are in memory
        aggregated = reduce(torch.add, (path(maps) for path in self.paths))
        result: torch.Tensor = self.relu(self.norm(aggregated) + maps)
        return result


def _path(channels: int, width: int, norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for convolution in (
        nn.Conv2d(channels, width, 1, bias=False),
        nn.Conv2d(width, width, 3, padding=1, bias=False),
    ):
        layers += [convolution, nn.BatchNorm2d(width) if norm else nn.Identity(), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.Conv2d(width, channels, 1, bias=False))
