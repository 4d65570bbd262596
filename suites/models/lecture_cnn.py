"""The network whose layer table the slides print."""

from __future__ import annotations

import torch
from torch import nn


class LectureCNN(nn.Module):
    """Two convolutions with pooling and one linear layer, for digits of 28 x 28 pixels."""

    def __init__(self, num_classes: int, kernel_size: int = 5) -> None:
        """Build the network.

        Raises:
            ValueError: the kernel size is even, so that no padding keeps the size of the feature maps.
        """
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd and positive, not {kernel_size}")
        super().__init__()
        self.conv1 = _stage(1, 16, kernel_size)
        self.conv2 = _stage(16, 32, kernel_size)
        self.out = nn.Linear(32 * 7 * 7, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map N x 1 x 28 x 28 images to N x `num_classes` logits."""
        logits: torch.Tensor = self.out(self.conv2(self.conv1(images)).flatten(1))
        return logits


def _stage(channels_in: int, channels_out: int, kernel_size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size, padding=kernel_size // 2),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )
