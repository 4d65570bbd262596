"""Observation of a training from time to time: its curve, progress, patience and time."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from bench.learning.training.device.waiting import Waiting
from bench.learning.training.techniques.average import Average

POINTS = 10
"""Most points of a curve, unless patience wants every epoch: evaluating must not cost more than learning."""

NOT_FINITE = "the training loss is not finite at step {}: the learning rate is too high"
_FROM_THE_START = "the training loss is not finite before anything is learned: the weights or the images are not"


@dataclass(frozen=True)
class CurvePoint:
    """A point of a learning curve."""

    step: int
    epoch: float
    """Number of times that every training image has been seen."""
    loss: float
    """Mean training loss since the previous point."""
    val: float
    """Top-1 on validation images."""
    val_loss: float
    """Mean negative log-likelihood on validation images, in nats."""
    seconds: float
    """Seconds of training so far, without evaluation."""
    images: int
    """Training images seen so far, with repetitions."""


Tell = Callable[[CurvePoint, int], None]


def marks(steps: int, steps_per_epoch: float, *, every_epoch: bool) -> frozenset[int]:
    """Steps after which to evaluate: ends of epochs, at most `POINTS` unless all are wanted, and the last step."""
    epochs = [math.ceil((i + 1) * steps_per_epoch) for i in range(int(steps / steps_per_epoch))]
    if not every_epoch:
        stride = math.ceil((len(epochs) + 1) / POINTS)
        epochs = epochs[stride - 1 :: stride]
    return frozenset([*(step for step in epochs if step <= steps), steps])


@dataclass(frozen=True)
class Course:
    """Length of a training, and what may end it earlier."""

    steps: int
    """Steps of the whole training."""
    batch: int
    """Images a step."""
    n: int
    """Training images."""
    patience: int | None = None
    """Epochs without a smaller validation loss after which training ends; None: never."""
    duration: float | None = None
    """Seconds of training after which it ends, if its steps are not over before; None: never."""


class Watch:
    """Keeps the curve of a training, reports its progress, and ends it when patience or time is over."""

    def __init__(
        self,
        model: nn.Module,
        validate: Callable[[], tuple[float, float]],
        tell: Tell,
        course: Course,
        *,
        waiting: Waiting | None = None,
        averaging: float = 0.0,
    ) -> None:
        """Watch a model that is trained.

        Args:
            model: model whose weights patience restores.
            validate: top-1 and mean loss on the validation images.
            tell: receives each point, and the number of steps that there will be, as far as is known.
            course: course of the training.
            waiting: is told of the end of each step, and when the device has done all of them.
            averaging: decay of an average of the weights, which is what is validated and what stands; 0: there is
                none.
        """
        self.curve: list[CurvePoint] = []
        self._model, self._validate, self._tell = model, validate, tell
        self._steps, self._batch, self._n = course.steps, course.batch, course.n
        self._patience, self._duration = course.patience, course.duration
        self._marks = (
            marks(course.steps, course.n / course.batch, every_epoch=course.patience is not None)
            if course.duration is None
            else frozenset()
        )
        self._waiting = waiting or Waiting("cpu")
        self._average = Average(model, averaging) if averaging else None
        self._losses: list[torch.Tensor] = []
        self._best: dict[str, torch.Tensor] = {}
        self._best_step, self._waited, self._seconds = 0, 0, 0.0
        self._since = time.perf_counter()

    @property
    def standing(self) -> CurvePoint:
        """Point whose weights are used: the last one, or with patience the best one."""
        return next((p for p in self.curve if p.step == self._best_step), self.curve[-1])

    def scheduled(self, step: int) -> int:
        """Position of the learning rate's schedule at a step, both from 0.

        Where training ends after a time, it goes by the share of this that is over (budgeted training, Li et al.
        2020, arXiv:1905.04753), or by the steps, which may be over before.
        """
        return max(step, min(self._steps - 1, int(self._time_over * self._steps)))

    @property
    def _time_over(self) -> float:
        """Elapsed share of the training's time; 0 where it has no limit."""
        seconds = self._seconds + time.perf_counter() - self._since
        return 0.0 if self._duration is None else seconds / self._duration

    def goes_on(self, step: int, loss: torch.Tensor) -> bool:
        """Register a step's loss; returns False when patience or time is over.

        Raises:
            FloatingPointError: the loss is no longer a number.
        """
        if self._average is not None:
            self._average.update()
        self._waiting.ends()
        self._losses.append(loss)
        if self._duration is not None:
            float(loss)  # waits for the device, so that no step begins when the time is over
        over = max(step / self._steps, self._time_over)
        if not self._is_due(step, over):
            return True
        losses = torch.stack(self._losses)
        mean = float(losses.mean())  # waits for the device, so that the time below is whole
        self._seconds += time.perf_counter() - self._since
        self._losses.clear()
        self._waiting.read()
        if not math.isfinite(mean):
            at_first = not self.curve and not math.isfinite(float(losses[0]))
            raise FloatingPointError(_FROM_THE_START if at_first else NOT_FINITE.format(step))
        images = step * self._batch
        with self._in_place():
            top1, val_loss = self._validate()
            self.curve.append(CurvePoint(step, images / self._n, mean, top1, val_loss, self._seconds, images))
            self._tell(self.curve[-1], round(step / over))
            patient = self._patient()
        self._since = time.perf_counter()
        return patient and over < 1

    def _is_due(self, step: int, over: float) -> bool:
        """Whether to evaluate: at the marks or, with a time limit, after each tenth of what is over first."""
        return step in self._marks or (self._duration is not None and over * POINTS >= len(self.curve) + 1)

    def settle(self) -> None:
        """Put the best weights into the model, where patience kept them, else their average where there is one."""
        if self._best:
            self._model.load_state_dict(self._best)
        elif self._average is not None:
            self._average.settle()

    def _in_place(self) -> AbstractContextManager[None]:
        """Context in which the model has the weights that would be used."""
        return nullcontext() if self._average is None else self._average.in_place()

    def state(self) -> dict[str, Any]:
        """State that `restore` needs to continue from here."""
        seconds = self._seconds + time.perf_counter() - self._since
        return {
            "curve": [asdict(point) for point in self.curve],
            "losses": torch.stack(self._losses) if self._losses else torch.empty(0),
            "best": self._best,
            "best_step": self._best_step,
            "waited": self._waited,
            "seconds": seconds,
            "average": None if self._average is None else self._average.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a state that `state` returned."""
        self.curve = [CurvePoint(**point) for point in state["curve"]]
        # what is read from a file lies on the CPU, while the next losses come from where the model is
        device = next(self._model.parameters()).device
        self._losses = [loss.to(device) for loss in state["losses"]]
        self._best, self._best_step = state["best"], state["best_step"]
        self._waited, self._seconds = state["waited"], state["seconds"]
        if self._average is not None:
            self._average.restore(state["average"])
        self._since = time.perf_counter()

    def _patient(self) -> bool:
        if not self._patience:
            return True
        point = self.curve[-1]
        best = next((p.val_loss for p in self.curve if p.step == self._best_step), math.inf)
        if point.val_loss < best:
            self._best, self._best_step, self._waited = copy.deepcopy(self._model.state_dict()), point.step, 0
        else:
            self._waited += 1
        return self._waited < self._patience
