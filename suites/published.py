"""How declarations state the figures that others published."""

from __future__ import annotations

from bench import Published
from suites.torchvision_builders import builders

SINGLE_CROP = "single crop"
"""The protocol of all of torchvision's own figures, so that one chart can hold to one protocol."""


def errors(
    *, top1: float | None = None, top5: float | None = None, source: str, protocol: str
) -> tuple[Published, ...]:
    """The top-1 and top-5 errors (in percent) that one source gives for one protocol; either may be missing."""
    figures = []
    if top1 is not None:
        figures.append(Published("top1_error", top1, source, protocol))
    if top5 is not None:
        figures.append(Published("top5_error", top5, source, protocol))
    return tuple(figures)


def torchvision_v1(weights: str, *, top1: float, top5: float) -> tuple[Published, ...]:
    """Errors (in percent) of torchvision's first weights, on ImageNet's validation set, at their own crop size."""
    return errors(top1=top1, top5=top5, source=f"torchvision {weights}.IMAGENET1K_V1", protocol=SINGLE_CROP)


def from_torchvision(name: str) -> tuple[Published, ...]:
    """Errors (in percent) that torchvision's metadata state for the first weights of one of its builders."""
    weights = builders()[name].weights
    if weights is None:
        return ()
    protocol = SINGLE_CROP if weights.name.endswith("IMAGENET1K_V1") else "single crop, pretrained on Instagram"
    top1, top5 = round(100 - weights.top1, 3), round(100 - weights.top5, 3)
    return errors(top1=top1, top5=top5, source=f"torchvision {weights.name}", protocol=protocol)
