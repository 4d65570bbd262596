"""The networks of "Delving Deep into Rectifiers" (arXiv:1502.01852, table 3)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class StagePlan:
    """One column of table 3: stages at 56, 28 and 14 pixels."""

    depth: int
    """3x3 convolutions of each stage."""
    widths: tuple[int, int, int]


MODEL_A = StagePlan(5, (256, 512, 512))
MODEL_B = StagePlan(6, (256, 512, 512))
MODEL_C = StagePlan(6, (384, 768, 896))
PYRAMID = (7, 3, 2, 1)
"""Bins a side of the spatial pyramid pooling."""


class PyramidPooling(nn.Module):
    """Max pooling to grids of 7 x 7, 3 x 3, 2 x 2 and 1 x 1 (arXiv:1406.4729): 63 values a channel at any size."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to N x 63 C."""
        grids = [nn.functional.adaptive_max_pool2d(maps, side).flatten(1) for side in PYRAMID]
        return torch.cat(grids, dim=1)


def prelu_net(num_classes: int, plan: StagePlan) -> nn.Sequential:
    """From N x 3 x R x R images to N x `num_classes` logits, for R of 15 pixels and more; the paper trains on 224.

    A slope of the negative part is learned for each channel, or unit of a linear layer, from 0.25. Weights begin
    as in the paper's equation 15, with that slope.
    """
    layers: list[nn.Module] = [nn.Conv2d(3, 96, 7, stride=2, padding=3), nn.PReLU(96)]
    channels = 96
    for width in plan.widths:
        layers.append(nn.MaxPool2d(2))
        for _ in range(plan.depth):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.PReLU(width)]
            channels = width
    bins = sum(side * side for side in PYRAMID)
    classifier = nn.Sequential(
        nn.Linear(channels * bins, 4096),
        nn.PReLU(4096),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.PReLU(4096),
        nn.Dropout(),
        nn.Linear(4096, num_classes),
    )
    model = nn.Sequential(
        OrderedDict(features=nn.Sequential(*layers), pyramid=PyramidPooling(), classifier=classifier)
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, a=0.25, nonlinearity="leaky_relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model
