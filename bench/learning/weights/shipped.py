"""Weights that an architecture's library ships, wherever that keeps them. Loads no torch."""

from __future__ import annotations

from bench.cell import digest
from bench.declare.declarations import Architecture, Pretrained
from bench.declare.preprocessing import Cached

PRETRAINED = "pretrained"
"""Whatever the architecture's library ships."""
IMAGENET = "imagenet"
"""Weights that torchvision has, as scenarios call them."""


def shipped(architecture: Architecture, weights: str) -> str:
    """What `pretrained` stands for; other weights are what they are.

    The first that the architecture declares, as the models of timm and transformers do, too; else torchvision's.
    """
    if weights != PRETRAINED:
        return weights
    return architecture.pretrained[0].source if architecture.pretrained else IMAGENET


def declared(architecture: Architecture, weights: str) -> Pretrained | None:
    """The declaration of these weights, None where the architecture has none."""
    return next((item for item in architecture.pretrained if item.source == weights), None)


def fetchable(architecture: Architecture) -> Cached | None:
    """Weights that its library fetches when they are wanted; None: they are torchvision's, or in a package."""
    return next((item.cached for item in architecture.pretrained if item.cached), None)


def kept_digest(architecture: Architecture, weights: str) -> str:
    """Digest of which of the library's files are used, empty for weights that have no other versions."""
    item = declared(architecture, shipped(architecture, weights))
    if item is None or item.cached is None or item.cached.file() is None:
        return ""
    return digest(item.cached.about())
