"""Resizing of pixels in memory to squares of a model's size, with the result of decoding from a file."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from bench.declare.preprocessing import Geometry

_OF_TENSORS = ("bilinear", "bicubic")
"""Interpolations that torch computes on tensors as Pillow does."""
_LUMA = (0.2989, 0.587, 0.114)
"""Weights of red, green and blue, as in torchvision's `rgb_to_grayscale`."""


def fit_to(pixels: torch.Tensor, channels: int, geometry: Geometry | None) -> torch.Tensor:
    """Bring uint8 N x C x H x W into a model's channels and square resolution, antialiased.

    Args:
        pixels: the images, all of one size.
        channels: 1 or 3; gray is repeated, colour becomes its luma.
        geometry: way in which pictures become squares; None: they keep their size.
    """
    if pixels.shape[1] == 1 and channels == 3:
        pixels = pixels.expand(-1, 3, -1, -1)
    elif pixels.shape[1] == 3 and channels == 1:
        red, green, blue = pixels.unbind(1)
        luma = (red * _LUMA[0]).add_(green, alpha=_LUMA[1]).add_(blue, alpha=_LUMA[2])
        pixels = luma.to(torch.uint8)[:, None]
    if geometry is None:
        return pixels
    height, width = pixels.shape[-2:]
    size = geometry.size(width, height)[::-1]
    if size != (height, width):
        pixels = _resized(pixels, list(size), geometry.interpolation)
    return _centre(pixels, geometry)


def _resized(pixels: torch.Tensor, size: list[int], interpolation: str) -> torch.Tensor:
    if interpolation in _OF_TENSORS:
        # what torchvision's `resize` of tensors comes down to
        resized: torch.Tensor = torch.nn.functional.interpolate(
            pixels, size, mode=interpolation, align_corners=False, antialias=True
        )
        return resized
    # one by one
    filter_ = Image.Resampling[interpolation.upper()]
    images = (Image.fromarray(plane.numpy()) for plane in pixels.flatten(0, 1))
    planes = [np.asarray(image.resize((size[1], size[0]), filter_)) for image in images]
    return torch.from_numpy(np.stack(planes)).reshape(*pixels.shape[:2], *size)


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
