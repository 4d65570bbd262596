"""The pyramid vision transformer of arXiv:2102.12122 (version 1): four stages of falling resolution.

Each stage splits the feature map of the one before into patches: the tokens become fewer, their dimensions more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from suites.models.attention import attend
from suites.models.vit_simple import MLP

_norm = partial(nn.LayerNorm, eps=1e-6)


@dataclass(frozen=True)
class StageShape:
    """A column of the paper's table 1."""

    patch: int
    """Side of a patch, in positions of the map before."""
    dim: int
    heads: int
    expansion: int
    """Hidden dimensions of the MLP, as a multiple of `dim`."""
    reduction: int
    """Keys and values are taken from a map whose side is this many times smaller."""


STAGES = (
    StageShape(4, 64, 1, 8, 8),
    StageShape(2, 128, 2, 8, 4),
    StageShape(2, 320, 5, 4, 2),
    StageShape(2, 512, 8, 4, 1),
)
DEPTHS = {"tiny": (2, 2, 2, 2), "small": (3, 4, 6, 3), "medium": (3, 4, 18, 3)}
"""Encoder blocks in each stage, by size of the model (table 1)."""

Embed = Callable[[int, int, int, int], nn.Module]
"""Maker of the module that embeds patches, from channels, dimensions, side S of the map and side P of a patch."""


class PatchEmbedding(nn.Module):
    """Regular patches, each mapped by one linear layer, which a strided convolution is, and normalised."""

    def __init__(self, channels: int, dim: int, side: int, patch: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(channels, dim, patch, stride=patch)
        self.norm = nn.LayerNorm(dim)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x channels x S x S to N x (S / P)^2 x dim."""
        tokens: torch.Tensor = self.norm(self.projection(maps).flatten(2).transpose(1, 2))
        return tokens


class SpatialReductionAttention(nn.Module):
    """Self-attention whose keys and values come from a map of side S / R, which a strided convolution gives."""

    def __init__(self, dim: int, heads: int, reduction: int, side: int) -> None:
        super().__init__()
        self.heads, self.side = heads, side
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.output = nn.Linear(dim, dim)
        self.reduce: nn.Module | None = None
        if reduction > 1:
            self.reduce = PatchEmbedding(dim, dim, side, reduction)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x L x dim to the same shape; L = S^2, beside which a class token stands only where R = 1."""
        seen = tokens if self.reduce is None else self.reduce(as_maps(tokens, self.side))
        keys, values = self.key_value(seen).chunk(2, dim=-1)
        result: torch.Tensor = self.output(attend(self.query(tokens), keys, values, self.heads))
        return result


class Block(nn.Module):
    """Attention, then the MLP; each behind a layer normalisation and beside a shortcut."""

    def __init__(self, shape: StageShape, side: int) -> None:
        super().__init__()
        self.norm1 = _norm(shape.dim)
        self.attention = SpatialReductionAttention(shape.dim, shape.heads, shape.reduction, side)
        self.norm2 = _norm(shape.dim)
        self.mlp = MLP(shape.dim, shape.expansion * shape.dim)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x L x dim to the same shape."""
        tokens = tokens + self.attention(self.norm1(tokens))
        result: torch.Tensor = tokens + self.mlp(self.norm2(tokens))
        return result


class Stage(nn.Module):
    """Patches with their positions, then encoder blocks; the last stage has a class token before the patches."""

    def __init__(self, shape: StageShape, depth: int, embedding: nn.Module, side: int, last: bool) -> None:
        super().__init__()
        self.embedding = embedding
        self.class_token = nn.Parameter(torch.zeros(1, 1, shape.dim)) if last else None
        self.position = nn.Parameter(torch.empty(1, side * side + last, shape.dim))
        self.blocks = nn.Sequential(*(Block(shape, side) for _ in range(depth)))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x channels x S x S to N x (S / P)^2 x dim, or one token more in the last stage."""
        tokens = self.embedding(maps)
        if self.class_token is not None:
            tokens = torch.cat([self.class_token.expand(maps.shape[0], -1, -1), tokens], dim=1)
        result: torch.Tensor = self.blocks(tokens + self.position)
        return result


class PyramidVisionTransformer(nn.Module):
    """Four stages and a linear head on the class token.

    Linear layers, positions and the class token begin as truncated normals of deviation 0.02, biases as zeros.

    Args:
        num_classes: logits.
        depths: encoder blocks of each stage.
        image_size: side of the images, in pixels.
        embeddings: makes the patch embedding of each stage.

    Raises:
        ValueError: the image does not divide into 32 x 32 pixels, the patches of the last stage and of the keys.
    """

    def __init__(
        self, num_classes: int, depths: tuple[int, ...], image_size: int, embeddings: tuple[Embed, ...]
    ) -> None:
        if image_size < 32 or image_size % 32:
            raise ValueError(f"image_size must be a multiple of 32 pixels, not {image_size}")
        super().__init__()
        self.image_size = image_size
        self.sides: list[int] = []
        self.stages = nn.ModuleList()
        channels, side = 3, image_size
        for shape, depth, embed in zip(STAGES, depths, embeddings, strict=True):
            embedding = embed(channels, shape.dim, side, shape.patch)
            channels, side = shape.dim, side // shape.patch
            self.stages.append(Stage(shape, depth, embedding, side, last=shape is STAGES[-1]))
            self.sides.append(side)
        self.norm = _norm(channels)
        self.head = nn.Linear(channels, num_classes)
        self._initialise()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """N x 3 x S x S images to N x `num_classes` logits.

        Raises:
            ValueError: the images are of another size than the position embeddings.
        """
        height, width = images.shape[-2:]
        if height != self.image_size or width != self.image_size:
            raise ValueError(
                f"images of {self.image_size} x {self.image_size} pixels are needed, not {height} x {width}"
            )
        tokens = self.stages[0](images)
        for side, stage in zip(self.sides, self.stages[1:], strict=False):
            tokens = stage(as_maps(tokens, side))
        logits: torch.Tensor = self.head(self.norm(tokens)[:, 0])
        return logits

    def _initialise(self) -> None:
        for name, parameter in self.named_parameters():
            if name.endswith(("position", "class_token")):
                nn.init.trunc_normal_(parameter, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


def as_maps(tokens: torch.Tensor, side: int) -> torch.Tensor:
    """N x side^2 x C tokens to N x C x side x side feature maps."""
    maps: torch.Tensor = tokens.transpose(1, 2).unflatten(2, (side, side))
    return maps
