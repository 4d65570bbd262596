"""The three kinds of shortcuts that the paper of ResNet compares at 34 layers, and the first of them at 18.

Those of option A have the parameters of the plain network of as many layers; `width` is that of its first stage.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors
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
    order=110,
    min_resolution=1,
    head="fc",
    upper=("layer4",),
)
_ten_crop = partial(errors, source="arXiv:1512.03385, Table 3", protocol="10-crop")


@_resnet(published=errors(top1=27.88, source="arXiv:1512.03385, Table 2", protocol="10-crop"))
def resnet18_a(num_classes: int, *, width: int = 64) -> nn.Module:
    """ResNet-18 whose shortcuts have no parameters: zeros fill the new channels (option A)."""
    return residual.option_a(num_classes, (2, 2, 2, 2), width)


@_resnet(published=_ten_crop(top1=25.03, top5=7.76))
def resnet34_a(num_classes: int, *, width: int = 64) -> nn.Module:
    """ResNet-34 whose shortcuts have no parameters: zeros fill the new channels (option A)."""
    return residual.option_a(num_classes, (3, 4, 6, 3), width)


@_resnet(published=_ten_crop(top1=24.52, top5=7.46))
def resnet34_b(num_classes: int) -> nn.Module:
    """ResNet-34 with projection shortcuts where the dimensions grow (option B): the same as resnet34."""
    model: nn.Module = models.resnet34(weights=None, num_classes=num_classes)
    return model


@_resnet(published=_ten_crop(top1=24.19, top5=7.40))
def resnet34_c(num_classes: int) -> nn.Module:
    """ResNet-34 with projections for all shortcuts (option C)."""
    return residual.resnet34_c(num_classes)
