"""Self-attention of feature maps: of all positions, within windows, within shifted windows (arXiv:2103.14030).

No layer normalisation and no position bias, so that multiply-adds are those of the paper's equations 1 and 2.
"""

from __future__ import annotations

import torch
from torch import nn


def attend(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, heads: int, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Multi-head attention: softmax(Q K^T / sqrt(C / heads)) V of each head's share of the channels, side by side.

    Args:
        queries: N x L x C.
        keys: N x S x C.
        values: N x S x C.
        heads: a divisor of C.
        mask: N x 1 x L x S, true where a query may see a key; None: everywhere.

    Returns:
        N x L x C.
    """
    split = [x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (queries, keys, values)]
    attended = nn.functional.scaled_dot_product_attention(split[0], split[1], split[2], attn_mask=mask)
    return attended.transpose(1, 2).flatten(2)


class GlobalAttention(nn.Module):
    """Every position of a feature map attends to every other: 4hwC^2 + 2(hw)^2 C multiply-adds (equation 1).

    Raises:
        ValueError: the channels do not divide among the heads.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        if heads < 1 or channels % heads:
            raise ValueError(f"{channels} channels do not divide among {heads} heads")
        self.heads = heads
        self.projection = nn.Linear(channels, 3 * channels)
        self.output = nn.Linear(channels, channels)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to the same shape."""
        tokens = self._attended(maps.flatten(2).transpose(1, 2))
        result: torch.Tensor = tokens.transpose(1, 2).unflatten(2, (maps.shape[-2], maps.shape[-1]))
        return result

    def _attended(self, tokens: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """N x L x C to the same shape."""
        queries, keys, values = self.projection(tokens).chunk(3, dim=-1)
        result: torch.Tensor = self.output(attend(queries, keys, values, self.heads, mask))
        return result


class WindowAttention(GlobalAttention):
    """Attention within windows of M x M positions: 4hwC^2 + 2M^2 hwC multiply-adds (equation 2).

    Raises:
        ValueError: the channels do not divide among the heads, or the window is empty.
    """

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__(channels, heads)
        if window < 1:
            raise ValueError(f"a window needs at least one position a side, not {window}")
        self.window = window

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to the same shape.

        Raises:
            ValueError: H or W is not a multiple of the window's side.
        """
        self._check(maps)
        height, width = maps.shape[-2:]
        return self._merged(self._attended(self._windows(maps)), height, width)

    def _check(self, maps: torch.Tensor) -> None:
        height, width = maps.shape[-2:]
        if height % self.window or width % self.window:
            raise ValueError(f"{height} x {width} positions do not divide into windows of {self.window}")

    def _windows(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to (N HW / M^2) x M^2 x C: windows row by row, of the first image first."""
        side = self.window
        # N x C x H/M x M x W/M x M
        rows: torch.Tensor = maps.unflatten(3, (-1, side)).unflatten(2, (-1, side))
        return rows.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(0, 2)

    def _merged(self, windows: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """Put together again what `_windows` cut: N x C x H x W."""
        side = self.window
        # N x H/M x W/M x M x M x C
        grid: torch.Tensor = windows.unflatten(0, (-1, height // side, width // side)).unflatten(3, (side, side))
        return grid.permute(0, 5, 1, 3, 2, 4).flatten(4, 5).flatten(2, 3)


class ShiftedWindowAttention(WindowAttention):
    """Windows that lie half a window lower and further right, so that they reach over the borders of the others.

    The map is rolled, so that there are no more windows than before; what the roll brings together from opposite
    edges is masked (section 3.2, figure 4). A side of one window is not shifted, since nothing lies beyond.
    """

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to the same shape.

        Raises:
            ValueError: H or W is not a multiple of the window's side.
        """
        self._check(maps)
        height, width = maps.shape[-2:]
        down, right = self._shift(height), self._shift(width)
        windows = self._windows(maps.roll((-down, -right), dims=(2, 3)))
        regions = _regions(height, self.window, down, maps.device)[:, None] * 3
        regions = regions + _regions(width, self.window, right, maps.device)[None]
        labels = self._windows(regions[None, None]).squeeze(-1)  # HW / M^2 x M^2
        mask = (labels[:, :, None] == labels[:, None, :]).unsqueeze(1).repeat(maps.shape[0], 1, 1, 1)
        return self._merged(self._attended(windows, mask), height, width).roll((down, right), dims=(2, 3))

    def _shift(self, side: int) -> int:
        return self.window // 2 if side > self.window else 0


def _regions(side: int, window: int, shift: int, device: torch.device) -> torch.Tensor:
    """The region of each position of a rolled side: only within one were neighbours so before the roll.

    The last window has two regions where there is a shift; all others lie in one.
    """
    positions = torch.arange(side, device=device)
    return (positions >= side - window).long() + (positions >= side - shift).long()
