"""Training of a whole model or of its upper part on labelled images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from bench.declare.artifact import Report
from bench.learning.data.augment import Augmenter
from bench.learning.data.view import Fitted as FittedImages
from bench.learning.data.view import View, batches
from bench.learning.partition import Partition
from bench.learning.seeds import seeded, stream
from bench.learning.surgery import freeze_below, place, set_train
from bench.learning.training.boundary import MOST_BYTES, Kept, bytes_an_image, split_at_boundary
from bench.learning.training.loop import Training, optimise
from bench.learning.training.order import Order
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Point, Watch
from bench.network.building import trainable_parameters
from bench.network.outputs import Outputs

EVALUATION_BATCH = 64
WHOLE = ("",)
"""As modules that are trained: all of them."""


@dataclass(frozen=True)
class Task:
    """Images to learn from, and how they are fed."""

    pixels: torch.Tensor
    """uint8, N x C x H x W, of all splits, as they are stored."""
    labels: torch.Tensor
    partition: Partition
    view: View
    batch: int
    device: str
    outputs: Outputs
    """Finds the scores in what the model answers with."""
    augmentation: str = "none"
    pipeline: str = "tensor"
    seed: int = 0
    fold: int = 0
    alone: bool = True
    """Whether what the model makes of an image is the same whatever other images are beside it."""

    def augmenter(self) -> Augmenter:
        """A new one, at the beginning of its random stream."""
        return Augmenter(self.augmentation, self.seed, self.fold, pipeline=self.pipeline)

    def order(self) -> Order:
        """Positions among the training images, at the beginning of their random stream."""
        return Order(len(self.partition.train), self.batch, self.seed, self.fold)

    def labels_of(self, indices: torch.Tensor) -> torch.Tensor:
        """On the device."""
        return self.labels[indices].to(self.device)

    def chunks(self, indices: torch.Tensor) -> Iterator[torch.Tensor]:
        """Images as the model takes them, in batches for evaluation."""
        for some in batches(indices, EVALUATION_BATCH):
            yield self.view.ready(self.view.fit(self.pixels[some]), self.device)

    def scores_of(self, outputs: Iterable[object]) -> torch.Tensor:
        """N x classes on the CPU, of a model's outputs batch by batch."""
        return torch.cat([self.outputs.scores(output).float().cpu() for output in outputs])


class Network(Protocol):
    """A model as training sees it."""

    def learning(self, chosen: torch.Tensor) -> torch.Tensor:
        """Logits for the training images at these positions among them, while learning."""
        ...

    def answers(self, indices: torch.Tensor) -> torch.Tensor:
        """N x classes on the CPU, in eval mode, for images of the data set."""
        ...


class Whole:
    """Every step goes through the whole model."""

    def __init__(self, model: nn.Module, task: Task, trained: tuple[str, ...], augmenter: Augmenter) -> None:
        self._model, self._task, self._trained, self._augmenter = model, task, trained, augmenter
        self._fitted = FittedImages(task.pixels, task.partition.train, task.view)

    def learning(self, chosen: torch.Tensor) -> torch.Tensor:
        """Logits of augmented training images."""
        # answering leaves eval mode behind, so the mode is set at every step
        set_train(self._model, self._trained)
        images = self._augmenter(self._fitted[chosen])
        return self._task.outputs.scores(self._model(self._task.view.ready(images, self._task.device)))

    @torch.inference_mode()
    def answers(self, indices: torch.Tensor) -> torch.Tensor:
        """Logits in eval mode."""
        self._model.eval()
        return torch.cat(
            [self._task.outputs.scores(self._model(images)).float().cpu() for images in self._task.chunks(indices)]
        )


class Above:
    """Only what lies above the frozen boundary runs at every step: below, an image always gives the same."""

    def __init__(self, model: nn.Module, task: Task, trained: tuple[str, ...], kept: Kept) -> None:
        self._model, self._task, self._trained, self._kept = model, task, trained, kept

    def learning(self, chosen: torch.Tensor) -> torch.Tensor:
        """Logits of training images."""
        set_train(self._model, self._trained)
        return self._task.outputs.scores(
            self._kept.split.learning(*self._kept.of(self._task.partition.train[chosen]))
        )

    @torch.inference_mode()
    def answers(self, indices: torch.Tensor) -> torch.Tensor:
        """Logits in eval mode."""
        self._model.eval()
        chunks = (self._kept.of(some) for some in batches(indices, EVALUATION_BATCH))
        return torch.cat(
            [self._task.outputs.scores(self._kept.split.answering(*values)).float().cpu() for values in chunks]
        )


@dataclass(frozen=True)
class Fitted:
    """A trained model with its learning curve."""

    model: nn.Module
    answers: Network
    curve: tuple[Point, ...]
    standing: Point
    """Whose weights the model has."""
    trainable: int
    """Parameters that took part: auxiliary heads, whose loss is not used, did not."""


def fit(
    model: nn.Module,
    task: Task,
    training: Training,
    report: Report,
    unfinished: Path,
    trained: tuple[str, ...] = WHOLE,
) -> Fitted:
    """Train the named modules as the recipe says; the rest is frozen, in eval mode.

    Args:
        model: with its initial weights; it is changed.
        task: the images.
        training: how to train.
        report: shows each point of the curve.
        unfinished: the file in which a killed training of the same cell left its state.
        trained: dotted names of what learns; by default all. What the builder has frozen stays so.

    Raises:
        Unsupported: nothing is left to learn.
        Misdeclared: the scores cannot be told from what else the model answers with.
    """
    model = place(model, task.device)
    freeze_below(model, trained)
    parameters = trainable_parameters(model)
    augmenter = task.augmenter()
    network = network_of(model, task, trained, augmenter)
    train, val = task.partition.train, task.partition.val

    def loss_of(chosen: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(network.learning(chosen), task.labels_of(train[chosen]))

    watch = Watch(
        model,
        lambda: judged(network.answers(val), task.labels[val]),
        partial(tell, report),
        steps=training.steps,
        batch=task.batch,
        n=len(train),
        patience=training.patience,
    )
    resumable = Unfinished(unfinished, model, augmenter)
    with seeded(stream("dropout", task.seed, task.fold)):
        optimise(parameters, loss_of, task.order(), training, watch, resumable)
    resumable.end()
    trainable = sum(p.numel() for p in parameters if p.grad is not None)
    return Fitted(model, network, tuple(watch.curve), watch.standing, trainable)


def network_of(model: nn.Module, task: Task, trained: tuple[str, ...], augmenter: Augmenter) -> Network:
    """The cheapest way that gives what the whole model would: its upper part, where the rest is constant."""
    whole = Whole(model, task, trained, augmenter)
    if trained == WHOLE or task.augmentation != "none" or not task.alone:
        return whole
    two = next(task.chunks(task.partition.train[:2]))
    split = split_at_boundary(model, trained, two) if len(two) == 2 else None
    again = torch.cat([task.partition.train, task.partition.val])
    if split is None or bytes_an_image(split, two) * len(again) > MOST_BYTES:
        return whole
    return Above(model, task, trained, Kept(split, task.chunks, again))


def judged(logits: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Top-1 and mean negative log-likelihood in nats."""
    right = float((logits.argmax(1) == labels).double().mean())
    return right, float(nn.functional.cross_entropy(logits.double(), labels))


def tell(report: Report, point: Point, steps: int) -> None:
    """Show a point of the curve as progress."""
    report({"step": point.step, "steps": steps, "epoch": point.epoch, "loss": point.loss, "val": point.val})
