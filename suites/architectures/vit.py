"""Vision transformer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import from_torchvision, torchvision_v1
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")
_vit = partial(
    of_work("dosovitskiy2020vit"),
    family="ViT",
    order=170,
    min_resolution=224,
    head="heads.head",
)
_BASE = ("encoder.layers.encoder_layer_11", "encoder.ln")
_LARGE = ("encoder.layers.encoder_layer_23", "encoder.ln")
_HUGE = ("encoder.layers.encoder_layer_31", "encoder.ln")


@_vit(
    lecture=True,
    upper=_BASE,
    published=torchvision_v1("ViT_B_16_Weights", top1=18.928, top5=4.682),
)
def vit_b_16(num_classes: int, *, image_size: int = 224) -> nn.Module:
    """Patches read like words: 196 of 16x16 pixels and a class token, in 12 transformer layers."""
    model: nn.Module = models.vit_b_16(weights=None, num_classes=num_classes, image_size=image_size)
    return model


@_vit(upper=_BASE, published=from_torchvision("vit_b_32"))
def vit_b_32(num_classes: int, *, image_size: int = 224) -> nn.Module:
    """ViT-B on 49 patches of 32x32 pixels: a quarter of the tokens."""
    model: nn.Module = models.vit_b_32(weights=None, num_classes=num_classes, image_size=image_size)
    return model


@_vit(upper=_LARGE, published=from_torchvision("vit_l_16"))
def vit_l_16(num_classes: int, *, image_size: int = 224) -> nn.Module:
    """24 layers, 16 heads and 1024 dimensions, on patches of 16x16 pixels."""
    model: nn.Module = models.vit_l_16(weights=None, num_classes=num_classes, image_size=image_size)
    return model


@_vit(upper=_LARGE, published=from_torchvision("vit_l_32"))
def vit_l_32(num_classes: int, *, image_size: int = 224) -> nn.Module:
    """ViT-L on 49 patches of 32x32 pixels."""
    model: nn.Module = models.vit_l_32(weights=None, num_classes=num_classes, image_size=image_size)
    return model


@_vit(upper=_HUGE, published=from_torchvision("vit_h_14"))
def vit_h_14(num_classes: int, *, image_size: int = 224) -> nn.Module:
    """32 layers, 16 heads and 1280 dimensions, on 256 patches of 14x14 pixels."""
    model: nn.Module = models.vit_h_14(weights=None, num_classes=num_classes, image_size=image_size)
    return model


@_vit(
    resolution=32,
    min_resolution=32,
    reduced_of="vit_b_16",
    upper=("encoder.layers.encoder_layer_3", "encoder.ln"),
)
def vit_reduced(num_classes: int) -> nn.Module:
    """ViT of 4 layers, 4 heads and 128 dimensions, on 64 patches of 4x4 pixels."""
    model: nn.Module = models.VisionTransformer(
        image_size=32,
        patch_size=4,
        num_layers=4,
        num_heads=4,
        hidden_dim=128,
        mlp_dim=256,
        num_classes=num_classes,
    )
    return model
