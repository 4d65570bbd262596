"""Pictures before and after an augmentation."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bench.cell import Picture
from bench.learning.data.augment import AUGMENTATIONS, Augmenter
from bench.learning.looking.drawing import Tile, drawn_from, enlarged, in_rows, photograph, png, sheet

DRAWS, COLUMNS = 8, 3
SIDE = 128
"""Side of a tile in pixels."""


def draws_of(pixels: torch.Tensor, name: str, *seed: int, pipeline: str = "tensor") -> torch.Tensor:
    """`DRAWS` augmentations of each picture: DRAWS x N x C x H x W from uint8 N x C x H x W."""
    augment = Augmenter(name, *seed, pipeline=pipeline)
    return torch.stack([augment(pixels) for _ in range(DRAWS)])


def change(pixels: torch.Tensor, draws: torch.Tensor) -> float:
    """Mean absolute change of a pixel, as a share of the range from black to white."""
    return float((draws.float() - pixels.float()).abs().mean()) / 255


def draw_gallery(
    pixels: torch.Tensor, draws: torch.Tensor, name: str, paths: Sequence[str] = ()
) -> tuple[Picture, ...]:
    """Draw one picture and its augmentations, three by three, the original first.

    Args:
        pixels: uint8 N x C x H x W, of which the first is drawn.
        draws: draws of all augmentations, as `draws_of` gives them.
        name: name of the augmentation.
        paths: paths of the pictures' files, where they come from files.
    """
    tiles = [Tile(enlarged(photograph(pixels[0]), SIDE), "original")]
    tiles += [Tile(enlarged(photograph(draw[0]), SIDE), f"draw {i}") for i, draw in enumerate(draws, start=1)]
    caption = (
        f"A picture as it is, and {DRAWS} draws of the augmentation '{name}': {AUGMENTATIONS.get(name).about}"
        f" On average a pixel changes by {100 * change(pixels, draws):.0f} % of the range from black to white."
        f"{drawn_from(paths[:1])}"
    )
    return (Picture(f"gallery-{name}", f"Augmentation '{name}'", caption, png(sheet(in_rows(tiles, COLUMNS)))),)
