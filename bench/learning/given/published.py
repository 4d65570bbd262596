"""Published accuracies of weights, and whether pictures are those on which they were measured."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.declare.declarations import Architecture
from bench.learning.given.classes import IMAGENET
from bench.learning.weights.shipped import IMAGENET as TORCHVISION
from bench.learning.weights.sources import torchvision_weights

ILSVRC_VALIDATION = 50_000
"""Number of pictures in ILSVRC's validation set, which has equally many of each class."""
_EACH = ILSVRC_VALIDATION // IMAGENET
_OF_ILSVRC = re.compile(r"ILSVRC2012_val_\d{8}")
"""Names of ILSVRC's files, wherever they are copied to."""
_DRAWN = 0.9
"""Least share of the classes that a random draw reaches on average: with fewer, some classes were chosen."""


@dataclass(frozen=True)
class PublishedAccuracy:
    """Accuracies of weights on ILSVRC's validation set, as shares."""

    top1: float
    top5: float | None
    by: str
    resolution: int


def published_of(architecture: Architecture, weights: str) -> PublishedAccuracy | None:
    """Published accuracies of these weights; None where none are known, as for a user's file."""
    if weights == TORCHVISION:
        return of_torchvision(torchvision_weights(architecture))
    if not any(item.source == weights for item in architecture.pretrained):
        return None
    found = {item.quantity: item for item in architecture.published if item.protocol.startswith("single crop")}
    if "top1_error" not in found:
        return None
    top1, top5 = found["top1_error"], found.get("top5_error")
    side = top1.resolution or architecture.resolution
    return PublishedAccuracy(1 - top1.value / 100, 1 - top5.value / 100 if top5 else None, top1.source, side)


def of_torchvision(weights: Any) -> PublishedAccuracy | None:
    """Accuracies in the metadata of torchvision's weights."""
    figures = weights.meta.get("_metrics", {}).get("ImageNet-1K")
    if not figures:
        return None
    (side,) = weights.transforms().crop_size
    return PublishedAccuracy(figures["acc@1"] / 100, figures["acc@5"] / 100, f"torchvision {weights}", side)


def pictures_of(paths: Collection[Path], classes: Collection[int]) -> str:
    """Part of ILSVRC's validation set that the pictures are, in words; empty where they are not from it.

    Its files are known by their names. Some of its classes alone are another, easier or harder, test.

    Args:
        paths: paths of the pictures.
        classes: classes of the pictures.
    """
    n = len({path.name for path in paths})
    if n != len(paths) or not all(_OF_ILSVRC.fullmatch(path.stem) for path in paths):
        return ""
    if len(set(classes)) < _DRAWN * _expected_classes(n):
        return ""
    what = "ILSVRC's validation set"
    return what if n == ILSVRC_VALIDATION else f"{n} of the {ILSVRC_VALIDATION} pictures of {what}"


def _expected_classes(n: int) -> float:
    """Mean number of classes in a random draw of n pictures."""
    absent = 1.0
    for i in range(_EACH):
        absent *= max(0, ILSVRC_VALIDATION - n - i) / (ILSVRC_VALIDATION - i)
    return IMAGENET * (1 - absent)
