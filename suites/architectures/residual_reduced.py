"""Small networks of basic blocks, of bottlenecks and of ResNeXt's paths that take the same multiply-adds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import residual_reduced as reduced
else:
    reduced = lazy("suites.models.residual_reduced")

_REDUCED = {"resolution": 32, "min_resolution": 1, "head": "fc", "upper": ("layer3",)}
_resnet = partial(of_work("he2015resnet"), family="ResNet", order=110, **_REDUCED)

PATHS = {1: 24, 2: 15, 4: 9, 8: 5}
"""Channels of a path by the number of paths: the multiply-adds of a single one of 24, within 3 %."""


@_resnet(reduced_of="resnet34")
def resnet_basic_reduced(num_classes: int) -> nn.Module:
    """Six basic blocks of 27 to 108 channels: as many multiply-adds as `resnet_bottleneck_reduced` takes."""
    return reduced.basic(num_classes)


@_resnet(reduced_of="resnet50")
def resnet_bottleneck_reduced(num_classes: int) -> nn.Module:
    """Six bottlenecks of 24 to 96 channels, with four times as many between them."""
    return reduced.bottleneck(num_classes)


@of_work("xie2016resnext")(family="ResNeXt", order=120, reduced_of="resnext50_32x4d", **_REDUCED)
def resnext_reduced(num_classes: int, *, cardinality: int = 8, bottleneck_width: int = 5) -> nn.Module:
    """Six bottlenecks of parallel paths; 1 path of 24 channels is `resnet_bottleneck_reduced`."""
    return reduced.bottleneck(num_classes, cardinality, bottleneck_width)
