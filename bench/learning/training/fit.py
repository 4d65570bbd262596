"""Training of a whole model or of its upper part on labelled images."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.declare.artifact import Report
from bench.learning.seeds import seeded, stream
from bench.learning.surgery import freeze_below, place
from bench.learning.training.device.kernels import kernels_for
from bench.learning.training.device.rehearsal import rehearse
from bench.learning.training.device.waiting import Waiting
from bench.learning.training.loop import TrainingPlan, optimise
from bench.learning.training.networks import WHOLE, Network, loss_of, network_of
from bench.learning.training.task import TrainingTask
from bench.learning.training.techniques.depth import depth_of
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Course, CurvePoint, Watch
from bench.network.building import trainable_parameters
from bench.network.precision import by_kernels


@dataclass(frozen=True)
class TrainedModel:
    """A trained model with its learning curve."""

    model: nn.Module
    answers: Network
    curve: tuple[CurvePoint, ...]
    standing: CurvePoint
    """Point of the curve whose weights the model has."""
    trainable: int
    """Number of trained parameters: auxiliary heads, whose loss is not used, are not counted."""
    warnings: tuple[str, ...]
    """Warnings about kernels that were left out, and about missing layers."""
    told: dict[str, Any] = field(default_factory=dict)
    """Details that a GPU, 16 bits, a compiler and the recipe add to the record: the way of pictures, the wait for
    them, whether the seconds include set-up, the scale of the loss, the layers and the weights of the classes."""


def fit(
    model: nn.Module,
    task: TrainingTask,
    training: TrainingPlan,
    report: Report,
    unfinished: Path,
    trained: tuple[str, ...] = WHOLE,
) -> TrainedModel:
    """Train the named modules as the recipe says; the rest is frozen, in eval mode.

    Args:
        model: model with its initial weights; it is changed.
        task: the images.
        training: conditions of the training.
        report: shows each point of the curve.
        unfinished: the file in which a killed training of the same cell left its state.
        trained: dotted names of what learns; by default all. What the builder has frozen stays so.

    Raises:
        Unsupported: nothing is left to learn, or this CPU computes wrongly in the task's precision.
        Misdeclared: the scores cannot be told from what else the model answers with.
    """
    with closing(Fitting(model, task, training, trained)) as fitting:
        return fitting.run(training, report, unfinished)


class Fitting:
    """Parts that trainings of one model share and that are made once: the network that learns, and its feeding."""

    def __init__(
        self, model: nn.Module, task: TrainingTask, training: TrainingPlan, trained: tuple[str, ...] = WHOLE
    ) -> None:
        """Prepare everything for a first step; the arguments and errors are those of `fit`."""
        self.model = place(model, task.device, task.precision)
        freeze_below(self.model, trained)
        self.parameters = trainable_parameters(self.model)
        kernels = kernels_for(self.model, task, trained)
        self._warnings = kernels.warnings
        self._task = task = replace(task, onednn=kernels.onednn)
        self.order, self._waiting = task.order(), Waiting(task.device)
        self.network = network_of(self.model, task, trained, self.order, self._waiting)
        self._depth = depth_of(self.model)
        self._told = {**self.network.told, **task.told, **rehearse(self.network, task, training)}

    def run(self, training: TrainingPlan, report: Report, unfinished: Path) -> TrainedModel:
        """Train the model from the present state of its weights, its order and its augmentation."""
        task, network = self._task, self.network
        train, val = task.partition.train, task.partition.val
        watch = Watch(
            self.model,
            lambda: judged(network.answers(val), task.labels[val]),
            partial(tell, report),
            Course(training.steps, task.batch, len(train), training.patience, training.duration),
            waiting=self._waiting,
            averaging=training.recipe.averaging,
        )
        resumable = Unfinished(unfinished, self.model, network.drawing)
        dropout = stream("dropout", task.seed, task.fold)
        with seeded(dropout), by_kernels(onednn=task.onednn):
            loss = partial(loss_of, network, task)
            scaler = optimise(self.parameters, loss, self.order, training, watch, resumable, self._depth)
        resumable.end()
        trainable = sum(p.numel() for p in self.parameters if p.grad is not None)
        decay = training.values.layer_decay
        told = self._told | self._depth.told(decay) | self._told_after(scaler)
        warnings = (*self._warnings, *self._depth.warnings(decay))
        return self.fitted(tuple(watch.curve), watch.standing, trainable, warnings, told)

    def fitted(
        self,
        curve: tuple[CurvePoint, ...],
        standing: CurvePoint,
        trainable: int,
        warnings: tuple[str, ...],
        told: dict[str, Any],
    ) -> TrainedModel:
        """The model in the state that a training has left."""
        return TrainedModel(self.model, self.network, curve, standing, trainable, warnings, told)

    def close(self) -> None:
        """End learning, and release what it needs beside the model."""
        self.network.close()

    def _told_after(self, scaler: torch.amp.GradScaler) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self._waiting.share is not None:
            told["gpu_waits"] = self._waiting.share
        if scaler.is_enabled():
            told["loss_scaling"] = {"by": "torch.amp.GradScaler", "scale": scaler.get_scale()}
        return told


def judged(logits: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Top-1 and mean negative log-likelihood in nats."""
    right = float((logits.argmax(1) == labels).double().mean())
    return right, float(nn.functional.cross_entropy(logits.double(), labels))


def tell(report: Report, point: CurvePoint, steps: int) -> None:
    """Show a point of the curve as progress."""
    report({"step": point.step, "steps": steps, "epoch": point.epoch, "loss": point.loss, "val": point.val})
