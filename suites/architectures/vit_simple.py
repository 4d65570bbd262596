"""A vision transformer written to be read: all its parts in one module.

`positions` is `learned`, as published, `sinusoidal` or `none`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import vit_simple as network
else:
    network = lazy("suites.models.vit_simple")


@of_work("dosovitskiy2020vit")(
    family="ViT",
    order=180,
    min_resolution=224,
    head="head",
)
def vit_simple(
    num_classes: int,
    *,
    image_size: int = 224,
    patch_size: int = 16,
    dim: int = 768,
    depth: int = 12,
    heads: int = 12,
    mlp_dim: int = 3072,
    positions: str = "learned",
) -> nn.Module:
    """ViT-B/16 from scratch: patches, class token, positions, attention with its map, MLP, head, each in sight."""
    shape = network.Shape(
        image_size=image_size, patch_size=patch_size, dim=dim, depth=depth, heads=heads, mlp_dim=mlp_dim
    )
    return network.VisionTransformer(num_classes, shape, positions)
