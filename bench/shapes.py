"""What the shape of a layer's output says: the resolution, and the channels."""

from __future__ import annotations

import math
from collections.abc import Sequence


def side_and_channels(shape: Sequence[int]) -> tuple[int, int]:
    """Side of the maps in pixels (of tokens: patches along a side; of a vector 0), and their channels.

    Args:
        shape: N x C x H x W, N x H x W x C, N x L x D (L tokens, a class token perhaps among them) or N x D.
    """
    if len(shape) == 4:
        return (shape[1], shape[3]) if shape[1] == shape[2] != shape[3] else (shape[2], shape[1])
    if len(shape) == 3:
        return _side(shape[1]), shape[2]
    return 0, shape[-1] if shape else 0


def _side(tokens: int) -> int:
    """Patches along a side, with or without a class token; 0 where they form no square."""
    for number in (tokens, tokens - 1):
        if number > 1 and math.isqrt(number) ** 2 == number:
            return math.isqrt(number)
    return 0
