"""Compound scaling: what grows from one EfficientNet to another, and whether at one ratio."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models

if TYPE_CHECKING:
    from torch import nn
else:
    nn = lazy("torch.nn")

RULE = {"width": 1.1, "depth": 1.2, "resolution": 1.15}
"""Factors by which one step of the compound coefficient multiplies each dimension (arXiv:1905.11946, section
3.3)."""


@check(kind="counted")
def scaled_dimensions(*, architecture: str, baseline: str, resolution: int = 0) -> Evidence:
    """Which of width, depth and resolution a network has more of than its baseline, in this order.

    Args:
        architecture: the scaled network, of torchvision's EfficientNet.
        baseline: the one that was scaled.
        resolution: side of the input in pixels; 0: the architecture's own.
    """
    factors = _factors(architecture, baseline, resolution)
    found = [name for name, factor in factors.items() if factor > 1]
    return Evidence(found, f"{architecture} beside {baseline}: {_shown(factors)}")


@check(kind="counted")
def one_coefficient(*, architectures: list[str], baseline: str, within: float) -> Evidence:
    """`a fixed ratio` where one compound coefficient gives all three dimensions of each network, up to `within`.

    Else `more ratios than one`.

    The coefficient of a dimension is the logarithm of its factor over the baseline, to the base of the paper's
    rule: 1.1 for width, 1.2 for depth, 1.15 for resolution.
    """
    notes, apart = [], 0.0
    for architecture in architectures:
        factors = _factors(architecture, baseline, 0)
        steps = {name: log(factor) / log(RULE[name]) for name, factor in factors.items()}
        apart = max(apart, max(steps.values()) - min(steps.values()))
        notes.append(f"{architecture} {'/'.join(f'{step:.1f}' for step in steps.values())}")
    shown = f"coefficients by width/depth/resolution apart by up to {apart:.1f}: {', '.join(notes)}"
    return Evidence("a fixed ratio" if apart <= within else "more ratios than one", shown)


@check(kind="counted")
def scaled_up_in_turn(*, architectures: list[str]) -> Evidence:
    """Whether each network is scaled up in some dimension, and down in none, beside the one before it."""
    steps = [_factors(after, before, 0) for before, after in pairwise(architectures)]
    grown = [[name for name, factor in step.items() if factor > 1] for step in steps]
    none_falls = all(factor >= 1 for step in steps for factor in step.values())
    named = zip(architectures[1:], grown, strict=True)
    shown = "; ".join(f"{name}: {', '.join(names) or 'nothing'}" for name, names in named)
    return Evidence(none_falls and all(grown), f"more than the one before has {shown}")


@check(kind="counted")
def more_complex(*, architectures: list[str]) -> Evidence:
    """Whether each network has more parameters and more multiply-adds than the one before it."""
    amounts = [(models.parameters(name), models.macs(name)) for name in architectures]
    rises = all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(amounts))
    (few, little), (many, much) = amounts[0], amounts[-1]
    return Evidence(
        rises,
        f"{many / few:.1f} times the parameters and {much / little:.1f} times the multiply-adds"
        f" in {architectures[-1]} of those in {architectures[0]}",
    )


def _factors(architecture: str, baseline: str, resolution: int) -> dict[str, float]:
    sides = [ARCHITECTURES.get(name).resolution for name in (architecture, baseline)]
    return {
        "width": _channels(architecture) / _channels(baseline),
        "depth": _blocks(architecture) / _blocks(baseline),
        "resolution": (resolution or sides[0]) / sides[1],
    }


def _channels(architecture: str) -> int:
    """Channels of the last convolution."""
    layers = [m for m in models.built(architecture).modules() if isinstance(m, nn.Conv2d)]
    return layers[-1].out_channels


def _blocks(architecture: str) -> int:
    """Inverted bottlenecks."""
    return sum(type(module).__name__ == "MBConv" for module in models.built(architecture).modules())


def _shown(factors: dict[str, float]) -> str:
    return ", ".join(f"{name} x {factor:.2f}" for name, factor in factors.items())
