"""Feeding of a training's pictures to the model: they wait on its device, or come one batch ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch

from bench.learning.data.augment import Augmenter
from bench.learning.data.view import FittedImages, batches
from bench.learning.training.device.waiting import Waiting
from bench.learning.training.task import EVALUATION_BATCH, TrainingTask

ROOM = 0.25
"""Share of a GPU's memory, free before training, that pictures may take."""


class Way(StrEnum):
    """Way of training pictures to the model."""

    IN_MEMORY = "in memory"
    """Pictures are in memory, where the model is, too: on a CPU."""
    ON_DEVICE = "on the device"
    """Pictures are on the device from the beginning, and are augmented there."""
    AHEAD = "one batch ahead"
    """Pictures come from a thread, which makes each batch while the device works at the previous one."""
    EACH_STEP = "at each step"
    """Pictures are made at each step, since their augmentation shares random generators with the model."""


@dataclass(frozen=True)
class Feeding:
    """Way of one training's pictures to the model, and why."""

    way: Way
    size: int
    """Bytes that the pictures take in the model's shape."""
    free: int | None = None
    """Bytes that were free on the device; None: it is a CPU."""

    def told(self) -> dict[str, Any]:
        """Details for the record; empty on a CPU, where there is no choice."""
        if self.free is None:
            return {}
        return {"pictures": {"come": str(self.way), "bytes": self.size, "free_on_device": self.free}}


def feeding(size: int, device: str, augmenter: Augmenter) -> Feeding:
    """The fastest way for pictures of so many bytes; a GPU is asked for its free memory."""
    if not device.startswith("cuda"):
        return Feeding(Way.IN_MEMORY, size)
    free, _ = torch.cuda.mem_get_info(device)
    if augmenter.is_on_device and size <= ROOM * free:
        return Feeding(Way.ON_DEVICE, size, free)
    return Feeding(Way.AHEAD if augmenter.is_apart else Way.EACH_STEP, size, free)


class TrainingPictures:
    """The training images, augmented anew at each step, and the validation images as they are."""

    def __init__(
        self,
        task: TrainingTask,
        how: Feeding,
        augmenter: Augmenter,
        waiting: Waiting,
        fitted: FittedImages | None = None,
        upcoming: Callable[[], torch.Tensor] | None = None,
    ) -> None:
        """Begin at the augmenter's present state.

        Args:
            task: the images, and the device.
            how: way in which pictures get to the device.
            augmenter: augmentation of the training images.
            waiting: is told when a step's pictures are ready for the device.
            fitted: the images in the model's shape, where they have been made before.
            upcoming: positions of the images that will be asked for after those that have been; None: nothing is
                made ahead.
        """
        self.how = how
        self._task, self._augmenter, self._waiting = task, augmenter, waiting
        self._fitted = fitted or FittedImages(
            task.pixels, task.seen, task.view, task.device if how.way == Way.ON_DEVICE else ""
        )
        self._upcoming = upcoming if how.way == Way.AHEAD else None
        self._thread = ThreadPoolExecutor(1, "pictures")  # which is begun when it is given something to do
        self._next: tuple[Future[torch.Tensor], torch.Tensor] | None = None

    def learning(self, positions: torch.Tensor) -> torch.Tensor:
        """Augmented training images as normalised float32 on the device."""
        if self.how.way == Way.ON_DEVICE:
            self._waiting.begins()  # augmenting is the device's work
        made = self._next[0].result() if self._next else self._made(positions)
        if self._upcoming is not None:
            before = self._augmenter.state()
            self._next = self._thread.submit(self._made, self._upcoming()), before
        self._waiting.begins()
        return self._task.view.ready(made, self._task.device)

    def plain(self, positions: torch.Tensor) -> Iterator[torch.Tensor]:
        """Images without augmentation as normalised float32 on the device, in batches for evaluation."""
        for some in batches(positions, EVALUATION_BATCH):
            yield self._task.view.ready(self._fitted.of(some), self._task.device)

    def state(self) -> torch.Tensor:
        """State of the augmentation's random stream, as if nothing had been made ahead."""
        return self._next[1] if self._next else self._augmenter.state()

    def restore(self, state: torch.Tensor) -> None:
        """Restore a state of the random stream."""
        self._drop()
        self._augmenter.restore(state)

    def again(self) -> TrainingPictures:
        """The same images with a stream of their own, without batches made ahead and without timing."""
        return TrainingPictures(self._task, self.how, self._task.augmenter(), Waiting("cpu"), self._fitted)

    def close(self) -> None:
        """End the thread, and drop the batches that it has made ahead."""
        self._drop()
        self._upcoming = None
        self._thread.shutdown()

    def _drop(self) -> None:
        if self._next is not None:
            made, before = self._next
            wait([made])
            self._augmenter.restore(before)
            self._next = None

    def _made(self, positions: torch.Tensor) -> torch.Tensor:
        return self._augmenter(self._fitted.of(positions))
