"""EfficientNet, each at its own resolution."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")
_efficientnet = partial(
    of_work("tan2019efficientnet"),
    family="EfficientNet",
    order=150,
    min_resolution=1,
    lecture=True,
    head="classifier.1",
    upper=("features.7", "features.8"),
)
# the caption of the paper's figure 1 says that its numbers are of one crop and one model
_paper = partial(errors, source="arXiv:1905.11946, Table 8", protocol="single crop")


@_efficientnet(
    resolution=224,
    published=(
        *torchvision_v1("EfficientNet_B0_Weights", top1=22.308, top5=6.468),
        *_paper(top1=22.89, top5=6.65),
    ),
)
def efficientnet_b0(num_classes: int) -> nn.Module:
    """Found by search, then scaled: the baseline of inverted bottlenecks with squeeze-and-excitation."""
    model: nn.Module = models.efficientnet_b0(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=240,
    published=(
        *torchvision_v1("EfficientNet_B1_Weights", top1=21.358, top5=5.814),
        *_paper(top1=20.87, top5=5.53),
    ),
)
def efficientnet_b1(num_classes: int) -> nn.Module:
    """B0 scaled up: width 1.0, depth 1.1, 240 pixels."""
    model: nn.Module = models.efficientnet_b1(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=260,
    published=(
        *torchvision_v1("EfficientNet_B2_Weights", top1=19.392, top5=4.69),
        *_paper(top1=19.93, top5=5.1),
    ),
)
def efficientnet_b2(num_classes: int) -> nn.Module:
    """B0 scaled up: width 1.1, depth 1.2, 260 pixels."""
    model: nn.Module = models.efficientnet_b2(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=300,
    published=(
        *torchvision_v1("EfficientNet_B3_Weights", top1=17.992, top5=3.946),
        *_paper(top1=18.41, top5=4.33),
    ),
)
def efficientnet_b3(num_classes: int) -> nn.Module:
    """B0 scaled up: width 1.2, depth 1.4, 300 pixels."""
    model: nn.Module = models.efficientnet_b3(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=380,
    published=(
        *torchvision_v1("EfficientNet_B4_Weights", top1=16.616, top5=3.406),
        *_paper(top1=17.11, top5=3.63),
    ),
)
def efficientnet_b4(num_classes: int) -> nn.Module:
    """B0 scaled up: width 1.4, depth 1.8, 380 pixels."""
    model: nn.Module = models.efficientnet_b4(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=456,
    published=(
        *torchvision_v1("EfficientNet_B5_Weights", top1=16.556, top5=3.372),
        *_paper(top1=16.4, top5=3.29),
    ),
)
def efficientnet_b5(num_classes: int) -> nn.Module:
    """B0 scaled up: width 1.6, depth 2.2, 456 pixels."""
    model: nn.Module = models.efficientnet_b5(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=528,
    published=(
        *torchvision_v1("EfficientNet_B6_Weights", top1=15.992, top5=3.084),
        *_paper(top1=16.05, top5=3.24),
    ),
)
def efficientnet_b6(num_classes: int) -> nn.Module:
    """B0 scaled up: width 1.8, depth 2.6, 528 pixels."""
    model: nn.Module = models.efficientnet_b6(weights=None, num_classes=num_classes)
    return model


@_efficientnet(
    resolution=600,
    published=(
        *torchvision_v1("EfficientNet_B7_Weights", top1=15.878, top5=3.092),
        *_paper(top1=15.74, top5=3.03),
    ),
)
def efficientnet_b7(num_classes: int) -> nn.Module:
    """B0 scaled up: width 2.0, depth 3.1, 600 pixels."""
    model: nn.Module = models.efficientnet_b7(weights=None, num_classes=num_classes)
    return model
