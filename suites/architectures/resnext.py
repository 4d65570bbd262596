"""ResNeXt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench import architecture
from bench.lazy import lazy
from suites.published import errors, torchvision_v1

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")
_resnext = partial(
    architecture,
    family="ResNeXt",
    year=2017,
    paper="arXiv:1611.05431",
    min_resolution=1,
    head="fc",
    upper=("layer4",),
)


@_resnext(
    lecture=True,
    published=(
        *errors(top1=22.2, source="arXiv:1611.05431, Table 3", protocol="single crop, 224 px"),
        *torchvision_v1("ResNeXt50_32X4D_Weights", top1=22.382, top5=6.302),
    ),
)
def resnext50_32x4d(num_classes: int) -> nn.Module:
    """ResNet-50 whose 3x3 convolutions are split into 32 groups of 4 channels: cardinality, not depth or width."""
    model: nn.Module = models.resnext50_32x4d(weights=None, num_classes=num_classes)
    return model


@_resnext(
    published=(
        *errors(top1=20.4, top5=5.3, source="arXiv:1611.05431, Table 4", protocol="single crop, 224 px"),
        *torchvision_v1("ResNeXt101_64X4D_Weights", top1=16.754, top5=3.546),
    ),
)
def resnext101_64x4d(num_classes: int) -> nn.Module:
    """ResNet-101 with 64 groups of 4 channels: the model whose errors the lecture quotes."""
    model: nn.Module = models.resnext101_64x4d(weights=None, num_classes=num_classes)
    return model
