"""Warps and brightness changes of a batch of pictures, each with its own parameters. Pure functions."""

from __future__ import annotations

import torch

from bench.learning.data.sending import sent

LUMA = (0.2989, 0.587, 0.114)
"""Weights of red, green and blue in v2's grey."""


def affine(
    images: torch.Tensor, angle: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor, interpolation: str
) -> torch.Tensor:
    """Warp each image of uint8 N x C x H x W about its centre, with the result of v2's `affine`, fill 0.

    Args:
        images: the batch, on any device; the other values are on the CPU.
        angle: N, degrees, clockwise.
        shift: N x 2, pixels to the right and down.
        scale: N.
        interpolation: `nearest` or `bilinear`.
    """
    radians = angle.deg2rad()
    cos, sin = radians.cos() / scale, radians.sin() / scale
    right, down = shift.unbind(1)
    # from a pixel of the result to that of the source: the inverse of shift after scaling after rotation
    matrix = torch.stack([cos, sin, -cos * right - sin * down, -sin, cos, sin * right - cos * down], 1)
    (height, width), device = images.shape[-2:], images.device
    y, x = torch.meshgrid(_centred(height, device), _centred(width, device), indexing="ij")
    places = _mapped(sent(matrix, device).view(-1, 2, 3), x, y)
    grid = places.transpose(1, 2) * 2 / sent(torch.tensor([width, height]), device)
    return _sampled(images, grid.view(-1, height, width, 2), interpolation)


def resized_crop(images: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Resize a box of each image of uint8 N x C x H x W to H x W, bilinearly, from pixels of the box alone.

    Args:
        images: the batch.
        boxes: N x 4: top, left, height, width, in pixels.
    """
    top, left, rows, columns = sent(boxes, images.device).float().unsqueeze(2).unbind(1)
    height, width = images.shape[-2:]
    y = _stretched(top, rows, height)[:, :, None].expand(-1, -1, width)
    x = _stretched(left, columns, width)[:, None, :].expand(-1, height, -1)
    return _sampled(images, torch.stack([x, y], -1), "bilinear")


def brightened(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """Multiply each image of uint8 N x C x H x W by its factor (N)."""
    return (images * each(factor, images)).clamp_(0, 255).to(torch.uint8)


def contrasted(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """Blend each image of uint8 N x C x H x W with its mean grey by its factor (N)."""
    gray = images.float()
    if images.shape[1] == 3:
        weights = sent(torch.tensor(LUMA), images.device).view(1, 3, 1, 1)
        gray = (gray * weights).sum(1, keepdim=True).floor_()
    factors = each(factor, images)
    return (images * factors + gray.mean((1, 2, 3), keepdim=True) * (1 - factors)).clamp_(0, 255).to(torch.uint8)


def each(values: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """One value per image, in a shape that combines with the images."""
    return sent(values, images.device).view(-1, 1, 1, 1)


def _centred(side: int, device: torch.device) -> torch.Tensor:
    """Positions of pixels relative to the middle."""
    return torch.arange(side, device=device) - (side - 1) / 2


def _mapped(matrix: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Images of the points under each matrix (N x 2 x 3): N x 2 x pixels."""
    if matrix.device.type == "cpu":
        return matrix @ torch.stack([x, y, torch.ones_like(x)]).flatten(1)
    # a GPU takes products of matrices in tf32 where that is asked of the network: it would miss the pixel
    right, down, shift = matrix.unsqueeze(-1).unbind(2)
    return right * x.flatten() + down * y.flatten() + shift


def _stretched(first: torch.Tensor, length: torch.Tensor, side: int) -> torch.Tensor:
    """Positions of the sampled pixels along one axis, N x side, in -1..1 for `grid_sample`."""
    inside = (
        ((torch.arange(side, device=length.device) + 0.5) / side * length - 0.5).clamp(min=0).minimum(length - 1)
    )
    return (2 * (first + inside) + 1) / side - 1


def _sampled(images: torch.Tensor, grid: torch.Tensor, interpolation: str) -> torch.Tensor:
    sampled = torch.nn.functional.grid_sample(
        images.float(), grid, interpolation, padding_mode="zeros", align_corners=False
    )
    return sampled.round_().to(torch.uint8)
