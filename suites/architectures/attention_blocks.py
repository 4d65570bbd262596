"""Self-attention of feature maps by itself, at the place of Swin's first stage: global against windows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lazy import lazy
from suites.references import of_work

if TYPE_CHECKING:
    from torch import nn

    from suites.models import attention
else:
    attention = lazy("suites.models.attention")

torch_nn = lazy("torch.nn")
CHANNELS = 96
_block = partial(
    of_work("liu2021swin"),
    family="Building block",
    order=210,
    channels=CHANNELS,
    resolution=56,
    min_resolution=7,
    tags=("block",),
)


@_block(min_resolution=1)
def attention_global(num_classes: int, *, heads: int = 3) -> nn.Module:
    """Every position attends to all others: the work grows with the square of the positions (equation 1)."""
    return attention.GlobalAttention(CHANNELS, heads)


@_block()
def attention_window(num_classes: int, *, heads: int = 3, window: int = 7) -> nn.Module:
    """Attention within windows of 7x7 positions: the work grows with the positions alone (equation 2)."""
    return attention.WindowAttention(CHANNELS, heads, window)


@_block()
def attention_shifted(num_classes: int, *, heads: int = 3, window: int = 7) -> nn.Module:
    """The same windows shifted by half of one, cyclically and masked: they connect the ones before."""
    return attention.ShiftedWindowAttention(CHANNELS, heads, window)


@_block()
def attention_two_layers(num_classes: int, *, heads: int = 3, window: int = 7, shifted: bool = True) -> nn.Module:
    """Two layers of attention within windows, those of the second shifted: what Swin repeats."""
    second = attention.ShiftedWindowAttention if shifted else attention.WindowAttention
    first = attention.WindowAttention(CHANNELS, heads, window)
    layers: nn.Module = torch_nn.Sequential(first, second(CHANNELS, heads, window))
    return layers
