"""Attention drawn over the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from bench.cell import Picture
from bench.learning.looking.attention import AttentionLayer, distances, rollout
from bench.learning.looking.drawing import Tile, TileRow, drawn_from, enlarged, over, photograph, png, sheet
from bench.learning.looking.look import Look

LAYERS, HEADS, PICTURES = 4, 4, 4
SIDE = 108
"""Side of a tile in pixels."""


def draw_attention(look: Look, layers: Sequence[AttentionLayer]) -> tuple[Picture, ...]:
    """Draw heads of some layers over one picture, and over several the part of each patch that arrives at the
    output."""
    photographs = [photograph(pixels) for pixels in look.pixels[:PICTURES]]
    heads = _heads(photographs[0], layers, drawn_from(look.paths[:1]))
    flow = rollout(layers)
    return (heads,) if flow is None else (heads, _flow(photographs, flow, drawn_from(look.paths[:PICTURES])))


def _heads(picture: np.ndarray, layers: Sequence[AttentionLayer], source: str) -> Picture:
    rows = []
    for layer in (layers[i] for i in spread(len(layers), LAYERS)):
        maps = layer.seen[0]
        tiles = [
            Tile(over(picture, maps[head].numpy(), SIDE), f"head {head + 1}") for head in spread(len(maps), HEADS)
        ]
        distance = 100 * float(layer.distance.mean())
        title = f"layer {layer.number}: mean distance {distance:.0f} %"
        rows.append(TileRow([Tile(enlarged(picture, SIDE)), *tiles], title))
    uniform = 100 * float(distances(*layers[-1].sides).mean())
    who = "the class token" if layers[-1].weights.shape[-2] > layers[-1].sides[0] ** 2 else "a patch, on average,"
    caption = (
        f"What {who} attends to: the lighter a patch, the more is taken from it; each map has its own scale. The"
        " distance is that between patches that attend to each other, as a share of the picture's side;"
        f" attention that is the same everywhere has {uniform:.0f} %.{source}"
    )
    return Picture("heads", "Attention by layer and head", caption, png(sheet(rows)))


def _flow(photographs: Sequence[np.ndarray], flow: torch.Tensor, source: str) -> Picture:
    plain = TileRow([Tile(enlarged(picture, SIDE)) for picture in photographs])
    under = TileRow([Tile(over(p, flow[i].numpy(), SIDE)) for i, p in enumerate(photographs)])
    caption = (
        "From which patches the output draws, through all layers (attention rollout: the heads' mean, shortcuts"
        f" counted half, multiplied from layer to layer). Light: much. Each map has its own scale.{source}"
    )
    return Picture("rollout", "Attention through all layers", caption, png(sheet([plain, under])))


def spread(number: int, most: int) -> list[int]:
    """Evenly spread numbers of 0..number-1, including the first and the last."""
    if number <= most:
        return list(range(number))
    return [round(i * (number - 1) / (most - 1)) for i in range(most)]
