"""Task of a training: images, labels, order and changes, the loss, the number format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from bench.learning.data.augment import Augmenter
from bench.learning.data.sending import sent
from bench.learning.data.view import View, batches
from bench.learning.partition import Partition
from bench.learning.recipes import PLAIN, Objective
from bench.learning.training.order import ImageOrder
from bench.learning.training.techniques.losses import class_weights, mean_loss
from bench.learning.training.techniques.mixing import Mixer
from bench.network.outputs import NetworkOutputs
from bench.network.precision import computing_in

EVALUATION_BATCH = 64


@dataclass(frozen=True)
class TrainingTask:
    """Images to learn from, and the way in which they are fed."""

    pixels: torch.Tensor
    """Pixels, uint8, N x C x H x W, of all splits, as they are stored."""
    labels: torch.Tensor
    partition: Partition
    view: View
    batch: int
    device: str
    outputs: NetworkOutputs
    """Reader of the scores in the model's output."""
    augmentation: str = "none"
    pipeline: str = "tensor"
    seed: int = 0
    fold: int = 0
    alone: bool = True
    """Whether the model's output for an image is independent of the other images of the batch."""
    precision: str = "fp32"
    onednn: bool = True
    """Whether networks may use oneDNN; False where its kernels are wrong for them on this CPU."""
    objective: Objective = PLAIN
    execution: str = "eager"
    """Execution of a network while it learns; it answers eagerly."""

    def augmenter(self) -> Augmenter:
        """A new augmenter at the beginning of its random stream."""
        return Augmenter(self.augmentation, self.seed, self.fold, pipeline=self.pipeline)

    def mixer(self) -> Mixer | None:
        """A new mixer at the beginning of its random stream; None where pictures are not blended."""
        if not self.objective.mixes:
            return None
        return Mixer(self.objective, self._classes, self.seed, self.fold)

    def order(self) -> ImageOrder:
        """A new order of positions among the training images, at the beginning of its random stream."""
        return ImageOrder(len(self.partition.train), self.batch, self.seed, self.fold)

    def computing(self) -> AbstractContextManager[object]:
        """Context in which networks compute in the task's precision."""
        return computing_in(self.precision, self.device, onednn=self.onednn)

    def loss(self, scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Mean loss of one of the task's batches under the objective.

        Args:
            scores: B x classes.
            wanted: int64, B: classes; or float32, B x classes: the share of each.
        """
        with self.computing():  # which takes the loss of 16 bits in float32
            return mean_loss(scores, wanted, self.objective.smoothing, self._weights_there)

    @property
    def told(self) -> dict[str, Any]:
        """Details for the record on the weights of the classes, where they differ."""
        weights = self._weights_there
        return {} if weights is None else {"class_weights": weights.tolist()}

    @cached_property
    def _classes(self) -> int:
        return self.outputs.classes or int(self.labels.max()) + 1

    @cached_property
    def _weights_there(self) -> torch.Tensor | None:
        if not self.objective.balanced:
            return None
        return class_weights(self.labels[self.partition.train], self._classes).to(self.device)

    @property
    def seen(self) -> torch.Tensor:
        """Positions of the images that training uses again and again: those for training, then for validation."""
        return torch.cat([self.partition.train, self.partition.val])

    @cached_property
    def _labels_there(self) -> torch.Tensor:
        return self.labels.to(self.device)

    def labels_of(self, indices: torch.Tensor) -> torch.Tensor:
        """Labels of the images at these positions, on the device that holds all labels."""
        return self._labels_there[sent(indices, self.device)]

    def chunks(self, indices: torch.Tensor) -> Iterator[torch.Tensor]:
        """Images in the form of the model's input, in batches for evaluation."""
        for some in batches(indices, EVALUATION_BATCH):
            yield self.view.ready(self.view.fit(self.pixels[some]), self.device)
