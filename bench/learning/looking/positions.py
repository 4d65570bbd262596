"""Learned position embeddings and the similarity of each two positions."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from bench.cell import Picture
from bench.errors import Unsupported
from bench.learning.looking.attention import distances, side_of
from bench.learning.looking.attention_maps import spread
from bench.learning.looking.drawing import Tile, coloured, enlarged, in_rows, png, sheet
from bench.learning.looking.look import Look

MOST = 8
"""Positions along each side whose maps are drawn."""
WIDE = 480
"""Width of the drawing in pixels."""


@dataclass(frozen=True)
class Positions:
    """One learned position embedding."""

    name: str
    similarity: torch.Tensor
    """Similarity, float32, S^2 x S^2: cosines between the embeddings of the positions, row by row."""
    side: int

    @property
    def neighbourly(self) -> float:
        """Share of positions whose most similar other one is a neighbour in its row or column."""
        others = self.similarity.clone().fill_diagonal_(-2)
        nearest = distances(self.side, self.side).gather(1, others.argmax(1, keepdim=True))
        return float((nearest < 1.1 / self.side).double().mean())

    @property
    def by_chance(self) -> float:
        """Share of such positions for embeddings that are unrelated to each other."""
        neighbours = (distances(self.side, self.side) < 1.1 / self.side).sum(1) - 1
        return float(neighbours.double().mean()) / (self.side**2 - 1)


def positions_of(look: Look) -> tuple[Positions, ...]:
    """The learned position embeddings: parameters of shape 1 x L x D with `pos` in their name.

    Raises:
        Unsupported: there is none.
    """
    found = [
        Positions(name, _similarity(parameter.detach().float().cpu()[0, -side * side :]), side)
        for name, parameter in look.model.named_parameters()
        if "pos" in name and parameter.dim() == 3 and len(parameter) == 1 and (side := side_of(parameter.shape[1]))
    ]
    if not found:
        raise Unsupported(f"{look.architecture.name} learns no embedding of absolute positions")
    return tuple(found)


def draw_positions(found: tuple[Positions, ...]) -> tuple[Picture, ...]:
    """Draw, for each embedding, the similarity of some positions to all."""
    return tuple(_draw(positions) for positions in found)


def _draw(positions: Positions) -> Picture:
    side, chosen = positions.side, spread(positions.side, MOST)
    maps = positions.similarity.unflatten(1, (side, side)).unflatten(0, (side, side))
    others = positions.similarity.clone().fill_diagonal_(float("nan"))
    low, high = (float(others[~others.isnan()].quantile(q)) for q in (0.01, 0.99))
    width = WIDE // len(chosen) - 6
    tiles = [Tile(enlarged(coloured(maps[y, x].numpy(), low, high), width)) for y in chosen for x in chosen]
    caption = (
        f"'{positions.name}': each small square belongs to the patch at its place, and shows the cosine between"
        f" that patch's embedding and all {side}x{side} others, dark at {low:.2f}, light at {high:.2f} and more."
        f" For {100 * positions.neighbourly:.0f} % of the patches the most similar other one is a neighbour (by"
        f" chance {100 * positions.by_chance:.0f} %): where rows and columns shine, the model has learned that"
        " pictures have two dimensions."
    )
    picture = png(sheet(in_rows(tiles, len(chosen))))
    return Picture("positions", "Similarity of position embeddings", caption, picture)


def _similarity(embeddings: torch.Tensor) -> torch.Tensor:
    unit = torch.nn.functional.normalize(embeddings, dim=1)
    return unit @ unit.T
