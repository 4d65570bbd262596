"""Weights that an architecture's library ships, wherever that keeps them. Loads no torch."""

from __future__ import annotations

from bench.cell import digest
from bench.declare.declarations import Architecture, Pretrained
from bench.declare.preprocessing import Cached

PRETRAINED = "pretrained"
"""Source that stands for whatever the architecture's library ships."""
IMAGENET = "imagenet"
"""Source of weights that torchvision has, as scenarios call it."""


def shipped(architecture: Architecture, weights: str) -> str:
    """Weights that `pretrained` stands for; other weights are unchanged.

    The first that the architecture declares, as the models of timm and transformers do, too; else torchvision's.
    """
    if weights != PRETRAINED:
        return weights
    return architecture.pretrained[0].source if architecture.pretrained else IMAGENET


def declared(architecture: Architecture, weights: str) -> Pretrained | None:
    """Declaration of these weights; None where the architecture has none."""
    return next((item for item in architecture.pretrained if item.source == weights), None)


def fetchable(architecture: Architecture) -> Cached | None:
    """Weights that the library downloads on demand; None: they are torchvision's, or in a package."""
    return next((item.cached for item in architecture.pretrained if item.cached), None)


def kept_digest(architecture: Architecture, weights: str) -> str:
    """Digest that tells which of the library's files are used; empty for weights without other versions."""
    item = declared(architecture, shipped(architecture, weights))
    if item is None or item.cached is None or item.cached.file() is None:
        return ""
    return digest(item.cached.about())
