"""Plain networks: what ResNet is compared with in its paper. `width` is the channels of their first stage."""

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

_plain = partial(
    of_work("he2015resnet"),
    family="Plain network",
    order=90,
    min_resolution=1,
    head="fc",
    upper=("layer4",),
)


@_plain(published=errors(top1=27.94, source="arXiv:1512.03385, Table 2", protocol="10-crop"))
def plain18(num_classes: int, *, width: int = 64) -> nn.Module:
    """ResNet-18 without its shortcuts."""
    return residual.plain(num_classes, (2, 2, 2, 2), width)


@_plain(published=errors(top1=28.54, top5=10.02, source="arXiv:1512.03385, Table 3", protocol="10-crop"))
def plain34(num_classes: int, *, width: int = 64) -> nn.Module:
    """ResNet-34 without its shortcuts: deeper than plain-18, and worse."""
    return residual.plain(num_classes, (3, 4, 6, 3), width)
