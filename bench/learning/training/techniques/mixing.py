"""Blends of the pictures of a batch, mixup and cutmix, with a random stream of their own."""

from __future__ import annotations

from typing import Any

import torch

from bench.lazy import lazy
from bench.learning.data.changes import drawing_from
from bench.learning.recipes import Objective
from bench.learning.seeds import stream

v2 = lazy("torchvision.transforms.v2")


class Mixer:
    """Torchvision's `MixUp` or `CutMix` of a batch with itself, rolled by one; with both, each batch draws which.

    What is drawn is drawn on the CPU, a few numbers a batch; pictures are blended where they are.
    """

    def __init__(self, objective: Objective, classes: int, *seed: int) -> None:
        """Begin a stream; equal seeds give equal blends.

        Args:
            objective: has the parameters of mixup and cutmix, one of which at least is above 0.
            classes: number of classes of the data.
            seed: seed of the training.
        """
        kinds: list[tuple[Any, float]] = [(v2.MixUp, objective.mixup), (v2.CutMix, objective.cutmix)]
        self._change = v2.RandomChoice([make(alpha=alpha, num_classes=classes) for make, alpha in kinds if alpha])
        self._generator = torch.Generator().manual_seed(stream("mix", *seed))

    def __call__(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Blended pictures and the share of each class in them, float32, B x classes.

        Args:
            images: float, B x C x H x W, on any device.
            labels: int64, B, on the same.
        """
        with drawing_from(self._generator):
            blended, shares = self._change(images, labels)
        return blended, shares

    def state(self) -> torch.Tensor:
        """State of the random stream, for `restore`."""
        return self._generator.get_state()

    def restore(self, state: torch.Tensor) -> None:
        """Restore a state of the random stream."""
        self._generator.set_state(state)
