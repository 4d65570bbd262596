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
from bench.learning.training.loop import Training, optimise
from bench.learning.training.networks import WHOLE, Network, loss_of, network_of
from bench.learning.training.task import Task
from bench.learning.training.techniques.depth import depth_of
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Point, Watch
from bench.network.building import trainable_parameters
from bench.network.precision import by_kernels


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
    warnings: tuple[str, ...]
    """Of kernels that were left out, and of layers that there are not."""
    told: dict[str, Any] = field(default_factory=dict)
    """What a GPU, 16 bits, a compiler and the recipe add to the record: how pictures came, the wait for them,
    whether the seconds hold its set-up, what the loss was scaled by, the layers and the weights of the classes."""


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
        Unsupported: nothing is left to learn, or this CPU computes wrongly in the task's precision.
        Misdeclared: the scores cannot be told from what else the model answers with.
    """
    model = place(model, task.device, task.precision)
    freeze_below(model, trained)
    parameters = trainable_parameters(model)
    kernels = kernels_for(model, task, trained)
    task = replace(task, onednn=kernels.onednn)
    order, waiting = task.order(), Waiting(task.device)
    train, val = task.partition.train, task.partition.val
    network = network_of(model, task, trained, order, waiting)
    depth, decay = depth_of(model), training.values.layer_decay
    told = {**network.told, **task.told, **depth.told(decay), **rehearse(network, task, training)}
    watch = Watch(
        model,
        lambda: judged(network.answers(val), task.labels[val]),
        partial(tell, report),
        steps=training.steps,
        batch=task.batch,
        n=len(train),
        patience=training.patience,
        duration=training.duration,
        waiting=waiting,
        averaging=training.recipe.averaging,
    )
    resumable = Unfinished(unfinished, model, network.drawing)
    dropout = stream("dropout", task.seed, task.fold)
    with closing(network), seeded(dropout), by_kernels(onednn=task.onednn):
        scaler = optimise(parameters, partial(loss_of, network, task), order, training, watch, resumable, depth)
    resumable.end()
    trainable = sum(p.numel() for p in parameters if p.grad is not None)
    if waiting.share is not None:
        told["gpu_waits"] = waiting.share
    if scaler.is_enabled():
        told["loss_scaling"] = {"by": "torch.amp.GradScaler", "scale": scaler.get_scale()}
    warnings = (*kernels.warnings, *depth.warnings(decay))
    return Fitted(model, network, tuple(watch.curve), watch.standing, trainable, warnings, told)


def judged(logits: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Top-1 and mean negative log-likelihood in nats."""
    right = float((logits.argmax(1) == labels).double().mean())
    return right, float(nn.functional.cross_entropy(logits.double(), labels))


def tell(report: Report, point: Point, steps: int) -> None:
    """Show a point of the curve as progress."""
    report({"step": point.step, "steps": steps, "epoch": point.epoch, "loss": point.loss, "val": point.val})
