"""LeNet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import lenet as network
    from suites.models import lenet_1998 as published
else:
    network = lazy("suites.models.lenet")
    published = lazy("suites.models.lenet_1998")


@of_work("lecun1998lenet")(
    family="LeNet",
    order=20,
    channels=1,
    resolution=32,
    min_resolution=32,
    lecture=True,
    head="output",
    upper=("c5", "f6"),
)
def lenet5(num_classes: int) -> nn.Module:
    """Convolution and pooling in turns: as commonly taught, dense C3, plain average pooling, linear output."""
    return network.lenet5(num_classes)


@of_work("lecun1998lenet")(
    family="LeNet",
    order=20,
    channels=1,
    resolution=32,
    min_resolution=32,
    head="output",
    upper=("c5", "f6"),
    tags=("fixed-head",),
)
def lenet5_1998(num_classes: int) -> nn.Module:
    """Published form: trainable subsampling, C3 wired by a table, distances to fixed codes; 60,000 parameters."""
    return published.lenet5_1998(num_classes)
