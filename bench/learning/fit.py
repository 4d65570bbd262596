"""Training of a whole model or of its upper part on labelled images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from bench.artifact import Report
from bench.learning.augment import Augmenter
from bench.learning.data import Normalisation
from bench.learning.partition import Partition
from bench.learning.seeds import seeded, stream
from bench.learning.surgery import freeze_below, logits_of, place, set_train
from bench.learning.training import Batches, Point, Recipe, Watch, optimise, order

EVALUATION_BATCH = 64


@dataclass(frozen=True)
class Task:
    """Images to learn from, and how they are fed."""

    pixels: torch.Tensor
    """uint8, N x C x R x R, of all splits."""
    labels: torch.Tensor
    partition: Partition
    normalisation: Normalisation
    batch: int
    device: str
    augmentation: str = "none"
    seed: int = 0
    fold: int = 0

    def batches(self) -> Batches:
        """Endless training batches on the device."""
        train = self.partition.train
        augment = Augmenter(self.augmentation, self.seed, self.fold)
        for chosen in order(len(train), self.batch, self.seed, self.fold):
            images = augment(self.pixels[train[chosen]])
            yield self._ready(images), self.labels[train[chosen]].to(self.device)

    @torch.inference_mode()
    def logits(self, model: nn.Module, indices: torch.Tensor) -> torch.Tensor:
        """N x classes on the CPU, the model in eval mode."""
        model.eval()
        chunks = [model(self._ready(self.pixels[some])) for some in indices.split(EVALUATION_BATCH)]
        return torch.cat([logits_of(chunk).float().cpu() for chunk in chunks])

    def accuracy(self, model: nn.Module, indices: torch.Tensor) -> float:
        """Top-1 over these images."""
        right = self.logits(model, indices).argmax(1) == self.labels[indices]
        return float(right.double().mean())

    def _ready(self, images: torch.Tensor) -> torch.Tensor:
        return self.normalisation.apply(images.to(self.device))


@dataclass(frozen=True)
class Fitted:
    """A trained model with its learning curve."""

    model: nn.Module
    curve: tuple[Point, ...]
    trainable: int
    """Parameters that took part: auxiliary heads, whose loss is not used, did not."""


def fit(model: nn.Module, task: Task, recipe: Recipe, report: Report, trained: tuple[str, ...] = ("",)) -> Fitted:
    """Train the named modules (by default all) for the recipe's steps; the rest is frozen, in eval mode."""
    model = place(model, task.device)
    freeze_below(model, trained)
    parameters = [p for p in model.parameters() if p.requires_grad]

    def loss_of(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        # evaluation for the curve leaves eval mode behind, so the mode is set at every step
        set_train(model, trained)
        return nn.functional.cross_entropy(logits_of(model(inputs)), labels)

    watch = Watch(partial(task.accuracy, model, task.partition.val), partial(tell, report))
    with seeded(stream("dropout", task.seed, task.fold)):
        optimise(parameters, loss_of, task.batches(), recipe, watch)
    trainable = sum(p.numel() for p in parameters if p.grad is not None)
    return Fitted(model, tuple(watch.curve), trainable)


def tell(report: Report, point: Point, steps: int) -> None:
    """Show a point of the curve as progress."""
    report({"step": point.step, "steps": steps, "loss": point.loss, "val": point.val})
