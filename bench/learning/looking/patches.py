"""Learned patches: where a deformable patch embedding samples the picture (arXiv:2107.14467)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Protocol, cast

import numpy as np
import torch
from torch import nn

from bench.cell import Picture
from bench.errors import Unsupported
from bench.learning.looking.drawing import Tile, TileRow, drawn_from, enlarged, framed, photograph, png, sheet
from bench.learning.looking.look import Look

MOST = 7
"""Most patches along each side that are drawn."""
SIDE = 280
"""Side of a tile in pixels."""
REGULAR, LEARNED = "#6aa5d8", "#ff8c1a"
Points = Callable[[torch.Tensor], torch.Tensor]


class Deformable(Protocol):
    """A module that cuts its input into patches of learned positions and sizes."""

    def points(self, maps: torch.Tensor) -> torch.Tensor:
        """Sampling points of each of P patches, row by row: N x P x K x K x 2, x and y in 0..1 of the map."""
        ...


@dataclass(frozen=True)
class Patches:
    """Rectangles of one deformable patch embedding."""

    name: str
    corners: torch.Tensor
    """Corners, float32, N x P x 4: left, top, right, bottom, as shares of the picture's side."""

    @property
    def count(self) -> int:
        """Number of patches along each side."""
        return isqrt(self.corners.shape[1])

    @property
    def size(self) -> float:
        """Mean side of a rectangle, in sides of a regular patch."""
        return float((self.corners[..., 2:] - self.corners[..., :2]).mean()) * self.count

    @property
    def offset(self) -> float:
        """Mean distance between the centres of learned and regular patches, in sides of a regular patch."""
        return self._from(regular_corners(self.count))

    def moved_from(self, other: Patches) -> float:
        """Mean distance between the centres of these and other patches, in sides of a regular patch."""
        return self._from(other.corners)

    def _from(self, corners: torch.Tensor) -> float:
        # both corners at once: the centre moves by the mean of what they move by
        moved = (self.corners - corners).unflatten(-1, (2, 2)).mean(-2)
        return float(moved.norm(dim=-1).mean()) * self.count


def patches_of(look: Look) -> tuple[Patches, ...]:
    """Every module with a method `points` (`Deformable`), in the order in which they are called.

    Raises:
        Unsupported: there is none.
    """
    modules = {name: m for name, m in look.model.named_modules() if callable(getattr(m, "points", None))}
    if not modules:
        raise Unsupported(f"{look.architecture.name} learns no patches")
    given: dict[str, torch.Tensor] = {}

    def note(name: str, inputs: tuple[torch.Tensor, ...]) -> None:
        given[name] = inputs[0]

    hooks = [
        m.register_forward_pre_hook(lambda _, inputs, name=name: note(name, inputs)) for name, m in modules.items()
    ]
    try:
        look.run()
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(Patches(name, _corners(modules[name], maps)) for name, maps in given.items())


@torch.inference_mode()
def _corners(module: nn.Module, maps: torch.Tensor) -> torch.Tensor:
    points = cast(Deformable, module).points(maps).float().cpu()
    return torch.cat([points.amin((2, 3)), points.amax((2, 3))], -1)


def regular_corners(count: int) -> torch.Tensor:
    """Corners of regular patches, count^2 x 4: left, top, right, bottom, row by row."""
    start = torch.arange(count) / count
    left, top = start.repeat(count), start.repeat_interleave(count)
    return torch.stack([left, top, left + 1 / count, top + 1 / count], -1)


def draw_patches(look: Look, found: tuple[Patches, ...]) -> tuple[Picture, ...]:
    """Draw the rectangles of each embedding over one picture."""
    picture = photograph(look.pixels[0])
    rows = [TileRow([Tile(_drawn(picture, patches))], _title(patches)) for patches in found]
    caption = (
        "Where patches are sampled: regular ones in blue, learned ones in orange; where there are many, those in"
        " the middle of the picture. Size and shift are means over the whole picture, in sides of a regular patch."
        " A training begins with rectangles of half its side in its middle; it may shift and stretch them with"
        f" what lies under them.{drawn_from(look.paths[:1])}"
    )
    return (Picture("patches", "Learned patches", caption, png(sheet(rows))),)


def _title(patches: Patches) -> str:
    number = f"{patches.count}x{patches.count}"
    return f"{patches.name}: {number}, size {100 * patches.size:.0f} %, shift {100 * patches.offset:.0f} %"


def _drawn(picture: np.ndarray, patches: Patches) -> np.ndarray:
    """The `MOST` x `MOST` patches in the middle, with the part of the picture beneath them."""
    count = patches.count
    shown = min(MOST, count)
    start, end = (count - shown) // 2, (count - shown) // 2 + shown
    along = [round(edge / count * len(picture)) for edge in (start, end)]
    ground = enlarged(picture[slice(*along), slice(*along)], SIDE) * 0.75
    chosen = [y * count + x for y in range(start, end) for x in range(start, end)]
    regular, learned = (
        ((corners[chosen] * count - start) / shown * (SIDE - 1)).tolist()
        for corners in (regular_corners(count), patches.corners[0])
    )
    return framed(framed(ground.astype(np.uint8), regular, REGULAR), learned, LEARNED)
