"""GoogLeNet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import inception
else:
    inception = lazy("suites.models.inception")

models = lazy("torchvision.models")


@of_work("szegedy2014googlenet")(
    family="GoogLeNet",
    order=50,
    min_resolution=15,
    lecture=True,
    head="fc",
    upper=("inception5a", "inception5b"),
    auxiliary=("aux1", "aux2"),
    published=(
        *errors(
            top5=6.67, source="arXiv:1409.4842, Table 2 (7 networks, 144 crops, test set)", protocol="ensemble"
        ),
        *errors(top5=9.15, source="arXiv:1409.4842, Table 3", protocol="10-crop"),
        *torchvision_v1("GoogLeNet_Weights", top1=30.222, top5=10.47),
    ),
)
def googlenet(num_classes: int) -> nn.Module:
    """Several filter sizes at once: Inception modules of 1x1, 3x3 and pooled branches, two auxiliary heads."""
    model: nn.Module = models.googlenet(weights=None, num_classes=num_classes, aux_logits=True, init_weights=True)
    return model


@of_work("szegedy2014googlenet")(
    family="GoogLeNet",
    order=50,
    min_resolution=31,
    head="fc",
    upper=("inception5a", "inception5b"),
    auxiliary=("aux1", "aux2"),
    published=errors(top5=9.15, source="arXiv:1409.4842, Table 3", protocol="10-crop"),
)
def googlenet_2014(num_classes: int) -> nn.Module:
    """Published form: 5x5 branches (torchvision has 3x3 there), response normalisation, no batch normalisation."""
    return inception.GoogLeNet(num_classes)


@of_work("szegedy2014googlenet")(
    family="GoogLeNet",
    order=50,
    resolution=32,
    min_resolution=7,
    reduced_of="googlenet",
    head="fc",
    upper=("inception4a",),
)
def googlenet_reduced(num_classes: int, *, naive: bool = False) -> nn.Module:
    """Three inception modules of a quarter of the width, with their 1x1 reductions or, if naive, without."""
    return inception.reduced(num_classes, naive)
