"""ZFNet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import early
else:
    early = lazy("suites.models.early")


@of_work("zeiler2013zfnet")(
    family="ZFNet",
    order=40,
    min_resolution=207,
    head="classifier.6",
    upper=("classifier.0", "classifier.3"),
    published=errors(top1=38.4, top5=16.5, source="arXiv:1311.2901v3, Table 2", protocol="crops not stated"),
)
def zfnet(num_classes: int) -> nn.Module:
    """AlexNet mended by looking at its features: 7x7 at stride 2 first, then a denser second layer."""
    return early.zfnet(num_classes)
