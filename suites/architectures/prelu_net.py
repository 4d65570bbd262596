"""PReLU-net: the models A, B and C of "Delving Deep into Rectifiers"."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import architecture
from suites.published import errors

if TYPE_CHECKING:
    from torch import nn

    from suites.models import prelu_net as network
else:
    network = lazy("suites.models.prelu_net")

_prelu_net = partial(
    architecture,
    family="PReLU-net",
    order=80,
    year=2015,
    paper="arXiv:1502.01852",
    min_resolution=15,
    head="classifier.6",
    upper=("classifier.0", "classifier.3"),
)


# The paper's table 3 states 1.90, 2.32 and 5.30 x 10^10 operations; counted are 1.91, 2.32 and 5.35.
@_prelu_net()
def prelu_net_a(num_classes: int) -> nn.Module:
    """19 weight layers with learned slopes of the negative part, at VGG-19's cost; pyramid pooling."""
    return network.prelu_net(num_classes, network.MODEL_A)


@_prelu_net()
def prelu_net_b(num_classes: int) -> nn.Module:
    """Model A with one more convolution in each stage: 22 weight layers."""
    return network.prelu_net(num_classes, network.MODEL_B)


@_prelu_net(published=errors(top1=24.27, top5=7.38, source="arXiv:1512.03385, Table 3", protocol="10-crop"))
def prelu_net_c(num_classes: int) -> nn.Module:
    """Model B with 384, 768 and 896 channels: wider instead of deeper."""
    return network.prelu_net(num_classes, network.MODEL_C)
