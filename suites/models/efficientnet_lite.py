"""EfficientNet-Lite, from torchvision's building blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn

from bench.lazy import load

ops = load("torchvision.ops")

# TensorFlow's defaults, with which the published weights were trained
_norm = partial(nn.BatchNorm2d, eps=1e-3)


@dataclass(frozen=True)
class LiteStage:
    """A row of Table 1 in arXiv:1905.11946: inverted bottlenecks of equal width."""

    expansion: int
    kernel: int
    stride: int
    channels: int
    layers: int


LITE0 = (
    LiteStage(1, 3, 1, 16, 1),
    LiteStage(6, 3, 2, 24, 2),
    LiteStage(6, 5, 2, 40, 2),
    LiteStage(6, 3, 2, 80, 3),
    LiteStage(6, 5, 1, 112, 3),
    LiteStage(6, 5, 2, 192, 4),
    LiteStage(6, 3, 1, 320, 1),
)
STEM = 32
LAST = 1280


class SamePadding(nn.Module):
    """TensorFlow's `SAME`: what is missing on both sides, the odd pixel at the right and at the bottom."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad N x C x H x W so that a convolution without padding gives ceil(H / stride) x ceil(W / stride)."""
        top, bottom = self._missing(x.shape[-2])
        left, right = self._missing(x.shape[-1])
        return nn.functional.pad(x, (left, right, top, bottom))

    def _missing(self, side: int) -> tuple[int, int]:
        outputs = -(-side // self.stride)
        total = max(0, (outputs - 1) * self.stride + self.kernel - side)
        return total // 2, total - total // 2


class InvertedBottleneck(nn.Module):
    """Expand, filter each channel, project; the input is added where the shapes agree."""

    def __init__(self, inputs: int, stage: LiteStage, stride: int) -> None:
        super().__init__()
        inner = inputs * stage.expansion
        layers: list[nn.Module] = []
        if inner != inputs:
            layers.append(_convolution(inputs, inner, 1))
        layers.append(_convolution(inner, inner, stage.kernel, stride, groups=inner))
        layers.append(_convolution(inner, stage.channels, 1, activation=None))
        self.block = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N x inputs x H x W to N x channels x ceil(H / stride) x ceil(W / stride)."""
        y: torch.Tensor = self.block(x)
        return x + y if self.residual else y


class EfficientNetLite(nn.Module):
    """EfficientNet without squeeze-and-excitation, with ReLU6; stem and head have one width at every scale."""

    def __init__(self, stages: tuple[LiteStage, ...], num_classes: int, dropout: float) -> None:
        super().__init__()
        stem = _convolution(3, STEM, 3, stride=2)
        last = _convolution(stages[-1].channels, LAST, 1)
        self.features = nn.Sequential(stem, *_stages(stages), last)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(LAST, num_classes))
        self._initialise()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N x 3 x H x W to N x classes."""
        y: torch.Tensor = self.classifier(self.avgpool(self.features(x)).flatten(1))
        return y

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                bound = module.out_features**-0.5
                nn.init.uniform_(module.weight, -bound, bound)
                nn.init.zeros_(module.bias)


def efficientnet_lite0(num_classes: int) -> EfficientNetLite:
    """Lite0: the widths and depths of EfficientNet-B0."""
    return EfficientNetLite(LITE0, num_classes, dropout=0.2)


def efficientnet_lite1(num_classes: int) -> EfficientNetLite:
    """Lite1: a tenth deeper."""
    return EfficientNetLite(scaled(1.0, 1.1), num_classes, dropout=0.2)


def efficientnet_lite2(num_classes: int) -> EfficientNetLite:
    """Lite2: a tenth wider, a fifth deeper."""
    return EfficientNetLite(scaled(1.1, 1.2), num_classes, dropout=0.3)


def scaled(width: float, depth: float) -> tuple[LiteStage, ...]:
    """Lite0's stages with more channels and layers; the first and the last keep their depth."""
    last = len(LITE0) - 1
    return tuple(
        replace(
            stage,
            channels=_in_eights(width * stage.channels),
            layers=stage.layers if i in (0, last) else math.ceil(depth * stage.layers),
        )
        for i, stage in enumerate(LITE0)
    )


def _in_eights(channels: float) -> int:
    """The nearest multiple of 8, unless it would take more than a tenth away."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def _stages(stages: tuple[LiteStage, ...]) -> Iterator[nn.Module]:
    inputs = STEM
    for stage in stages:
        blocks = []
        for layer in range(stage.layers):
            blocks.append(InvertedBottleneck(inputs, stage, stage.stride if layer == 0 else 1))
            inputs = stage.channels
        yield nn.Sequential(*blocks)


def _convolution(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] | None = nn.ReLU6,
) -> nn.Module:
    convolution: nn.Module = ops.Conv2dNormActivation(
        inputs,
        outputs,
        kernel,
        stride,
        padding=0 if stride > 1 else kernel // 2,
        groups=groups,
        norm_layer=_norm,
        activation_layer=activation,
    )
    # symmetric padding is the same thing at stride 1, and costs no copy
    return nn.Sequential(SamePadding(kernel, stride), convolution) if stride > 1 else convolution
