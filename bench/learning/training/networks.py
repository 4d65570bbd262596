"""A model in the form in which it is trained: whole at every step, or only the part above its frozen boundary."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch import nn

from bench.learning.data.view import batches, size_of
from bench.learning.surgery import ModuleModes
from bench.learning.training.boundary import MOST_BYTES, KeptActivations, Split, bytes_an_image, split_at_boundary
from bench.learning.training.device.compiling import to_learn
from bench.learning.training.device.pictures import TrainingPictures, feeding
from bench.learning.training.device.waiting import Waiting
from bench.learning.training.order import ImageOrder
from bench.learning.training.task import EVALUATION_BATCH, TrainingTask
from bench.learning.training.unfinished import Drawing, Drawings

WHOLE = ("",)
"""Name list of trained modules that stands for all modules."""
Answered = tuple[torch.Tensor, torch.Tensor]
"""Logits, B x classes, and targets: classes (int64, B) or their shares (float32, B x classes)."""


class Network(Protocol):
    """A model in the form in which it is trained."""

    model: nn.Module

    @property
    def drawing(self) -> Drawing:
        """Random drawings at each step."""
        ...

    @property
    def told(self) -> dict[str, Any]:
        """Details for the record on how pictures get to a GPU; empty on a CPU."""
        ...

    def learning(self, positions: torch.Tensor) -> Answered:
        """Logits for the training images at these positions, while learning, and their targets."""
        ...

    def unchanged(self, chosen: torch.Tensor) -> torch.Tensor:
        """Logits of a step for a batch at these positions among the training images, without drawing from any
        stream."""
        ...

    def answers(self, positions: torch.Tensor) -> torch.Tensor:
        """Logits, N x classes on the CPU, in eval mode, for images of the data set."""
        ...

    def copied(self) -> Network:
        """A copy that learns the same and shares no weights, statistics or random streams with this network."""
        ...

    def close(self) -> None:
        """End learning, and release what it needs beside the model."""
        ...


class WholeModel:
    """A network in which every step goes through the whole model."""

    def __init__(
        self, model: nn.Module, task: TrainingTask, trained: tuple[str, ...], pictures: TrainingPictures
    ) -> None:
        self.model, self._task, self._trained, self._pictures = model, task, trained, pictures
        self._modes, self._mixer = ModuleModes(model, trained), task.mixer()
        self._step = to_learn(model, self, task)

    @property
    def drawing(self) -> Drawing:
        """The augmentation, and the blends where there are any."""
        return self._pictures if self._mixer is None else Drawings(self._pictures, self._mixer)

    @property
    def told(self) -> dict[str, Any]:
        """Details on how the pictures get to the device."""
        return self._pictures.how.told()

    def learning(self, positions: torch.Tensor) -> Answered:
        """Logits of augmented training images, blended on the device where the recipe says so."""
        self._modes.set()  # answering leaves eval mode behind, and a forward may change modes itself
        images, wanted = self._pictures.learning(positions), self._task.labels_of(positions)
        if self._mixer is not None:
            images, wanted = self._mixer(images, wanted)
        return self._scores(self._step, images), wanted

    def unchanged(self, chosen: torch.Tensor) -> torch.Tensor:
        """Logits of training images that are neither augmented nor blended."""
        self._modes.set()
        images = torch.cat(list(self._pictures.plain(self._task.partition.train[chosen])))
        return self._scores(self._step, images)

    @torch.inference_mode()
    def answers(self, positions: torch.Tensor) -> torch.Tensor:
        """Logits in eval mode."""
        self.model.eval()
        batches = self._pictures.plain(positions)
        return torch.cat([self._scores(self.model, images).float().cpu() for images in batches])

    def _scores(self, model: nn.Module, images: torch.Tensor) -> torch.Tensor:
        with self._task.computing():  # not around making the pictures, whose places are exact
            return self._task.outputs.scores(model(images))

    def copied(self) -> WholeModel:
        """A copy with the same pictures, not compiled."""
        task = replace(self._task, execution="eager")
        return WholeModel(copy.deepcopy(self.model), task, self._trained, self._pictures.again())

    def close(self) -> None:
        """Stop making pictures ahead."""
        self._pictures.close()


class Above:
    """A network in which only the part above the frozen boundary runs at every step: below, results never
    change."""

    def __init__(
        self, model: nn.Module, task: TrainingTask, trained: tuple[str, ...], split: Split, waiting: Waiting
    ) -> None:
        self.model, self._task, self._trained, self._split = model, task, trained, split
        self._waiting, self._modes = waiting, ModuleModes(model, trained)
        self._kept = KeptActivations(split, task.chunks, task.seen, task.computing)
        self._step = to_learn(split.learning, self, task)

    @property
    def drawing(self) -> Drawing:
        """Drawings of an augmentation that changes nothing."""
        return self._task.augmenter()

    @property
    def told(self) -> dict[str, Any]:
        """Details that say that pictures are transferred once."""
        return {"pictures": {"come": "once, as activations"}} if self._task.device.startswith("cuda") else {}

    def learning(self, positions: torch.Tensor) -> Answered:
        """Logits of training images."""
        self._modes.set()
        self._waiting.begins()
        return self._scores(self._step, self._kept.of(positions)), self._task.labels_of(positions)

    def unchanged(self, chosen: torch.Tensor) -> torch.Tensor:
        """Logits of training images, which do not depend on a random stream."""
        self._modes.set()
        return self._scores(self._step, self._kept.of(self._task.partition.train[chosen]))

    @torch.inference_mode()
    def answers(self, positions: torch.Tensor) -> torch.Tensor:
        """Logits in eval mode."""
        self.model.eval()
        chunks = (self._kept.of(some) for some in batches(positions, EVALUATION_BATCH))
        return torch.cat([self._scores(self._split.answering, values).float().cpu() for values in chunks])

    def _scores(self, upper: nn.Module, values: tuple[torch.Tensor, ...]) -> torch.Tensor:
        with self._task.computing():
            return self._task.outputs.scores(upper(*values))

    def copied(self) -> Above:
        """A copy with activations of its own, not compiled."""
        model, split = copy.deepcopy((self.model, self._split))  # at once: they share their parameters
        return Above(model, replace(self._task, execution="eager"), self._trained, split, Waiting("cpu"))

    def close(self) -> None:
        """Do nothing, since nothing must be released."""


def loss_of(network: Network, task: TrainingTask, chosen: torch.Tensor) -> torch.Tensor:
    """Mean loss of the training images at these positions among them."""
    return task.loss(*network.learning(task.partition.train[chosen]))


def network_of(
    model: nn.Module, task: TrainingTask, trained: tuple[str, ...], order: ImageOrder, waiting: Waiting
) -> Network:
    """The fastest network equal to the whole model: its upper part, where the rest is constant."""
    if (above := _above(model, task, trained, waiting)) is not None:
        return above
    augmenter, train = task.augmenter(), task.partition.train
    how = feeding(size_of(task.seen, task.view), task.device, augmenter)
    pictures = TrainingPictures(task, how, augmenter, waiting, upcoming=lambda: train[order.peek()])
    return WholeModel(model, task, trained, pictures)


def _above(model: nn.Module, task: TrainingTask, trained: tuple[str, ...], waiting: Waiting) -> Above | None:
    if trained == WHOLE or task.augmentation != "none" or task.objective.mixes or not task.alone:
        return None
    two = next(task.chunks(task.partition.train[:2]))
    split = split_at_boundary(model, trained, two) if len(two) == 2 else None
    if split is None:
        return None
    with task.computing():
        size = bytes_an_image(split, two) * len(task.seen)
    return None if size > MOST_BYTES else Above(model, task, trained, split, waiting)
