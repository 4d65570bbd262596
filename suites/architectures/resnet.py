"""ResNet. torchvision strides in the 3x3 of a bottleneck (v1.5), the paper in its first 1x1."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import residual
else:
    residual = lazy("suites.models.residual")

models = lazy("torchvision.models")
_resnet = partial(
    of_work("he2015resnet"),
    family="ResNet",
    order=100,
    min_resolution=1,
    lecture=True,
    head="fc",
    upper=("layer4",),
)
_ten_crop = partial(errors, source="arXiv:1512.03385, Table 3", protocol="10-crop")
_as_published = partial(_resnet, lecture=False)


@_resnet(
    published=(
        *errors(top1=27.88, source="arXiv:1512.03385, Table 2 (identity shortcuts)", protocol="10-crop"),
        *torchvision_v1("ResNet18_Weights", top1=30.242, top5=10.922),
    )
)
def resnet18(num_classes: int) -> nn.Module:
    """Shortcuts around blocks: 18 weight layers, basic blocks, projections where dimensions grow (option B)."""
    model: nn.Module = models.resnet18(weights=None, num_classes=num_classes)
    return model


@_resnet(
    published=(
        *_ten_crop(top1=24.52, top5=7.46),
        *torchvision_v1("ResNet34_Weights", top1=26.686, top5=8.58),
    )
)
def resnet34(num_classes: int) -> nn.Module:
    """34 weight layers, basic blocks, projection shortcuts where the dimensions grow (option B)."""
    model: nn.Module = models.resnet34(weights=None, num_classes=num_classes)
    return model


@_resnet(published=torchvision_v1("ResNet50_Weights", top1=23.87, top5=7.138))
def resnet50(num_classes: int) -> nn.Module:
    """50 weight layers, bottleneck blocks with the stride in the 3x3 convolution (v1.5)."""
    model: nn.Module = models.resnet50(weights=None, num_classes=num_classes)
    return model


@_resnet(published=torchvision_v1("ResNet101_Weights", top1=22.626, top5=6.454))
def resnet101(num_classes: int) -> nn.Module:
    """101 weight layers, bottleneck blocks with the stride in the 3x3 convolution (v1.5)."""
    model: nn.Module = models.resnet101(weights=None, num_classes=num_classes)
    return model


@_resnet(published=torchvision_v1("ResNet152_Weights", top1=21.688, top5=5.954))
def resnet152(num_classes: int) -> nn.Module:
    """152 weight layers, bottleneck blocks with the stride in the 3x3 convolution (v1.5)."""
    model: nn.Module = models.resnet152(weights=None, num_classes=num_classes)
    return model


@_as_published(published=_ten_crop(top1=22.85, top5=6.71))
def resnet50_v1(num_classes: int) -> nn.Module:
    """50 weight layers, bottleneck blocks with the stride in the first 1x1 convolution, as published."""
    return residual.stride_in_the_first_1x1(resnet50(num_classes))


@_as_published(published=_ten_crop(top1=21.75, top5=6.05))
def resnet101_v1(num_classes: int) -> nn.Module:
    """101 weight layers, bottleneck blocks with the stride in the first 1x1 convolution, as published."""
    return residual.stride_in_the_first_1x1(resnet101(num_classes))


@_as_published(
    published=(
        *_ten_crop(top1=21.43, top5=5.71),
        *errors(
            top5=3.57,
            source="arXiv:1512.03385, Table 5 (6 networks of mixed depth, test set)",
            protocol="ensemble",
        ),
    )
)
def resnet152_v1(num_classes: int) -> nn.Module:
    """152 weight layers, bottleneck blocks with the stride in the first 1x1 convolution, as published."""
    return residual.stride_in_the_first_1x1(resnet152(num_classes))
