"""AlexNet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import early
else:
    early = lazy("suites.models.early")

models = lazy("torchvision.models")
_PAPER = "Krizhevsky et al. 2012, Table 2 (two-column form)"


@of_work("krizhevsky2012alexnet")(
    family="AlexNet",
    order=30,
    paper="Krizhevsky et al., NeurIPS 2012; one column as in arXiv:1404.5997",
    min_resolution=63,
    lecture=True,
    head="classifier.6",
    upper=("classifier.1", "classifier.4"),
    published=(
        *errors(
            top5=15.3,
            source=f"{_PAPER}: 7 networks, 2 of them trained on more data, test set",
            protocol="ensemble",
        ),
        *errors(top1=40.7, top5=18.2, source=_PAPER, protocol="10-crop"),
        *torchvision_v1("AlexNet_Weights", top1=43.478, top5=20.934),
    ),
)
def alexnet(num_classes: int) -> nn.Module:
    """Deeper and wider than LeNet-5: five convolutions, three linear layers, ReLU and dropout, in one column."""
    model: nn.Module = models.alexnet(weights=None, num_classes=num_classes)
    return model


@of_work("krizhevsky2012alexnet")(
    family="AlexNet",
    order=30,
    resolution=227,
    min_resolution=227,
    head="classifier.6",
    upper=("classifier.0", "classifier.3"),
    published=errors(top1=40.7, top5=18.2, source="Krizhevsky et al. 2012, Table 2", protocol="10-crop"),
)
def alexnet_2012(num_classes: int) -> nn.Module:
    """Published form: two groups for two GPUs, response normalisation, overlapping pooling, 227 pixels."""
    return early.alexnet_2012(num_classes)
