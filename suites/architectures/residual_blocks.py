"""The blocks of ResNet and ResNeXt by themselves, at the place of their first stage.

With `norm=False` only the convolutions stay, which have no bias: those are the weights that the papers compare.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import residual_blocks as blocks
else:
    blocks = lazy("suites.models.residual_blocks")

torch_nn = lazy("torch.nn")
resnet = lazy("torchvision.models.resnet")
_resnet_block, _resnext_block = (
    partial(
        of_work(key),
        family="Building block",
        order=140,
        channels=256,
        resolution=56,
        min_resolution=1,
        tags=("block",),
    )
    for key in ("he2015resnet", "xie2016resnext")
)


@_resnet_block(channels=64)
def block_basic(num_classes: int, *, norm: bool = True) -> nn.Module:
    """Two 3x3 convolutions of 64 channels and an identity shortcut: the block of ResNet-18 and -34."""
    block: nn.Module = resnet.BasicBlock(64, 64, norm_layer=_norm(norm))
    return block


@_resnet_block()
def block_basic_256(num_classes: int, *, norm: bool = True) -> nn.Module:
    """Two 3x3 convolutions of 256 channels: what a bottleneck of as many channels in and out saves."""
    block: nn.Module = resnet.BasicBlock(256, 256, norm_layer=_norm(norm))
    return block


@_resnet_block()
def block_bottleneck(num_classes: int, *, norm: bool = True) -> nn.Module:
    """1x1 from 256 to 64 channels, 3x3, 1x1 back to 256: the block of ResNet-50, -101 and -152."""
    block: nn.Module = resnet.Bottleneck(256, 64, norm_layer=_norm(norm))
    return block


@_resnext_block()
def block_resnext(
    num_classes: int, *, cardinality: int = 32, bottleneck_width: int = 4, norm: bool = True
) -> nn.Module:
    """1x1 from 256 to 128 channels, 3x3 in 32 groups of 4, 1x1 back to 256: that of ResNeXt-50 (figure 3c)."""
    block: nn.Module = resnet.Bottleneck(
        256, 64, groups=cardinality, base_width=bottleneck_width, norm_layer=_norm(norm)
    )
    return block


@_resnext_block()
def block_resnext_split(
    num_classes: int, *, cardinality: int = 32, bottleneck_width: int = 4, norm: bool = True
) -> nn.Module:
    """32 paths of 4 channels side by side, summed: the block of ResNeXt-50 as it is explained (figure 3a)."""
    return blocks.SplitTransformAggregate(256, cardinality, bottleneck_width, norm)


def _norm(wanted: bool) -> type[nn.Module]:
    norm: type[nn.Module] = torch_nn.BatchNorm2d if wanted else torch_nn.Identity
    return norm
