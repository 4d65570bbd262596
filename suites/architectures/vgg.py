"""VGG."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import vgg_reduced
else:
    vgg_reduced = lazy("suites.models.vgg_reduced")

models = lazy("torchvision.models")
_vgg = partial(
    of_work("simonyan2014vgg"),
    family="VGG",
    order=70,
    min_resolution=32,
    head="classifier.6",
    upper=("classifier.0", "classifier.3"),
)
_SINGLE_SCALE = partial(errors, source="arXiv:1409.1556, Table 3", protocol="dense, single-scale")
_MULTI_SCALE = partial(errors, source="arXiv:1409.1556, Table 4", protocol="dense, multi-scale")


@_vgg(
    published=(
        *_SINGLE_SCALE(top1=29.6, top5=10.4),
        *torchvision_v1("VGG11_Weights", top1=30.98, top5=11.372),
    )
)
def vgg11(num_classes: int) -> nn.Module:
    """Configuration A: eight 3x3 convolutions and three linear layers."""
    model: nn.Module = models.vgg11(weights=None, num_classes=num_classes)
    return model


@_vgg(
    published=(
        *_SINGLE_SCALE(top1=28.7, top5=9.9),
        *torchvision_v1("VGG13_Weights", top1=30.072, top5=10.754),
    )
)
def vgg13(num_classes: int) -> nn.Module:
    """Configuration B: ten 3x3 convolutions and three linear layers."""
    model: nn.Module = models.vgg13(weights=None, num_classes=num_classes)
    return model


@_vgg(
    lecture=True,
    published=(
        *errors(top1=28.07, top5=9.33, source="arXiv:1512.03385, Table 3", protocol="10-crop"),
        *_MULTI_SCALE(top1=24.8, top5=7.5),
        *torchvision_v1("VGG16_Weights", top1=28.408, top5=9.618),
    ),
)
def vgg16(num_classes: int) -> nn.Module:
    """Deep stacks of 3x3 alone: configuration D, thirteen convolutions and three linear layers."""
    model: nn.Module = models.vgg16(weights=None, num_classes=num_classes)
    return model


@_vgg(
    lecture=True,
    published=(
        *_MULTI_SCALE(top1=24.8, top5=7.5),
        *torchvision_v1("VGG19_Weights", top1=27.624, top5=9.124),
    ),
)
def vgg19(num_classes: int) -> nn.Module:
    """Deep stacks of 3x3 alone: configuration E, sixteen convolutions and three linear layers."""
    model: nn.Module = models.vgg19(weights=None, num_classes=num_classes)
    return model


@_vgg(published=torchvision_v1("VGG11_BN_Weights", top1=29.63, top5=10.19))
def vgg11_bn(num_classes: int) -> nn.Module:
    """VGG-11 with batch normalisation after each of its eight convolutions, which the paper lacks."""
    model: nn.Module = models.vgg11_bn(weights=None, num_classes=num_classes)
    return model


@_vgg(published=torchvision_v1("VGG13_BN_Weights", top1=28.414, top5=9.626))
def vgg13_bn(num_classes: int) -> nn.Module:
    """VGG-13 with batch normalisation after each of its ten convolutions, which the paper lacks."""
    model: nn.Module = models.vgg13_bn(weights=None, num_classes=num_classes)
    return model


@_vgg(published=torchvision_v1("VGG16_BN_Weights", top1=26.64, top5=8.484))
def vgg16_bn(num_classes: int) -> nn.Module:
    """VGG-16 with batch normalisation after each of its thirteen convolutions, which the paper lacks."""
    model: nn.Module = models.vgg16_bn(weights=None, num_classes=num_classes)
    return model


@_vgg(published=torchvision_v1("VGG19_BN_Weights", top1=25.782, top5=8.158))
def vgg19_bn(num_classes: int) -> nn.Module:
    """VGG-19 with batch normalisation after each of its sixteen convolutions, which the paper lacks."""
    model: nn.Module = models.vgg19_bn(weights=None, num_classes=num_classes)
    return model


@_vgg(resolution=32, reduced_of="vgg11")
def vgg11_reduced(num_classes: int) -> nn.Module:
    """The convolutions of VGG-11 with batch normalisation, and a classifier of 512 units for 32-pixel pictures."""
    return vgg_reduced.vgg11_reduced(num_classes)
