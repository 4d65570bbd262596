"""The filters of the first convolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from bench.cell import Picture
from bench.errors import Unsupported
from bench.learning.looking.drawing import Tile, around_gray, enlarged, in_rows, png, sheet
from bench.learning.looking.look import Look, outputs_of

MOST = 64
"""Most filters that are drawn."""
PRINCIPAL = 28
"""Principal components of a patch embedding that are drawn, as in figure 7 of arXiv:2010.11929."""
COLUMNS = {16: 4, 32: 8, 64: 8}
WIDE = 480
"""Width of the drawing in pixels."""
EMPTY = 0.1
"""Share of the median norm below which a filter counts as empty."""


@dataclass(frozen=True)
class Filters:
    """A convolution whose input is the image itself."""

    name: str
    weight: torch.Tensor
    """Weights, float32, N x C x K x K on the CPU; C is 1 or 3."""
    channels: int
    """Channels of the layer's input; for weights trained on gray pictures alone, filters are summed over these."""
    embeds: bool
    """Whether the stride equals the kernel: then the layer embeds patches, and its filters do not slide."""

    @property
    def empty(self) -> float:
        """Share of filters that count as empty."""
        norms = self.weight.flatten(1).norm(dim=1)
        return float((norms < EMPTY * norms.median()).double().mean())


def first_filters(look: Look) -> Filters:
    """The convolution that is called first.

    Raises:
        Unsupported: there is none, or its input is not a picture of one or three channels.
    """
    convolutions = {name: m for name, m in look.model.named_modules() if isinstance(m, nn.Conv2d)}
    with outputs_of(dict(convolutions)) as called:
        look.run()
    if not called:
        raise Unsupported(f"{look.architecture.name} has no convolution, and so no filters")
    name = next(iter(called))
    layer = convolutions[name]
    weight = layer.weight.detach().float().cpu()
    if weight.shape[1] not in (1, 3):
        raise Unsupported(f"the filters of '{name}' take {weight.shape[1]} channels: that is not a picture")
    channels = weight.shape[1]
    if look.gray:  # the channels of its pictures were equal, so that only their sum has learned
        weight = weight.sum(1, keepdim=True)
    embeds = layer.stride == layer.kernel_size and weight.shape[-1] > 1
    return Filters(name, weight.contiguous(), channels, embeds)


def draw_filters(filters: Filters) -> tuple[Picture, ...]:
    """Draw the filters in their order and, for a patch embedding, their principal components."""
    number, shown, *_, side = filters.weight.shape
    summed = "; as they were trained on gray pictures, the sum over the colours is drawn"
    colour = "in colour" if shown == 3 else "in gray" + (summed if filters.channels == 3 else "")
    some = f"the first {MOST} of {number}" if number > MOST else f"all {number}"
    caption = (
        f"Layer '{filters.name}': {some} filters of {side}x{side} weights, {colour}. Each is scaled by its"
        f" own largest weight; gray is zero. {_about_empty(filters)}"
    )
    pictures = (Picture("filters", "First-layer filters", caption, _tiles(filters.weight[:MOST])),)
    if not filters.embeds or min(number, filters.weight[0].numel()) < PRINCIPAL:
        return pictures
    components, share = principal(filters.weight)
    caption = (
        f"The first {PRINCIPAL} principal components of the {number} filters of '{filters.name}', which embed"
        f" patches of {side}x{side} pixels; they hold {100 * share:.0f} % of the filters' variance. Trained on"
        " many images, they look like a basis of fine structure within a patch."
    )
    return (
        *pictures,
        Picture("components", "Principal components of the patch embedding", caption, _tiles(components)),
    )


def principal(weight: torch.Tensor) -> tuple[torch.Tensor, float]:
    """The first `PRINCIPAL` principal components of N x C x K x K filters, and their share of the variance."""
    flat = weight.flatten(1)
    _, deviations, directions = torch.linalg.svd(flat - flat.mean(0), full_matrices=False)
    variance = deviations.square()
    share = float(variance[:PRINCIPAL].sum() / variance.sum())
    return directions[:PRINCIPAL].reshape(-1, *weight.shape[1:]), share


def _about_empty(filters: Filters) -> str:
    empty = round(filters.empty * len(filters.weight))
    return f"{empty} of them are as good as empty." if empty else "None is empty."


def _tiles(weight: torch.Tensor) -> bytes:
    columns = next((n for most, n in COLUMNS.items() if len(weight) <= most), 8)
    columns = 7 if len(weight) == PRINCIPAL else columns
    side = WIDE // columns - 6
    # an empty filter must not be blown up to a full one
    least = EMPTY * float(weight.abs().flatten(1).amax(1).median())
    drawn = [enlarged(around_gray(_arranged(one), least), side) for one in weight]
    return png(sheet(in_rows([Tile(pixels) for pixels in drawn], columns)))


def _arranged(one: torch.Tensor) -> np.ndarray:
    """A filter C x K x K as K x K, or as K x K x 3."""
    array: np.ndarray = one.numpy()
    return array[0] if len(array) == 1 else array.transpose(1, 2, 0)
