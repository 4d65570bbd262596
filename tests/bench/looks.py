"""A model to look into, without a data set."""

import torch
from torch import nn

from bench.declare.declarations import Architecture
from bench.learning.data.images import Normalisation
from bench.learning.looking.look import Look


def look_of(model: nn.Module, channels: int = 3, side: int = 4, gray: bool = False, head: str = "") -> Look:
    """The model with two noisy pictures of two classes."""
    item = Architecture(
        name="net",
        build=lambda _: model,
        family="Net",
        year=2026,
        paper="none",
        idea="Nothing.",
        resolution=side,
        min_resolution=1,
        channels=channels,
        published=(),
        lecture=False,
        tags=(),
        reduced_of="",
        head=head,
        upper=(),
        pretrained=(),
        place="here:1",
    )
    shape = (2, channels, side, side)
    pixels = torch.randint(256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    flat = Normalisation((0.5,) * channels, (0.5,) * channels)
    return Look(item, model.eval(), pixels, torch.tensor([0, 1]), flat, "cpu", gray)
