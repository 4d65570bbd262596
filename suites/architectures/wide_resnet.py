"""Wide ResNet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, from_torchvision
from suites.references import of_preprint

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")
_wide_resnet = partial(
    of_preprint("1605.07146", venue_year=2016),
    family="Wide ResNet",
    order=130,
    min_resolution=1,
    head="fc",
    upper=("layer4",),
)


@_wide_resnet(
    published=(
        *from_torchvision("wide_resnet50_2"),
        *errors(top1=21.9, top5=6.03, source="arXiv:1605.07146, Table 8", protocol="single crop"),
    )
)
def wide_resnet50_2(num_classes: int) -> nn.Module:
    """ResNet-50 whose 3x3 convolutions are twice as wide: width in place of depth."""
    model: nn.Module = models.wide_resnet50_2(weights=None, num_classes=num_classes)
    return model


@_wide_resnet(published=from_torchvision("wide_resnet101_2"))
def wide_resnet101_2(num_classes: int) -> nn.Module:
    """ResNet-101 whose 3x3 convolutions are twice as wide."""
    model: nn.Module = models.wide_resnet101_2(weights=None, num_classes=num_classes)
    return model
