"""Softmax regression on frozen features: heads of many folds, seeds and weight decays as one batched problem."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import nn

from bench.declare.artifact import Report
from bench.learning.heads.head import Head, HeadTask, Standard
from bench.learning.recipes import Values
from bench.learning.seeds import seeded, stream
from bench.learning.training.loop import TrainingPlan
from bench.learning.training.order import ImageOrder
from bench.learning.training.techniques.losses import class_weights
from bench.learning.training.watch import NOT_FINITE, CurvePoint, marks

MOST_WEIGHTS = 1 << 24
"""Most weights that are trained together; more are split into batches of tasks, so that memory stays bounded."""


def softmax_heads(
    tasks: Sequence[HeadTask], training: TrainingPlan, batch: int, report: Report
) -> tuple[Head, ...]:
    """One head per task; validation chooses its weight decay from those of the recipe.

    Tasks with a last fit (all or none) are trained once more for as many steps, with the decays that were picked.

    Args:
        tasks: tasks with the same classes and with features of the same length.
        training: recipe, steps, learning rate, patience; the recipe's weight decay of whole models is left aside.
        batch: images a step, of each task.
        report: shows each point of the curves' mean.

    Raises:
        FloatingPointError: a loss is no longer a number.
    """
    values = [usual(training)] * len(tasks)
    found = [of_highest_top1(heads) for heads in every_head(tasks, values, training, batch, report)]
    again = [task for task in map(HeadTask.again, tasks) if task is not None]
    for i, heads in enumerate(every_head(again, values[: len(again)], training, batch, report)):
        found[i] = next(head for head in heads if head.strength == found[i].strength).chosen_by(found[i])
    return tuple(found)


def usual(training: TrainingPlan) -> tuple[Values, ...]:
    """The weight decays of the recipe, at the training's learning rate."""
    return tuple(replace(training.values, weight_decay=decay) for decay in training.recipe.head_decays)


def of_highest_top1(heads: Sequence[Head]) -> Head:
    """The best head that has not failed: the strongest decay comes first, and wins a tie."""
    return max(heads, key=lambda head: -1.0 if head.failed else head.val)


def every_head(
    tasks: Sequence[HeadTask],
    values: Sequence[Sequence[Values]],
    training: TrainingPlan,
    batch: int,
    report: Report,
    *,
    apart: bool = False,
) -> list[tuple[Head, ...]]:
    """For each task, a head for each of its values.

    Args:
        tasks: tasks with the same classes and with features of the same length.
        values: learning rates and weight decays of each task, as many of one as of another.
        training: recipe, steps, patience.
        batch: images a step, of each task.
        report: shows each point of the curves' mean.
        apart: the heads of a task are trials: each has a share of its own of the seconds, and may fail alone.

    Raises:
        FloatingPointError: a loss is no longer a number, and heads do not stand apart.
    """
    if not tasks:
        return []
    each = tasks[0].train.features.shape[1] * tasks[0].classes * len(values[0])
    size = max(1, MOST_WEIGHTS // each)
    chunks = (slice(i, i + size) for i in range(0, len(tasks), size))
    made = (_Together(tasks[some], values[some], training, batch, apart=apart) for some in chunks)
    return [heads for together in made for heads in together.heads(report)]


@dataclass
class _Curves:
    """Validation curves of T tasks with K heads each."""

    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    losses: list[torch.Tensor] = field(default_factory=list)
    """Losses of each point, T x K."""
    top1: list[torch.Tensor] = field(default_factory=list)
    val_losses: list[torch.Tensor] = field(default_factory=list)


class _Together:
    """T tasks times K heads, all trained at once with one matrix product per step."""

    def __init__(
        self,
        tasks: Sequence[HeadTask],
        values: Sequence[Sequence[Values]],
        training: TrainingPlan,
        batch: int,
        *,
        apart: bool,
    ) -> None:
        self._tasks, self._values, self._training, self._batch = tasks, values, training, batch
        self._apart, scaled = apart, training.recipe.standardised
        self._decays = torch.tensor([[one.weight_decay for one in some] for some in values])
        self._rates = torch.tensor([[one.lr for one in some] for some in values], dtype=torch.float64)
        self._standards = [(Standard.of if scaled else Standard.none)(task.train.own[0]) for task in tasks]
        self._orders = [ImageOrder(len(task.train), batch, task.seed, task.fold) for task in tasks]
        first = [self._first_layer(task) for task in tasks]
        # T x K x classes x (D + 1): the bias is the weight of a feature that is always one
        self._weight = torch.stack(first).unsqueeze(1).repeat(1, len(values[0]), 1, 1).requires_grad_()
        one_rate = bool((self._rates == self._rates[0, 0]).all())
        self._moved = None if one_rate else torch.zeros_like(self._weight)
        """Change of the weights by a step at a rate of 1; None: rates are equal, and the optimizer changes
        weights."""
        self._val = [self._ready(i, *task.val.own) for i, task in enumerate(tasks)]
        balanced = training.recipe.objective.balanced
        weights = [class_weights(task.train.own[1], task.classes) for task in tasks] if balanced else []
        self._counts = torch.stack(weights) if weights else None
        """Weight of an image by its class, T x classes; None: all count alike."""
        self._curves = _Curves()
        self._best = self._weight.detach().clone()
        self._best_at = torch.zeros(self._weight.shape[:2], dtype=torch.int64)
        self._lowest = torch.full(self._weight.shape[:2], torch.inf)
        self._waited = torch.zeros_like(self._best_at)
        self._failed = torch.zeros_like(self._best_at)
        """Step at which a loss was found not to be a number; 0: none was."""

    def heads(self, report: Report) -> Iterator[tuple[Head, ...]]:
        """Train, and return the K heads of each task.

        Raises:
            FloatingPointError: a loss is no longer a number, and heads do not stand apart.
        """
        seconds = self._train(report) / self._parts
        if not self._apart and self._failed.any():
            raise FloatingPointError(NOT_FINITE.format(int(self._failed.max())))
        for i, task in enumerate(self._tasks):
            yield tuple(self._head(i, k, task, seconds) for k in range(len(self._values[i])))

    @property
    def _parts(self) -> int:
        """Number of equal shares that the seconds are divided into."""
        return len(self._tasks) * (len(self._values[0]) if self._apart else 1)

    @staticmethod
    def _first_layer(task: HeadTask) -> torch.Tensor:
        with seeded(stream("head", task.seed, task.fold)):
            layer = nn.Linear(task.train.features.shape[1], task.classes)
        return torch.cat([layer.weight.detach(), layer.bias.detach()[:, None]], 1)

    def _ready(self, i: int, features: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        scaled = self._standards[i].apply(features)
        return torch.cat([scaled, scaled.new_ones(len(scaled), 1)], 1), labels

    def _train(self, report: Report) -> float:
        """Train, and return the seconds without validation."""
        training, epoch = self._training, self._batch / self._tasks[0].epoch
        optimizer = training.optimizer([self._weight if self._moved is None else self._moved], weight_decay=0.0)
        looks = marks(training.steps, 1 / epoch, every_epoch=training.patience is not None)
        losses, seconds, since = [], 0.0, time.perf_counter()
        for step in range(1, training.steps + 1):
            share = training.recipe.schedule(step - 1, training.steps, (step - 1) * epoch)
            losses.append(self._step(optimizer, share))
            if step not in looks:
                continue
            seconds += time.perf_counter() - since
            goes_on = self._look(step, torch.stack(losses).mean(0), seconds / self._parts, report)
            losses.clear()
            if not goes_on:
                break
            since = time.perf_counter()
        return seconds

    def _step(self, optimizer: torch.optim.Optimizer, share: float) -> torch.Tensor:
        """One step of every head, at a share of its learning rate; returns the losses before it, T x K."""
        batches = [self._ready(i, *task.train.take(next(self._orders[i]))) for i, task in enumerate(self._tasks)]
        inputs = torch.stack([features for features, _ in batches])
        labels = torch.stack([some for _, some in batches])
        losses = self._losses(inputs, labels)
        (found,) = torch.autograd.grad(losses.sum(), [self._weight])
        with torch.no_grad():
            if self._training.recipe.clip is not None:
                norm = torch.linalg.vector_norm(found, dim=(2, 3), keepdim=True)
                found = found * (self._training.recipe.clip / (norm + 1e-6)).clamp(max=1.0)
            self._change(found.contiguous(), optimizer, share)
        return losses.detach()

    def _change(self, gradient: torch.Tensor, optimizer: torch.optim.Optimizer, share: float) -> None:
        rates = (self._rates * share)[:, :, None, None]
        # decoupled weight decay (Loshchilov and Hutter 2019), of another strength for each head
        self._weight.mul_(1 - rates.float() * self._decays[:, :, None, None])
        # a fused optimizer reads the memory of weight and gradient as if it lay alike
        if self._moved is None:
            self._weight.grad = gradient
            optimizer.param_groups[0]["lr"] = float(rates[0, 0])
            optimizer.step()
            return
        # what optimizers change is in proportion to their rate, of which they have one for all
        self._moved.grad = gradient
        optimizer.param_groups[0]["lr"] = 1.0
        optimizer.step()
        self._weight.add_(self._moved * rates.float())
        self._moved.zero_()

    def _losses(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy of each head, T x K, on T x B x (D + 1) features."""
        tasks, heads, classes, _ = self._weight.shape
        logits = (inputs @ self._weight.flatten(1, 2).transpose(1, 2)).view(tasks, -1, heads, classes)
        wanted = labels[:, :, None].expand(-1, -1, heads)
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
        """Validate all heads, each on its own images; False when all have failed, or their patience is over."""
        self._failed = torch.where((self._failed == 0) & ~losses.isfinite(), step, self._failed)
        top1, val_losses = torch.empty_like(losses), torch.empty_like(losses)
        for i, (features, labels) in enumerate(self._val):
            logits = features @ self._weight[i].transpose(1, 2)  # K x N x classes
            top1[i] = (logits.argmax(2) == labels).float().mean(1)
            spread = labels.expand(len(logits), -1)
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
        failed = self._failed > 0
        over = failed.all() if self._apart else failed.any()
        return self._keep_best(val_losses) and not over

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

    def _head(self, i: int, k: int, task: HeadTask, seconds: float) -> Head:
        seen, at, best = self._curves, int(self._best_at[i, k]), self._best[i, k]
        weight, bias = self._standards[i].folded(best[:, :-1], best[:, -1])
        values, failed_at = self._values[i][k], int(self._failed[i, k])
        return Head(
            weight,
            bias,
            self._curve(i, k, task.epoch),
            val=float(seen.top1[at][i, k]),
            strength=values.weight_decay,
            seconds=seconds,
            val_loss=float(seen.val_losses[at][i, k]),
            lr=values.lr,
            failed=NOT_FINITE.format(failed_at) if failed_at else "",
        )

    def _curve(self, i: int, k: int, n: int) -> tuple[CurvePoint, ...]:
        seen = self._curves
        rows = zip(seen.steps, seen.losses, seen.top1, seen.val_losses, seen.seconds, strict=True)
        return tuple(
            CurvePoint(
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
