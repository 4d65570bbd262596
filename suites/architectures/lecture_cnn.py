"""The lecture's own network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import architecture

if TYPE_CHECKING:
    from torch import nn

    from suites.models import lecture_cnn as network
else:
    network = lazy("suites.models.lecture_cnn")


# no year: the slides carry none
@architecture(
    family="Lecture CNN",
    order=10,
    paper="Lecture II, Object Recognition II: Visualizing filters",
    channels=1,
    resolution=28,
    min_resolution=28,
    lecture=True,
    head="out",
    upper=("conv2",),
)
def lecture_cnn(num_classes: int, *, kernel_size: int = 5) -> nn.Module:
    """Two 5x5 convolutions with max pooling and one linear layer: the network whose table the slides print."""
    return network.LectureCNN(num_classes, kernel_size)
