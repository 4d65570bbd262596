"""Relative positions: the part of a head's attention that the offset from query to key explains alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import torch

from bench.errors import Unsupported
from bench.learning.looking.attention import AttentionLayer, attention_of
from bench.learning.looking.look import Look

PERMUTATIONS = 10
"""Shuffles of the patches that the control is averaged over."""
LEAST = 1e-12
"""Least weight, since its logarithm is taken."""


@dataclass(frozen=True)
class Relative:
    """Share of variance that the offset explains, for each head of one layer."""

    share: torch.Tensor
    """Explained share of each head, float64."""
    control: torch.Tensor
    """The share of each head after shuffling the patches, averaged over shuffles, float64."""


def relative_of(look: Look, seed: int) -> tuple[Relative, ...]:
    """Relative attention of every layer between a grid and itself, in the order of the layers.

    Args:
        look: the model and its pictures.
        seed: seed of the shuffles of the control.

    Raises:
        Unsupported: there is no attention over the whole picture, or only to a grid of another size.
    """
    layers = [layer for layer in attention_of(look) if layer.sides[0] == layer.sides[1]]
    if not layers:
        raise Unsupported(f"no layer of {look.architecture.name} attends from its patches to the same patches")
    generator = torch.Generator().manual_seed(seed)
    return tuple(_relative(layer, generator) for layer in layers)


def beyond_chance(layers: Sequence[Relative]) -> float:
    """Explained share minus that of the control: the mean over the heads of a layer, then over the layers."""
    return fmean(float((layer.share - layer.control).mean()) for layer in layers)


def _relative(layer: AttentionLayer, generator: torch.Generator) -> Relative:
    # logits but for a number a query, which the mean of its row takes away
    logs = layer.of_patches.double().clamp(min=LEAST).log().mean(0)
    logs = logs - logs.mean(-1, keepdim=True)
    groups = offsets(layer.sides[0])
    shuffled = []
    for _ in range(PERMUTATIONS):
        order = torch.randperm(len(groups), generator=generator)
        shuffled.append(explained(logs[:, order][:, :, order], groups))
    return Relative(explained(logs, groups), torch.stack(shuffled).mean(0))


def offsets(side: int) -> torch.Tensor:
    """Number of each offset (dy, dx) from query to key, from 0; int64, side^2 x side^2."""
    at = torch.arange(side * side)
    y, x = at // side, at % side
    return (y - y[:, None] + side - 1) * (2 * side - 1) + (x - x[:, None] + side - 1)


def explained(values: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Eta squared of each head: variance between the means of the groups, as a share of all variance.

    Zero where the values do not vary.

    Args:
        values: float64, heads x L x L.
        groups: int64, L x L, from 0.
    """
    flat = values.flatten(1) - values.flatten(1).mean(1, keepdim=True)
    labels = groups.flatten()
    sizes = torch.bincount(labels).double()
    sums = flat.new_zeros(len(flat), len(sizes)).index_add_(1, labels, flat)
    between, whole = (sums.square() / sizes.clamp(min=1)).sum(1), flat.square().sum(1)
    return torch.where(whole > LEAST, between / whole.clamp(min=LEAST), 0.0)
