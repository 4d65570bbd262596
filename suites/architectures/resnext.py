"""ResNeXt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, from_torchvision, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")
_resnext = partial(
    of_work("xie2016resnext"),
    family="ResNeXt",
    order=120,
    min_resolution=1,
    head="fc",
    upper=("layer4",),
)

BOTTLENECK = 256 * 64 + 3 * 3 * 64 * 64 + 64 * 256
"""Weights of ResNet-50's bottleneck of 64 channels (arXiv:1611.05431, section 3.4): 69,632."""


def width_at_constant_complexity(cardinality: int) -> int:
    """The channels of a path that bring `cardinality` paths nearest to the weights of ResNet-50's bottleneck.

    C paths of d channels have C (256 d + 3 * 3 d^2 + 256 d) weights (arXiv:1611.05431, equation 4). For 1, 2, 4, 8
    and 32 paths these are the widths of the paper's table 2.

    Raises:
        ValueError: there is no path.
    """
    if cardinality < 1:
        raise ValueError(f"{cardinality} paths make no block")
    return min(range(1, 65), key=lambda d: abs(cardinality * (256 * d + 3 * 3 * d * d + d * 256) - BOTTLENECK))


@_resnext(
    lecture=True,
    published=(
        *torchvision_v1("ResNeXt50_32X4D_Weights", top1=22.382, top5=6.302),
        *errors(top1=22.2, source="arXiv:1611.05431, Table 3", protocol="single crop"),
    ),
)
def resnext50_32x4d(num_classes: int) -> nn.Module:
    """Grouped convolutions: ResNet-50 whose 3x3 ones are split into 32 groups of 4 channels (cardinality)."""
    model: nn.Module = models.resnext50_32x4d(weights=None, num_classes=num_classes)
    return model


@_resnext(published=from_torchvision("resnext101_32x8d"))
def resnext101_32x8d(num_classes: int) -> nn.Module:
    """ResNet-101 with 32 groups of 8 channels."""
    model: nn.Module = models.resnext101_32x8d(weights=None, num_classes=num_classes)
    return model


@_resnext(
    published=(
        *torchvision_v1("ResNeXt101_64X4D_Weights", top1=16.754, top5=3.546),
        *errors(top1=20.4, top5=5.3, source="arXiv:1611.05431, Table 4", protocol="single crop"),
    ),
)
def resnext101_64x4d(num_classes: int) -> nn.Module:
    """ResNet-101 with 64 groups of 4 channels: the model whose errors the lecture quotes."""
    model: nn.Module = models.resnext101_64x4d(weights=None, num_classes=num_classes)
    return model


@_resnext()
def resnext50_constant(num_classes: int, *, cardinality: int = 32, bottleneck_width: int = 4) -> nn.Module:
    """ResNeXt-50 of any cardinality and any width of a path; 1 path of 64 channels is ResNet-50."""
    model: nn.Module = models.ResNet(
        models.resnet.Bottleneck,
        [3, 4, 6, 3],
        num_classes=num_classes,
        groups=cardinality,
        width_per_group=bottleneck_width,
    )
    return model
