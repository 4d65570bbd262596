"""The inception module by itself, with and without 1x1 reductions, at the place of GoogLeNet's 3a."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import inception
else:
    inception = lazy("suites.models.inception")

_block = partial(
    of_work("szegedy2014googlenet"),
    family="Building block",
    order=60,
    channels=192,
    resolution=28,
    min_resolution=1,
    tags=("block",),
)


@_block()
def inception_naive(num_classes: int) -> nn.Module:
    """1x1, 3x3 and 5x5 convolutions and a pooling of all 192 channels, side by side: 416 channels out."""
    return inception.NaiveInception(192, inception.MODULES["3a"])


@_block()
def inception_reduced(num_classes: int) -> nn.Module:
    """The same widths behind 1x1 reductions to 96 and 16 channels, the pooled maps projected: 256 channels out."""
    return inception.Inception(192, inception.MODULES["3a"])
