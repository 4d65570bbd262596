"""The compound scaling rule of EfficientNet, and B0 and a reduced form of it at any depth and width."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

torchvision_efficientnet = lazy("torchvision.models.efficientnet")

BASE_RESOLUTION = 224
"""Side of B0's input, in pixels."""


@dataclass(frozen=True)
class Scale:
    """Factors by which B0 is scaled."""

    depth: float
    """Multiplier of the layers of each stage."""
    width: float
    """Multiplier of all channels."""
    resolution: int
    """Side of the square input, in pixels."""


def compound(phi: float, alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15) -> Scale:
    """Depth alpha^phi, width beta^phi and resolution 224 gamma^phi (arXiv:1905.11946, section 3.3, equation 3).

    Cost grows by (alpha beta^2 gamma^2)^phi, which the paper wants near 2^phi; its constants give 1.92^phi.
    Of its own models B1 (phi = 0.5), B2 (1) and B3 (2) are near this rule.
    """
    return Scale(alpha**phi, beta**phi, round(BASE_RESOLUTION * gamma**phi))


@dataclass(frozen=True)
class ScaledModel:
    """A row of table 7 of arXiv:1905.11946."""

    scale: Scale
    multiply_adds: float
    """Billions of multiply-adds as printed (`FLOPS`), where one multiply-add is one as well."""


TABLE_7 = {
    "baseline": ScaledModel(Scale(1.0, 1.0, 224), 0.4),
    "depth": ScaledModel(Scale(4.0, 1.0, 224), 1.8),
    "width": ScaledModel(Scale(1.0, 2.0, 224), 1.8),
    "resolution": ScaledModel(Scale(1.0, 1.0, 448), 1.9),
    "compound": ScaledModel(Scale(1.4, 1.2, round(1.3 * BASE_RESOLUTION)), 1.8),
}
"""One dimension at a time against all three together, at equal cost as printed.

Counted are 0.39, 1.58, 1.45, 1.54 and 1.80: the single dimensions cost less than printed. Twice the resolution
makes at most four times the multiply-adds, and 1.9 is more than four times any number that rounds to 0.4.
"""


@of_work("tan2019efficientnet")(
    family="EfficientNet",
    order=160,
    resolution=BASE_RESOLUTION,
    min_resolution=1,
    head="classifier.1",
    upper=("features.7", "features.8"),
)
def efficientnet_scaled(num_classes: int, *, depth: float = 1.0, width: float = 1.0) -> nn.Module:
    """B0 with its layers and channels multiplied freely; channels are rounded to multiples of 8, layers up.

    Raises:
        ValueError: a multiplier is not above 0, or not finite.
    """
    _require_multipliers(depth, width)
    # private, but the only way to B0's stages with other multipliers; the public builders fix theirs
    stages, last = torchvision_efficientnet._efficientnet_conf(
        "efficientnet_b0", width_mult=width, depth_mult=depth
    )
    model: nn.Module = torchvision_efficientnet.EfficientNet(
        stages, dropout=0.2, last_channel=last, num_classes=num_classes
    )
    return model


TWICE = {
    "baseline": Scale(1.0, 1.0, 32),
    "depth": Scale(2.0, 1.0, 32),
    "width": Scale(1.0, 1.45, 32),
    "resolution": Scale(1.0, 1.0, 44),
    "compound": Scale(1.2, 1.05, 36),
}
"""`efficientnet_reduced` at twice the multiply-adds of its baseline, within 5 %, by one dimension or by all three.

Whole layers and multiples of 8 channels make of the compound scale 4 instead of 3 blocks and 88 instead of 80
channels.
"""
REDUCED_STAGES = ((1, 3, 1, 16, 16, 1), (4, 3, 2, 16, 40, 3), (4, 5, 2, 40, 80, 3))
"""Expansion, kernel size, stride, input and output channels and number of blocks of each stage."""


@of_work("tan2019efficientnet")(
    family="EfficientNet",
    order=160,
    resolution=32,
    min_resolution=1,
    reduced_of="efficientnet_b0",
    head="classifier.1",
    upper=("features.3", "features.4"),
)
def efficientnet_reduced(num_classes: int, *, depth: float = 1.0, width: float = 1.0) -> nn.Module:
    """Three stages of B0's blocks for pictures of 32 pixels, their layers and channels multiplied freely.

    Raises:
        ValueError: a multiplier is not above 0, or not finite.
    """
    _require_multipliers(depth, width)
    block = partial(torchvision_efficientnet.MBConvConfig, width_mult=width, depth_mult=depth)
    model: nn.Module = torchvision_efficientnet.EfficientNet(
        [block(*stage) for stage in REDUCED_STAGES], dropout=0.2, num_classes=num_classes
    )
    return model


def _require_multipliers(depth: float, width: float) -> None:
    for name, value in (("depth", depth), ("width", width)):
        if not 0 < value < inf:
            raise ValueError(f"{name} must be above 0 and finite, not {value:g}")
