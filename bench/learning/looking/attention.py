"""Attention weights, read from a model that does not return them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from bench.errors import Unsupported
from bench.learning.looking.look import Look

_SOFTMAX: tuple[Callable[..., Any], ...] = (functional.softmax, torch.softmax, torch.Tensor.softmax)
BESIDE = 2
"""Most tokens before those of the patches (class, distillation)."""


class AttentionRecorder(TorchFunctionMode):
    """Context that keeps the attention weights of every call, N x heads x L x S each.

    It sees `scaled_dot_product_attention`, `torch.nn.MultiheadAttention`, and attention that is written out: every
    softmax over the last of four dimensions. What the model computes stays the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.maps: list[torch.Tensor] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if func is functional.scaled_dot_product_attention:
            self._keep(attention_weights(*args, **named))
        elif func is functional.multi_head_attention_forward:
            # torch's own weights, which it leaves out unless asked
            self._keep(func(*args, **{**named, "need_weights": True, "average_attn_weights": False})[1])
        result = func(*args, **named)
        if func in _SOFTMAX and _is_attention(result, named.get("dim", args[1] if len(args) > 1 else None)):
            self._keep(result)
        return result

    def _keep(self, weights: torch.Tensor) -> None:
        self.maps.append(weights.detach().float().cpu())


def attention_weights(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    """Weights softmax(Q K^T / sqrt(d)) for the arguments of `scaled_dot_product_attention` (arXiv:1706.03762,
    equation 1)."""
    if enable_gqa:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
    scores = query @ key.transpose(-2, -1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attn_mask, float("-inf"))
    elif attn_mask is not None:
        scores = scores + attn_mask
    return scores.softmax(-1)


@dataclass(frozen=True)
class AttentionLayer:
    """The attention of one layer between positions of the picture."""

    weights: torch.Tensor
    """Weights, float32, N x heads x L x S; rows sum to one."""
    sides: tuple[int, int]
    """Sides of the square grids of queries and keys; further tokens precede the grids."""
    number: int = 1
    """Number of the layer among all that attend, from 1."""

    @property
    def of_patches(self) -> torch.Tensor:
        """Weights among the grids alone, N x heads x queries x keys; rows sum to one."""
        queries, keys = (side * side for side in self.sides)
        between = self.weights[..., -queries:, -keys:]
        return between / between.sum(-1, keepdim=True).clamp(min=1e-12)

    @property
    def seen(self) -> torch.Tensor:
        """Attention of the class token to each key or, without one, of all queries on average, N x heads x S' x
        S'."""
        queries, keys = self.sides[0] ** 2, self.sides[1] ** 2
        beside = self.weights.shape[-2] > queries
        taken = self.weights[..., 0, -keys:] if beside else self.weights[..., -keys:].mean(-2)
        maps: torch.Tensor = taken.unflatten(-1, (self.sides[1], self.sides[1]))
        return maps

    @property
    def distance(self) -> torch.Tensor:
        """Mean attention distance of each head as a share of the picture's side (arXiv:2010.11929, appendix D.7).

        That is the distance between the centres of query and key, weighted by their attention, averaged over the
        queries and the pictures.
        """
        return (self.of_patches * distances(*self.sides)).sum(-1).mean((0, 2))


def distances(queries: int, keys: int) -> torch.Tensor:
    """Distances between the centres of two grids over the same picture, queries^2 x keys^2, as a share of its
    side."""
    return torch.cdist(_centres(queries), _centres(keys))


def attention_of(look: Look) -> tuple[AttentionLayer, ...]:
    """Attention of every layer over the whole picture, in the order of the layers.

    Raises:
        Unsupported: there is none.
    """
    with AttentionRecorder() as recorder:
        look.run()
    images = len(look.pixels)
    whole = [(number, maps) for number, maps in enumerate(recorder.maps, start=1) if len(maps) == images]
    layers = tuple(layer for number, maps in whole if (layer := _layer(maps, number)) is not None)
    name = look.architecture.name
    if not recorder.maps:
        raise Unsupported(f"{name} has no attention")
    if not whole:
        raise Unsupported(f"{name} attends within windows: there is no map of the whole picture")
    if not layers:
        raise Unsupported(f"the tokens of {name} are no square grid of patches")
    return layers


def rollout(layers: Sequence[AttentionLayer]) -> torch.Tensor | None:
    """Part of each patch that arrives at the output, N x S x S, shortcuts counted half (arXiv:2005.00928, section
    4).

    None where the layers differ in their tokens.
    """
    shapes = {layer.weights.shape[-2:] for layer in layers}
    rows, columns = next(iter(shapes))
    if len(shapes) > 1 or rows != columns:
        return None
    flow = torch.eye(rows)
    for layer in layers:
        flow = (layer.weights.mean(1) + torch.eye(rows)) / 2 @ flow
    return AttentionLayer(flow.unsqueeze(1), layers[0].sides).seen[:, 0]


def _layer(weights: torch.Tensor, number: int) -> AttentionLayer | None:
    queries, keys = map(side_of, weights.shape[-2:])
    return AttentionLayer(weights, (queries, keys), number) if queries and keys else None


def side_of(tokens: int) -> int:
    """Side of the square grid of so many tokens, without up to `BESIDE` others; 0 where they form none."""
    side = isqrt(tokens)
    return side if side > 1 and tokens - side * side <= BESIDE else 0


def _centres(side: int) -> torch.Tensor:
    along = (torch.arange(side) + 0.5) / side
    return torch.stack([along.repeat_interleave(side), along.repeat(side)], -1)


def _is_attention(result: torch.Tensor, dim: object) -> bool:
    return result.dim() == 4 and dim in (-1, 3) and result.shape[-1] > 1
