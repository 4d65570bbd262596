"""Resolution, channels and stages of a network, derived from the output shapes of its layers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stage:
    """Part of a network that runs at one resolution."""

    side: int
    """Side of the feature maps in pixels; patches along a side for tokens; 1 or 0 for vectors."""
    channels: int
    """Channels of the last output of the stage."""
    parameters: int
    macs: int
    layers: int
    """Number of layers that have parameters."""
    incomplete: bool = False
    """Whether the multiply-adds lack some operator of the stage."""

    @property
    def label(self) -> str:
        """Shape of the stage's output, such as `56 × 56 × 256`, or the length of a vector."""
        return f"{self.side} × {self.side} × {self.channels:,}" if self.side > 1 else f"{self.channels:,}"


def side_and_channels(shape: Sequence[int]) -> tuple[int, int]:
    """Side of the maps in pixels (patches along a side for tokens, 0 for a vector), and their channels.

    Args:
        shape: N x C x H x W, N x H x W x C, N x L x D (L tokens, a class token perhaps among them) or N x D.
    """
    if len(shape) == 4:
        return (shape[1], shape[3]) if shape[1] == shape[2] != shape[3] else (shape[2], shape[1])
    if len(shape) == 3:
        return _side(shape[1]), shape[2]
    return 0, shape[-1] if shape else 0


def stages_of(layers: Iterable[Mapping[str, Any]], widths: Mapping[str, int]) -> list[Stage]:
    """Stages of a network: its executed layers, grouped by the resolution of their outputs.

    Where pixels are averaged and larger maps come later (squeeze and excitation), a layer belongs to those.

    Args:
        layers: a row per call: `output` (its shape, the batch first; empty where it did not run), `parameters`,
            `macs`.
        widths: channels of the last result at each resolution, by its side.
    """
    run = [layer for layer in layers if layer["output"]]
    sizes = [side_and_channels(layer["output"]) for layer in run]
    sides = _shrinking([side if side > 1 else 0 for side, _ in sizes])
    return list(_stages(run, widths, sizes, sides))


def _side(tokens: int) -> int:
    """Patches along a side, with or without a class token; 0 where they form no square."""
    for number in (tokens, tokens - 1):
        if number > 1 and math.isqrt(number) ** 2 == number:
            return math.isqrt(number)
    return 0


def _stages(
    run: Sequence[Mapping[str, Any]],
    widths: Mapping[str, int],
    sizes: Sequence[tuple[int, int]],
    sides: Sequence[int],
) -> Iterator[Stage]:
    for side in sorted(set(sides), reverse=True):
        rows = [i for i, other in enumerate(sides) if other == side]
        own = [i for i in rows if sizes[i][0] == side] or rows
        yield Stage(
            side=side,
            channels=widths.get(str(side), sizes[own[-1]][1]) if side else sizes[rows[-1]][1],
            parameters=sum(run[i]["parameters"] for i in rows),
            macs=sum(run[i]["macs"] for i in rows),
            layers=sum(run[i]["parameters"] > 0 for i in rows),
            incomplete=any(run[i].get("uncounted") for i in rows),
        )


def _shrinking(sides: Sequence[int]) -> list[int]:
    """Sides that never grow: each side, or a larger one that comes later."""
    found: list[int] = []
    for side in reversed(sides):
        found.append(max(side, found[-1]) if found else side)
    return found[::-1]
