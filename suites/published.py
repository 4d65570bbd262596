"""Notation in which declarations state published figures."""

from __future__ import annotations

from bench.declare.declarations import Protocol
from evobench import Published
from suites.torchvision_builders import Weights, builders


def errors(
    *,
    top1: float | None = None,
    top5: float | None = None,
    source: str,
    protocol: Protocol,
    resolution: int | None = None,
) -> tuple[Published, ...]:
    """The top-1 and top-5 errors (in percent) that one source gives for one protocol; either may be missing.

    They were measured on pictures of `resolution` pixels a side; None: of the architecture's own size.
    """
    figures = []
    if top1 is not None:
        figures.append(Published("top1_error", top1, source, protocol, resolution=resolution))
    if top5 is not None:
        figures.append(Published("top5_error", top5, source, protocol, resolution=resolution))
    return tuple(figures)


def torchvision_v1(weights: str, *, top1: float, top5: float) -> tuple[Published, ...]:
    """Errors (in percent) of torchvision's first weights, on ImageNet's validation set, at their own crop size.

    What its metadata count stands beside them.
    """
    name = f"{weights}.IMAGENET1K_V1"
    known = [item.weights for item in builders().values() if item.weights and item.weights.name == name]
    side = known[0].crop if known else None
    found = errors(top1=top1, top5=top5, source=f"torchvision {name}", protocol="single crop", resolution=side)
    return (*found, *(figure for item in known[:1] for figure in _counts(item)))


def from_torchvision(name: str) -> tuple[Published, ...]:
    """Errors (in percent) and counts that torchvision's metadata state for the first weights of a builder."""
    weights = builders()[name].weights
    if weights is None:
        return ()
    source = f"torchvision {weights.name}"
    protocol: Protocol = "single crop"
    if "SWAG" in weights.name:
        source, protocol = f"{source} (pretrained on Instagram)", "single crop, extra training data"
    top1, top5 = round(100 - weights.top1, 3), round(100 - weights.top5, 3)
    found = errors(top1=top1, top5=top5, source=source, protocol=protocol, resolution=weights.crop)
    return (*found, *_counts(weights))


def _counts(weights: Weights) -> tuple[Published, ...]:
    """Parameters, and multiply-adds to the million."""
    source = f"torchvision {weights.name}"
    macs = round(weights.giga_macs * 1e9)
    return (
        Published("parameters", weights.parameters, source, "counted"),
        Published("macs", macs, source, "counted", step=1e6, resolution=weights.crop),
    )
