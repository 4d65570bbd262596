"""Vision transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import architecture
from bench.lazy import lazy
from suites.published import torchvision_v1

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")


@architecture(
    family="ViT",
    year=2021,
    paper="arXiv:2010.11929",
    min_resolution=224,
    lecture=True,
    head="heads.head",
    upper=("encoder.layers.encoder_layer_11", "encoder.ln"),
    published=torchvision_v1("ViT_B_16_Weights", top1=18.928, top5=4.682),
)
def vit_b_16(num_classes: int) -> nn.Module:
    """A picture is a sequence of 196 patches of 16x16 pixels and a class token, read by 12 transformer layers."""
    model: nn.Module = models.vit_b_16(weights=None, num_classes=num_classes)
    return model


@architecture(
    family="ViT",
    year=2021,
    paper="arXiv:2010.11929",
    resolution=32,
    min_resolution=32,
    reduced_of="vit_b_16",
    head="heads.head",
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
