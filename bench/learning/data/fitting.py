"""Pixels in memory become squares of a model's size, as those of files do when they are decoded."""

from __future__ import annotations

import torch
from PIL import Image

from bench.declare.preprocessing import Geometry
from bench.lazy import lazy

modes = lazy("torchvision.transforms")
transforms = lazy("torchvision.transforms.v2.functional")

_OF_TENSORS = ("bilinear", "bicubic")
"""Interpolations that torchvision does of tensors as Pillow does them."""


def fit_to(pixels: torch.Tensor, channels: int, geometry: Geometry | None) -> torch.Tensor:
    """Bring uint8 N x C x H x W into a model's channels and square resolution, antialiased.

    Args:
        pixels: the images, all of one size.
        channels: 1 or 3; gray is repeated, colour becomes its luma.
        geometry: how they become squares; None: they stay of the size that they have.
    """
    if pixels.shape[1] == 1 and channels == 3:
        pixels = pixels.expand(-1, 3, -1, -1)
    elif pixels.shape[1] == 3 and channels == 1:
        pixels = transforms.rgb_to_grayscale(pixels)
    if geometry is None:
        return pixels
    height, width = pixels.shape[-2:]
    size = geometry.size(width, height)[::-1]
    if size != (height, width):
        pixels = _resized(pixels, list(size), geometry.interpolation)
    return _centre(pixels, geometry)


def _resized(pixels: torch.Tensor, size: list[int], interpolation: str) -> torch.Tensor:
    if interpolation in _OF_TENSORS:
        mode = modes.InterpolationMode(interpolation)
        resized: torch.Tensor = transforms.resize(pixels, size, interpolation=mode, antialias=True)
        return resized
    # one by one
    filter_ = Image.Resampling[interpolation.upper()]
    images = (modes.functional.to_pil_image(image).resize(size[::-1], filter_) for image in pixels)
    return torch.stack([modes.functional.pil_to_tensor(image) for image in images])


def _centre(pixels: torch.Tensor, geometry: Geometry) -> torch.Tensor:
    side = geometry.side
    top, left = (geometry.offset(length) for length in pixels.shape[-2:])
    if min(top, left) >= 0:
        return pixels[..., top : top + side, left : left + side]
    square = torch.zeros((*pixels.shape[:2], side, side), dtype=pixels.dtype)
    if geometry.fill:
        colour = torch.tensor(geometry.fill, dtype=pixels.dtype)
        square[:] = colour[: pixels.shape[1], None, None]
    inside = pixels[..., max(0, top) :, max(0, left) :][..., :side, :side]
    height, width = inside.shape[-2:]
    square[..., max(0, -top) : max(0, -top) + height, max(0, -left) : max(0, -left) + width] = inside
    return square
