"""Savings to which a network owes its few parameters: each is undone by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks import _models as models

if TYPE_CHECKING:
    from torch import nn
else:
    nn = lazy("torch.nn")


@check(kind="counted")
def what_saves_most(*, architecture: str, than: str) -> Evidence:
    """What saves an inception network more parameters: `1x1 convolutions`, or `average pooling`.

    Without the first, the larger kernels see their input unreduced. Without the second, the linear layers of
    `than` take the last maps whole, where now one linear layer takes their means.

    Args:
        architecture: architecture of inception modules, whose branches hold a 1x1 convolution before a larger one.
        than: the network that it is compared with, which ends in linear layers.
    """
    found = models.parameters(architecture, auxiliary=False)
    unreduced, unpooled = found + _reduced(architecture), found + _pooled(architecture, than)
    linear, total = sum(map(_size, _linear(than))), models.parameters(than)
    return Evidence(
        "1x1 convolutions" if unreduced > unpooled else "average pooling",
        f"{architecture} has {found:,} parameters; without the 1x1 convolutions it would have {unreduced:,}, with"
        f" the linear layers of {than} {unpooled:,}; those hold {linear:,} of the {total:,} of {than}",
    )


def _reduced(architecture: str) -> int:
    """Parameters that the 1x1 convolutions before larger ones save."""
    saved = 0
    for module in models.built(architecture).modules():
        layers = [part for part in module.modules() if isinstance(part, nn.Conv2d)]
        if len(layers) == 2 and layers[0].kernel_size == (1, 1) != layers[1].kernel_size:
            first, second = layers
            area = second.kernel_size[0] * second.kernel_size[1]
            saved += second.out_channels * (first.in_channels * area + 1) - _size(first) - _size(second)
    return saved


def _pooled(architecture: str, than: str) -> int:
    """Parameters that a mean of the last maps saves before the linear layers of `than`."""
    (own,), (first, *rest) = _linear(architecture), _linear(than)
    height, width = next(leaf.output[2:] for leaf in reversed(models.shapes(architecture)) if _is_map(leaf.output))
    inputs = own.in_features * height * width
    return first.out_features * (inputs + 1) + sum(map(_size, rest)) - _size(own)


def _is_map(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[2:] != (1, 1)


def _linear(architecture: str) -> list[nn.Linear]:
    """Linear layers in the order in which they run, without those of auxiliary heads, which only training runs."""
    return [leaf.module for leaf in models.shapes(architecture) if isinstance(leaf.module, nn.Linear)]


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
