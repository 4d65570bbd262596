"""The deformable patch-based transformer of arXiv:2107.14467: PVT whose patches move and grow with their content.

From the paper: the backbone is PVT; DePatch takes the place of the patch embedding in stages 2, 3 and 4; a patch
predicts its offset, tanh(W_offset f), and half its sides, ReLU(tanh(W_scale f + b_scale)), in patch sides; 3 x 3
points in the rectangle are sampled bilinearly and mapped by one linear layer; both W begin as zeros.

As in the authors' published code, where the paper leaves it open: f is a patch embedding of the stage's own
dimensions, normalised, behind a GELU; b_scale begins so that tanh(b_scale) = 1/4; the rectangle is cut off at the
borders of the map; a point in the outer half of a border position is mixed with zeros.

Our own is the layout of the modules, so that the authors' checkpoints do not load: modules are called otherwise,
the one predictor of four numbers is two here, and the embedding there takes the 9 points column by column, all
channels of a point in turn, where this one takes all points of a channel in turn, row by row. Training does not
depend on that order.

Tiny, small and medium come out as the paper prints them, to its last digit: 15.15, 26.41 and 46.13 million
parameters (15.2, 26.4, 46.1), and 2.14, 4.02 and 6.86 billion multiply-adds (2.1, 4.0, 6.9); the bilinear sampling
is not a product of matrices and is not counted.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from suites.models.pvt import DEPTHS, PatchEmbedding, PyramidVisionTransformer

POINTS = 3
"""Sampling points on each side of a patch."""
HALF_SIDE = 0.25
"""Half the side of the first rectangles, in patch sides: of a patch of 2 x 2, its corners are pixel centres."""


class DePatch(nn.Module):
    """Cuts a feature map into patches whose places and sizes are predicted from the regular patch at their place.

    Coordinates are fractions of the map's side, from the outer edge of the first position (0) to that of the last
    (1): `align_corners=False` of `torch.nn.functional.grid_sample`.
    """

    centres: torch.Tensor
    steps: torch.Tensor

    def __init__(self, channels: int, dim: int, side: int, patch: int) -> None:
        super().__init__()
        self.count = side // patch
        self.features = nn.Sequential(PatchEmbedding(channels, dim, side, patch), nn.GELU())
        self.offset = nn.Linear(dim, 2, bias=False)
        self.scale = nn.Linear(dim, 2)
        self.embedding = nn.Linear(channels * POINTS * POINTS, dim)
        self.norm = nn.LayerNorm(dim)
        along = (torch.arange(self.count) + 0.5) / self.count
        centres = torch.stack([along.repeat(self.count), along.repeat_interleave(self.count)], dim=-1)
        self.register_buffer("centres", centres, persistent=False)  # P x 2: x and y, row by row
        self.register_buffer("steps", torch.linspace(0, 1, POINTS), persistent=False)
        self.start_regular()

    def start_regular(self) -> None:
        """Set the predictors to the paper's start: every patch in its regular place, all of one size."""
        nn.init.zeros_(self.offset.weight)
        nn.init.zeros_(self.scale.weight)
        nn.init.constant_(self.scale.bias, math.atanh(HALF_SIDE))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x channels x S x S to N x P x dim, for P = (S / patch)^2 patches."""
        tokens: torch.Tensor = self.norm(self.embedding(self.sampled(maps)))
        return tokens

    def sampled(self, maps: torch.Tensor) -> torch.Tensor:
        """Content of the patches: N x P x (channels * 9), channel by channel, each row by row."""
        grid = (2 * self.points(maps) - 1).flatten(2, 3)
        samples = nn.functional.grid_sample(maps, grid, mode="bilinear", align_corners=False)
        return samples.transpose(1, 2).flatten(2)  # from N x channels x P x 9

    def points(self, maps: torch.Tensor) -> torch.Tensor:
        """Sampling points of each patch: N x P x 3 x 3 x 2, rows, then columns, then x and y in 0..1."""
        features = self.features(maps)
        centres = self.centres + self.offset(features).tanh() / self.count
        half = self.scale(features).tanh().relu() / self.count
        first, last = (centres - half).clamp(0, 1), (centres + half).clamp(0, 1)
        places = first.unsqueeze(2) + (last - first).unsqueeze(2) * self.steps[:, None]  # N x P x 3 x 2
        x = places[..., 0].unsqueeze(2).expand(-1, -1, POINTS, -1)
        y = places[..., 1].unsqueeze(3).expand(-1, -1, -1, POINTS)
        return torch.stack([x, y], dim=-1)


def dpt(num_classes: int, size: str, image_size: int = 224, deformable: bool = True) -> PyramidVisionTransformer:
    """DPT of size `tiny`, `small` or `medium`; with regular patches it is the PVT of that size.

    Raises:
        ValueError: the image's side is not a multiple of 32 pixels.
    """
    later = DePatch if deformable else PatchEmbedding
    embeddings = (PatchEmbedding, later, later, later)
    model = PyramidVisionTransformer(num_classes, DEPTHS[size], image_size, embeddings)
    for module in model.modules():
        if isinstance(module, DePatch):
            module.start_regular()
    return model
