"""PReLU-net: the models A, B and C of "Delving Deep into Rectifiers"."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Published
from suites.published import errors
from suites.references import of_work, references

if TYPE_CHECKING:
    from torch import nn

    from suites.models import prelu_net as network
else:
    network = lazy("suites.models.prelu_net")

_prelu_net = partial(
    of_work("he2015prelu"),
    family="PReLU-net",
    order=80,
    min_resolution=15,
    head="classifier.6",
    upper=("classifier.0", "classifier.3"),
)


def _operations(model: str) -> Published:
    """Operations that table 3 states to three digits."""
    stated = references()["he2015prelu"]["figures"][f"Table 3, operations of model {model}"]
    return Published("macs", stated, "arXiv:1502.01852, Table 3", "counted", step=1e8)


@_prelu_net(published=[_operations("A")])
def prelu_net_a(num_classes: int) -> nn.Module:
    """19 weight layers with learned slopes of the negative part, at VGG-19's cost; pyramid pooling."""
    return network.prelu_net(num_classes, network.MODEL_A)


@_prelu_net(published=[_operations("B")])
def prelu_net_b(num_classes: int) -> nn.Module:
    """Model A with one more convolution in each stage: 22 weight layers."""
    return network.prelu_net(num_classes, network.MODEL_B)


@_prelu_net(
    published=(
        *errors(top1=24.27, top5=7.38, source="arXiv:1512.03385, Table 3", protocol="10-crop"),
        _operations("C"),
    )
)
def prelu_net_c(num_classes: int) -> nn.Module:
    """Model B with 384, 768 and 896 channels: wider instead of deeper."""
    return network.prelu_net(num_classes, network.MODEL_C)
