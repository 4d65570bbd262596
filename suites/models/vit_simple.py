"""The vision transformer of arXiv:2010.11929, part by part, in the order in which an image passes through them.

N images of S x S pixels become N x L x D tokens: L = (S / P)^2 patches of P x P pixels and one class token, of D
dimensions each. With the defaults that is ViT-B/16: 197 tokens of 768 dimensions. Its weights fit those of
torchvision's `VisionTransformer`, which keeps the projections to Q, K and V in one matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

EPSILON = 1e-6
"""Value that layer normalisation adds to the variance, as in the published weights."""


@dataclass(frozen=True)
class Shape:
    """Sizes of a vision transformer; the defaults are those of ViT-B/16 (table 1 of the paper).

    Raises:
        ValueError: the image does not divide into patches, the dimensions not among the heads, or a size is not
            positive.
    """

    image_size: int = 224
    """Side of the image, in pixels."""
    patch_size: int = 16
    """Side of a patch, in pixels."""
    dim: int = 768
    depth: int = 12
    """Encoder blocks."""
    heads: int = 12
    mlp_dim: int = 3072

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise ValueError(f"{name} must be positive, not {value}")
        if self.image_size % self.patch_size:
            raise ValueError(
                f"an image of {self.image_size} pixels does not divide into patches of {self.patch_size}"
            )
        if self.dim % self.heads:
            raise ValueError(f"{self.dim} dimensions do not divide among {self.heads} heads")

    @property
    def tokens(self) -> int:
        """L: the patches and the class token."""
        return (self.image_size // self.patch_size) ** 2 + 1


class PatchEmbedding(nn.Module):
    """Cuts images into patches and maps each, flattened, to a vector (equation 1, E).

    A convolution whose stride is its kernel is just that: one linear layer for all patches.
    """

    def __init__(self, image_size: int, patch_size: int, dim: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.projection = nn.Conv2d(3, dim, kernel_size=patch_size, stride=patch_size)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """N x 3 x S x S to N x (S / P)^2 x D, row by row.

        Raises:
            ValueError: the images are of another size than the position embedding.
        """
        height, width = images.shape[-2:]
        if height != self.image_size or width != self.image_size:
            raise ValueError(
                f"images of {self.image_size} x {self.image_size} pixels are needed, not {height} x {width}"
            )
        patches: torch.Tensor = self.projection(images)
        return patches.flatten(2).transpose(1, 2)


class MultiHeadSelfAttention(nn.Module):
    """Each token asks all others, in several heads at once (appendix A): softmax(Q K^T / sqrt(D / heads)) V."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale: float = (dim // heads) ** -0.5
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.output = nn.Linear(dim, dim)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x L x D to the same shape."""
        attended = self.attention_map(tokens) @ self._split(self.value(tokens))
        result: torch.Tensor = self.output(attended.transpose(1, 2).flatten(2))
        return result

    def attention_map(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x heads x L x L from N x L x D: how much each token (row) takes of each other (column).

        Rows sum to one.
        """
        queries, keys = self._split(self.query(tokens)), self._split(self.key(tokens))
        return (queries @ keys.transpose(-2, -1) * self.scale).softmax(dim=-1)

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x L x D to N x heads x L x (D / heads)."""
        split: torch.Tensor = tokens.unflatten(-1, (self.heads, -1))
        return split.transpose(1, 2)


class MLP(nn.Sequential):
    """Two linear layers with a GELU between, for each token by itself: N x L x D to the same shape."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))


class EncoderBlock(nn.Module):
    """Attention, then the MLP; each behind a layer normalisation and beside a shortcut (equations 2 and 3)."""

    def __init__(self, dim: int, heads: int, mlp_dim: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=EPSILON)
        self.attention = MultiHeadSelfAttention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=EPSILON)
        self.mlp = MLP(dim, mlp_dim)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x L x D to the same shape."""
        tokens = tokens + self.attention(self.norm1(tokens))
        result: torch.Tensor = tokens + self.mlp(self.norm2(tokens))
        return result

    def attention_map(self, tokens: torch.Tensor) -> torch.Tensor:
        """N x heads x L x L: what the block's attention makes of its input, N x L x D."""
        return self.attention.attention_map(self.norm1(tokens))


POSITIONS = ("learned", "sinusoidal", "none")
"""Position embeddings, which tell a token where it stands: one that is learned, one that is computed, or none."""


def sinusoidal(tokens: int, dim: int) -> torch.Tensor:
    """1 x L x D: sines in the even dimensions, cosines in the odd ones (arXiv:1706.03762, section 3.5).

    PE(p, 2i) = sin(p / 10000^(2i / D)) and PE(p, 2i + 1) = cos(p / 10000^(2i / D)) of the token at place p of the
    sequence, from 0: the class token first, then the patches row by row.
    """
    rates = 10000.0 ** -(torch.arange(0, dim, 2) / dim)
    angles = torch.arange(tokens).unsqueeze(1) * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[None, :, :dim]


class VisionTransformer(nn.Module):
    """Patches and a class token with their positions, encoder blocks, and a linear head on the class token.

    Linear layers and learned positions begin as truncated normals of deviation 0.02, biases and the class token as
    zeros.

    Args:
        num_classes: logits.
        shape: sizes.
        positions: one of `POSITIONS`. With `none` the patches are a set: their order changes no logit.

    Raises:
        ValueError: `positions` is none of them.
    """

    position: torch.Tensor | None

    def __init__(self, num_classes: int, shape: Shape, positions: str = "learned") -> None:
        if positions not in POSITIONS:
            raise ValueError(
                f"positions must be {', '.join(POSITIONS[:-1])} or {POSITIONS[-1]}, not '{positions}'"
            )
        super().__init__()
        self.patches = PatchEmbedding(shape.image_size, shape.patch_size, shape.dim)
        self.class_token = nn.Parameter(torch.zeros(1, 1, shape.dim))
        self.blocks = nn.Sequential(
            *(EncoderBlock(shape.dim, shape.heads, shape.mlp_dim) for _ in range(shape.depth))
        )
        self.norm = nn.LayerNorm(shape.dim, eps=EPSILON)
        self.head = nn.Linear(shape.dim, num_classes)
        self._initialise()
        # last, so that of one seed all that the three have in common begins alike
        if positions == "learned":
            self.position = nn.Parameter(nn.init.trunc_normal_(torch.empty(1, shape.tokens, shape.dim), std=0.02))
        else:
            computed = sinusoidal(shape.tokens, shape.dim) if positions == "sinusoidal" else None
            self.register_buffer("position", computed, persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """N x 3 x S x S images to N x `num_classes` logits (equation 4).

        Raises:
            ValueError: the images are of another size than the position embedding.
        """
        tokens = self.norm(self.blocks(self.embed(images)))
        logits: torch.Tensor = self.head(tokens[:, 0])
        return logits

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """N x 3 x S x S images to N x L x D tokens, the class token first (equation 1)."""
        patches = self.patches(images)
        class_tokens = self.class_token.expand(patches.shape[0], -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1)
        return tokens if self.position is None else tokens + self.position

    def attention_maps(self, images: torch.Tensor) -> list[torch.Tensor]:
        """One N x heads x L x L map for each block, from N x 3 x S x S images."""
        tokens, maps = self.embed(images), []
        for block in self.blocks:
            if isinstance(block, EncoderBlock):
                maps.append(block.attention_map(tokens))
            tokens = block(tokens)
        return maps

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Conv2d) and module.bias is not None:
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
