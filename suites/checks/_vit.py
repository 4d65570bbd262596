"""Vision transformers of torchvision as the checks look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bench.lazy import lazy
from suites.checks import _models as models

if TYPE_CHECKING:
    import torch
    from torchvision.models import VisionTransformer
else:
    torch = lazy("torch")
    VisionTransformer = None


def shaped(name: str) -> VisionTransformer:
    """The architecture on the meta device. Shared: not to be changed."""
    return cast("VisionTransformer", models.built(name))


def valued(name: str) -> VisionTransformer:
    """The architecture with values. Shared: not to be changed."""
    return cast("VisionTransformer", models.real(name))


def noise(*shape: int) -> torch.Tensor:
    """The same normally distributed numbers at every call with one shape."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))
