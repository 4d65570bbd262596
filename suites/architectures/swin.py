"""Swin transformer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors, from_torchvision, torchvision_v1
from suites.references import of_preprint, of_work

if TYPE_CHECKING:
    from torch import nn

models = lazy("torchvision.models")
_swin = partial(
    of_work("liu2021swin"),
    family="Swin",
    order=200,
    min_resolution=4,
    head="head",
    upper=("features.7", "norm"),
)
_swin_v2 = partial(
    of_preprint("2111.09883", venue_year=2022),
    family="Swin V2",
    order=200,
    resolution=256,
    min_resolution=4,
    head="head",
    upper=("features.7", "norm"),
)


@_swin(
    lecture=True,
    published=(
        *torchvision_v1("Swin_T_Weights", top1=18.526, top5=4.224),
        *errors(top1=18.7, source="arXiv:2103.14030, Table 1", protocol="single crop"),
    ),
)
def swin_t(num_classes: int) -> nn.Module:
    """Attention in shifted windows: of 7x7 tokens each, over four stages of falling resolution."""
    model: nn.Module = models.swin_t(weights=None, num_classes=num_classes)
    return model


@_swin(published=from_torchvision("swin_s"))
def swin_s(num_classes: int) -> nn.Module:
    """Swin-T with 18 instead of 6 layers in its third stage."""
    model: nn.Module = models.swin_s(weights=None, num_classes=num_classes)
    return model


@_swin(published=from_torchvision("swin_b"))
def swin_b(num_classes: int) -> nn.Module:
    """Swin-S of 128 instead of 96 dimensions in its first stage."""
    model: nn.Module = models.swin_b(weights=None, num_classes=num_classes)
    return model


@_swin_v2(published=from_torchvision("swin_v2_t"))
def swin_v2_t(num_classes: int) -> nn.Module:
    """Swin-T whose layers normalise last, compare by cosine and compute the position bias, in windows of 8x8."""
    model: nn.Module = models.swin_v2_t(weights=None, num_classes=num_classes)
    return model


@_swin_v2(published=from_torchvision("swin_v2_s"))
def swin_v2_s(num_classes: int) -> nn.Module:
    """Swin V2 with 18 instead of 6 layers in its third stage."""
    model: nn.Module = models.swin_v2_s(weights=None, num_classes=num_classes)
    return model


@_swin_v2(published=from_torchvision("swin_v2_b"))
def swin_v2_b(num_classes: int) -> nn.Module:
    """Swin V2-S of 128 instead of 96 dimensions in its first stage."""
    model: nn.Module = models.swin_v2_b(weights=None, num_classes=num_classes)
    return model


@_swin(
    resolution=32,
    min_resolution=2,
    reduced_of="swin_t",
    upper=("features.5", "norm"),
)
def swin_reduced(num_classes: int) -> nn.Module:
    """Swin of three stages of two layers, 48 to 192 dimensions, patches of 2x2 pixels, windows of 4x4 tokens."""
    model: nn.Module = models.SwinTransformer(
        patch_size=[2, 2],
        embed_dim=48,
        depths=[2, 2, 2],
        num_heads=[2, 4, 8],
        window_size=[4, 4],
        num_classes=num_classes,
    )
    return model
