"""Softmax regression on frozen features: heads of many folds, seeds and weight decays as one batched problem."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from bench.declare.artifact import Report
from bench.learning.heads.head import Head, HeadTask, Standard
from bench.learning.seeds import seeded, stream
from bench.learning.training.loop import Training
from bench.learning.training.order import Order
from bench.learning.training.techniques.losses import class_weights
from bench.learning.training.watch import Point, marks

MOST_WEIGHTS = 1 << 24
"""Weights that are trained together; more go one batch of tasks after the other, so that memory stays bounded."""


def softmax_heads(tasks: Sequence[HeadTask], training: Training, batch: int, report: Report) -> tuple[Head, ...]:
    """A head for each task; validation picks its weight decay, among those of the recipe.

    Tasks with a last fit (all or none) are trained once more for as many steps, with the decays that were picked.

    Args:
        tasks: of the same classes and features of the same length.
        training: recipe, steps, learning rate, patience; the recipe's weight decay of whole models is left aside.
        batch: images a step, of each task.
        report: shows each point of the curves' mean.
    """
    decays = training.recipe.head_decays
    each = tasks[0].train.features.shape[1] * tasks[0].classes * len(decays)
    size = max(1, MOST_WEIGHTS // each)
    chunks = [tasks[i : i + size] for i in range(0, len(tasks), size)]
    found = [head for chunk in chunks for head in _Together(chunk, training, batch).heads(report)]
    again = [task for task in map(HeadTask.again, tasks) if task is not None]
    for i in range(0, len(again), size):
        first = found[i : i + size]
        last = _Together(again[i : i + size], training, batch).heads(report, [head.strength for head in first])
        found[i : i + size] = [head.chosen_by(other) for head, other in zip(last, first, strict=True)]
    return tuple(found)


@dataclass
class _Curves:
    """What validation saw of T tasks with K decays each."""

    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    losses: list[torch.Tensor] = field(default_factory=list)
    """Each T x K."""
    top1: list[torch.Tensor] = field(default_factory=list)
    val_losses: list[torch.Tensor] = field(default_factory=list)


class _Together:
    """T tasks times K weight decays, all trained at once: one matrix product a step."""

    def __init__(self, tasks: Sequence[HeadTask], training: Training, batch: int) -> None:
        self._tasks, self._training, self._batch = tasks, training, batch
        decays, scaled = training.recipe.head_decays, training.recipe.standardised
        self._decays = torch.tensor(decays)
        self._standards = [(Standard.of if scaled else Standard.none)(task.train.own[0]) for task in tasks]
        self._orders = [Order(len(task.train), batch, task.seed, task.fold) for task in tasks]
        first = [self._first_layer(task) for task in tasks]
        # T x K x classes x (D + 1): the bias is the weight of a feature that is always one
        self._weight = torch.stack(first).unsqueeze(1).repeat(1, len(decays), 1, 1).requires_grad_()
        self._val = [self._ready(i, *task.val.own) for i, task in enumerate(tasks)]
        balanced = training.recipe.objective.balanced
        weights = [class_weights(task.train.own[1], task.classes) for task in tasks] if balanced else []
        self._counts = torch.stack(weights) if weights else None
        """T x classes: how much an image counts by its class; None: as any other."""
        self._curves = _Curves()
        self._best = self._weight.detach().clone()
        self._best_at = torch.zeros(self._weight.shape[:2], dtype=torch.int64)
        self._lowest = torch.full(self._weight.shape[:2], torch.inf)
        self._waited = torch.zeros_like(self._best_at)

    def heads(self, report: Report, strengths: Sequence[float] = ()) -> Iterator[Head]:
        """Train, and give each task the head that validates best, or that of a weight decay that was chosen."""
        seconds = self._train(report) / len(self._tasks)
        known = self._decays.tolist()
        for i, task in enumerate(self._tasks):
            yield self._chosen(i, task, seconds, known.index(strengths[i]) if strengths else None)

    @staticmethod
    def _first_layer(task: HeadTask) -> torch.Tensor:
        with seeded(stream("head", task.seed, task.fold)):
            layer = nn.Linear(task.train.features.shape[1], task.classes)
        return torch.cat([layer.weight.detach(), layer.bias.detach()[:, None]], 1)

    def _ready(self, i: int, features: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        scaled = self._standards[i].apply(features)
        return torch.cat([scaled, scaled.new_ones(len(scaled), 1)], 1), labels

    def _train(self, report: Report) -> float:
        """Returns the seconds that it took, validation left out."""
        training, epoch = self._training, self._batch / self._tasks[0].epoch
        optimizer = training.optimizer([self._weight], weight_decay=0.0)
        looks = marks(training.steps, 1 / epoch, every_epoch=training.patience is not None)
        losses, seconds, since = [], 0.0, time.perf_counter()
        for step in range(1, training.steps + 1):
            losses.append(self._step(optimizer, training.lr_at(step - 1, (step - 1) * epoch)))
            if step not in looks:
                continue
            seconds += time.perf_counter() - since
            goes_on = self._look(step, torch.stack(losses).mean(0), seconds / len(self._tasks), report)
            losses.clear()
            if not goes_on:
                break
            since = time.perf_counter()
        return seconds

    def _step(self, optimizer: torch.optim.Optimizer, lr: float) -> torch.Tensor:
        """One step of every head; their losses before it, T x K."""
        batches = [self._ready(i, *task.train.take(next(self._orders[i]))) for i, task in enumerate(self._tasks)]
        inputs = torch.stack([features for features, _ in batches])
        labels = torch.stack([some for _, some in batches])
        losses = self._losses(inputs, labels)
        (found,) = torch.autograd.grad(losses.sum(), [self._weight])
        with torch.no_grad():
            if self._training.recipe.clip is not None:
                norm = torch.linalg.vector_norm(found, dim=(2, 3), keepdim=True)
                found = found * (self._training.recipe.clip / (norm + 1e-6)).clamp(max=1.0)
            # a fused optimizer reads the memory of both as if it lay alike
            self._weight.grad = found.contiguous()
            # decoupled weight decay (Loshchilov and Hutter 2019), of another strength for each head
            self._weight.mul_((1 - lr * self._decays).view(1, -1, 1, 1))
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
        return losses.detach()

    def _losses(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy of each head, T x K, on T x B x (D + 1) features."""
        tasks, decays, classes, _ = self._weight.shape
        logits = (inputs @ self._weight.flatten(1, 2).transpose(1, 2)).view(tasks, -1, decays, classes)
        wanted = labels[:, :, None].expand(-1, -1, decays)
        smoothing = self._training.recipe.objective.smoothing
        losses = nn.functional.cross_entropy(
            logits.permute(0, 3, 1, 2), wanted, reduction="none", label_smoothing=smoothing
        )
        if self._counts is None:
            return losses.mean(1)
        counts = self._counts.gather(1, labels)[:, :, None]
        return (losses * counts).sum(1) / counts.sum(1)

    @torch.no_grad()
    def _look(self, step: int, losses: torch.Tensor, seconds: float, report: Report) -> bool:
        """Validate all heads, each on its own images; False when the patience of all is over.

        Raises:
            FloatingPointError: a loss is no longer a number.
        """
        if not losses.isfinite().all():
            raise FloatingPointError(
                f"the training loss is not finite at step {step}: the learning rate is too high"
            )
        top1, val_losses = torch.empty_like(losses), torch.empty_like(losses)
        for i, (features, labels) in enumerate(self._val):
            logits = features @ self._weight[i].transpose(1, 2)  # K x N x classes
            top1[i] = (logits.argmax(2) == labels).float().mean(1)
            spread = labels.expand(len(self._decays), -1)
            val_losses[i] = nn.functional.cross_entropy(logits.permute(0, 2, 1), spread, reduction="none").mean(1)
        seen = self._curves
        seen.steps.append(step)
        seen.seconds.append(seconds)
        seen.losses.append(losses)
        seen.top1.append(top1)
        seen.val_losses.append(val_losses)
        report(
            {"step": step, "steps": self._training.steps, "loss": float(losses.mean()), "val": float(top1.mean())}
        )
        return self._keep_best(val_losses)

    def _keep_best(self, val_losses: torch.Tensor) -> bool:
        look = len(self._curves.steps) - 1
        better = val_losses < self._lowest
        if not self._training.patience:
            better = torch.ones_like(better)
        else:
            better &= self._waited < self._training.patience  # one whose patience is over has stopped
        self._best[better] = self._weight.detach()[better]
        self._best_at[better] = look
        self._lowest = torch.where(better, val_losses, self._lowest)
        self._waited = torch.where(better, 0, self._waited + 1)
        return not self._training.patience or bool((self._waited < self._training.patience).any())

    def _chosen(self, i: int, task: HeadTask, seconds: float, given: int | None) -> Head:
        top1 = torch.stack(self._curves.top1)
        vals = [float(top1[self._best_at[i, k], i, k]) for k in range(len(self._decays))]
        k = vals.index(max(vals)) if given is None else given
        best = self._best[i, k]
        weight, bias = self._standards[i].folded(best[:, :-1], best[:, -1])
        return Head(weight, bias, self._curve(i, k, task.epoch), vals[k], float(self._decays[k]), seconds)

    def _curve(self, i: int, k: int, n: int) -> tuple[Point, ...]:
        seen = self._curves
        rows = zip(seen.steps, seen.losses, seen.top1, seen.val_losses, seen.seconds, strict=True)
        return tuple(
            Point(
                step=step,
                epoch=step * self._batch / n,
                loss=float(loss[i, k]),
                val=float(top1[i, k]),
                val_loss=float(val_loss[i, k]),
                seconds=seconds,
                images=step * self._batch,
            )
            for step, loss, top1, val_loss, seconds in rows
        )
