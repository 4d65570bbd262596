"""Small networks of ResNet's and ResNeXt's blocks for pictures of 32 pixels, of the same cost whatever the block.

Three stages of two blocks: 8 x 8, 4 x 4 and 2 x 2 positions of a picture of 32 pixels, with channels that double.
Modules are named, and weights drawn, as by torchvision's `ResNet`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from bench.lazy import lazy

resnet = lazy("torchvision.models.resnet")

STAGES, BLOCKS = 3, 2
BASIC_WIDTH = 27
"""Channels of the first stage of basic blocks: the multiply-adds of the bottlenecks, within 0.1 %."""
BOTTLENECK_WIDTH = 24
"""Channels of the first stage's 3x3 convolutions; four times as many go in and out of a bottleneck."""
_MakeBlock = Callable[[int, int, int, "nn.Module | None"], nn.Module]
"""Maker of a block, from channels in, width, stride and shortcut."""


def basic(num_classes: int) -> nn.Sequential:
    """From N x 3 x R x R images to N x `num_classes` logits through two 3x3 convolutions a block."""
    return _network(num_classes, BASIC_WIDTH, resnet.BasicBlock.expansion, resnet.BasicBlock)


def bottleneck(num_classes: int, cardinality: int = 1, path_width: int = BOTTLENECK_WIDTH) -> nn.Sequential:
    """From N x 3 x R x R images to N x `num_classes` logits through a 1x1, a 3x3 and a 1x1 convolution a block.

    Args:
        num_classes: logits.
        cardinality: groups of the 3x3 convolutions.
        path_width: channels of each group in the first stage.

    Raises:
        ValueError: there is no path, or none of its channels.
    """
    if min(cardinality, path_width) < 1:
        raise ValueError(f"{cardinality} paths of {path_width} channels make no block")

    def block(channels: int, width: int, stride: int, shortcut: nn.Module | None) -> nn.Module:
        # torchvision's bottleneck has int(width * base_width / 64) channels a path; the half keeps it from 1 less
        base_width = 64 * (path_width * width // BOTTLENECK_WIDTH + 0.5) / width
        made: nn.Module = resnet.Bottleneck(channels, width, stride, shortcut, cardinality, base_width)
        return made

    return _network(num_classes, BOTTLENECK_WIDTH, resnet.Bottleneck.expansion, block)


def _network(num_classes: int, width: int, expansion: int, block: _MakeBlock) -> nn.Sequential:
    stages, channels = OrderedDict[str, nn.Module](), width
    for stage in range(STAGES):
        blocks: list[nn.Module] = []
        for number in range(BLOCKS):
            out, stride = expansion * width * 2**stage, 2 if stage and not number else 1
            blocks.append(block(channels, width * 2**stage, stride, _shortcut(channels, out, stride)))
            channels = out
        stages[f"layer{stage + 1}"] = nn.Sequential(*blocks)
    model = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, width, 3, stride=2, padding=1, bias=False),
            bn1=nn.BatchNorm2d(width),
            relu=nn.ReLU(inplace=True),
            maxpool=nn.MaxPool2d(3, stride=2, padding=1),
            **stages,
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            fc=nn.Linear(channels, num_classes),
        )
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def _shortcut(channels: int, out: int, stride: int) -> nn.Module | None:
    """A projection where dimensions grow (option B), else the identity."""
    if channels == out:
        return None
    return nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
