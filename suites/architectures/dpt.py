"""Deformable patch-based transformer. With `deformable=false`, it is the pyramid vision transformer below it.

Its published errors are those of the authors' checkpoints, which do not load here: see `suites/models/dpt.py`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.published import errors
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import dpt
else:
    dpt = lazy("suites.models.dpt")

_dpt = partial(
    of_work("chen2021dpt"),
    family="DPT",
    order=190,
    min_resolution=224,
    head="head",
    upper=("stages.3", "norm"),
)
_published = partial(errors, source="arXiv:2107.14467, classification results", protocol="single crop")


@_dpt(lecture=True, published=_published(top1=22.6))
def dpt_tiny(num_classes: int, *, image_size: int = 224, deformable: bool = True) -> nn.Module:
    """Patches that learn their place: and their size, sampled bilinearly, in a pyramid of four stages."""
    return dpt.dpt(num_classes, "tiny", image_size, deformable)


@_dpt(published=_published(top1=19.0))
def dpt_small(num_classes: int, *, image_size: int = 224, deformable: bool = True) -> nn.Module:
    """DPT with 3, 4, 6 and 3 instead of 2 layers in its stages."""
    return dpt.dpt(num_classes, "small", image_size, deformable)


@_dpt(published=_published(top1=18.1))
def dpt_medium(num_classes: int, *, image_size: int = 224, deformable: bool = True) -> nn.Module:
    """DPT-Small with 18 layers in its third stage."""
    return dpt.dpt(num_classes, "medium", image_size, deformable)
