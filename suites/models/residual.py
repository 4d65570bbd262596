"""Networks of arXiv:1512.03385 that torchvision has not: without shortcuts, with others, with an earlier stride.

Names of modules and the initialisation are those of torchvision's `ResNet`: state dicts fit where shapes do.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import torch
from torch import nn

from bench.lazy import lazy

models = lazy("torchvision.models")
resnet = lazy("torchvision.models.resnet")

WIDTH = 64
"""Channels of the first of four stages of basic blocks; each stage doubles them (table 1)."""


_MakeBlock = Callable[[int, int, int], nn.Module]
"""Maker of a block of two convolutions, from channels in, channels out and stride."""


class _Block(Protocol):
    """Base of torchvision's two blocks."""

    conv1: nn.Conv2d
    conv2: nn.Conv2d
    downsample: nn.Module | None


class PlainBlock(nn.Module):
    """Two 3x3 convolutions, each with batch normalisation and a ReLU; nothing goes past them."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x channels x H x W to N x width x ceil(H / stride) x ceil(W / stride)."""
        maps = self.relu(self.bn1(self.conv1(maps)))
        result: torch.Tensor = self.relu(self.bn2(self.conv2(maps)))
        return result


class ZeroPaddedShortcut(nn.Module):
    """The identity where dimensions grow (option A): every `stride`-th pixel, and channels of zeros at the end."""

    def __init__(self, stride: int, extra: int) -> None:
        super().__init__()
        self.stride = stride
        self.extra = extra

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to N x (C + extra) x ceil(H / stride) x ceil(W / stride)."""
        sampled = maps[:, :, :: self.stride, :: self.stride]
        return nn.functional.pad(sampled, (0, 0, 0, 0, 0, self.extra))


def plain(num_classes: int, layers: Sequence[int], width: int = WIDTH) -> nn.Sequential:
    """From N x 3 x R x R images to N x `num_classes` logits through `layers` blocks a stage (section 3.3).

    Raises:
        ValueError: the first stage has no channel.
    """
    return _network(num_classes, layers, width, PlainBlock)


def option_a(num_classes: int, layers: Sequence[int], width: int = WIDTH) -> nn.Sequential:
    """The plain network with shortcuts that have no parameter: zero padding where dimensions grow.

    From one state of the random generator both begin with the same weights.

    Raises:
        ValueError: the first stage has no channel.
    """
    return _network(num_classes, layers, width, _block_of_option_a)


def resnet34_c(num_classes: int) -> nn.Module:
    """ResNet-34 with projections for all of its 16 shortcuts; batch normalisation follows each."""
    model: nn.Module = models.resnet34(weights=None, num_classes=num_classes)
    for block in _blocks(model):
        if block.downsample is None:
            width = block.conv1.in_channels
            projection = nn.Conv2d(width, width, 1, bias=False)
            _initialise(projection)
            block.downsample = nn.Sequential(projection, nn.BatchNorm2d(width))
    return model


def stride_in_the_first_1x1(model: nn.Module) -> nn.Module:
    """Move the stride of each of `model`'s bottlenecks from its 3x3 to its first 1x1 convolution, in place."""
    for block in _blocks(model):
        block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    return model


def _network(num_classes: int, layers: Sequence[int], width: int, block: _MakeBlock) -> nn.Sequential:
    if width < 1:
        raise ValueError(f"width must be 1 channel or more, not {width}")
    widths = [width * 2**stage for stage in range(len(layers))]
    model = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
            bn1=nn.BatchNorm2d(width),
            relu=nn.ReLU(inplace=True),
            maxpool=nn.MaxPool2d(3, stride=2, padding=1),
            **_stages(layers, widths, block),
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            fc=nn.Linear(widths[-1], num_classes),
        )
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            _initialise(module)
    return model


def _stages(layers: Sequence[int], widths: Sequence[int], block: _MakeBlock) -> dict[str, nn.Module]:
    stages: dict[str, nn.Module] = {}
    channels = widths[0]
    for number, (width, depth) in enumerate(zip(widths, layers, strict=True), 1):
        first = block(channels, width, 1 if number == 1 else 2)
        stages[f"layer{number}"] = nn.Sequential(first, *(block(width, width, 1) for _ in range(depth - 1)))
        channels = width
    return stages


def _block_of_option_a(channels: int, width: int, stride: int) -> nn.Module:
    shortcut = None if channels == width else ZeroPaddedShortcut(stride, width - channels)
    block: nn.Module = resnet.BasicBlock(channels, width, stride, shortcut)
    return block


def _blocks(model: nn.Module) -> Iterator[_Block]:
    kinds: tuple[type[_Block], ...] = (resnet.BasicBlock, resnet.Bottleneck)
    for module in model.modules():
        if isinstance(module, kinds):
            yield module


def _initialise(convolution: nn.Conv2d) -> None:
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
