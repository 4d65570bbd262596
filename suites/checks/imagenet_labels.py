"""ImageNet's categories, by the names that torchvision's weights carry."""

from __future__ import annotations

from typing import Any

from bench.lazy import lazy
from evobench import Evidence, check

models = lazy("torchvision.models")


@check(kind="counted")
def imagenet_categories() -> Evidence:
    """How many categories torchvision's ImageNet weights tell apart."""
    found = len(_categories())
    return Evidence(found, "names in the metadata of torchvision's ResNet-18 weights")


def _categories() -> list[str]:
    meta: dict[str, Any] = models.ResNet18_Weights.IMAGENET1K_V1.meta
    categories: list[str] = meta["categories"]
    return categories
